import Foundation
import OneLoggerCore
import OneLoggerTestSupport
import Synchronization
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// A child must not inherit a lock that the endpoint's thread held.
@Suite struct ForkPauseTests {
    @Test func `a fork waits for a thread that works, and not for one that waits`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            let hasWorked = Atomic<Bool>(false), isLeaving = Atomic<Bool>(false)
            var ends: [Int32] = [0, 0]
            guard unsafe pipe(&ends) == 0 else { exit(2) }
            let reader = ends[0]
            ForkPause.begin()
            Thread {
                // The fork has begun; one that does not wait would be over soon.
                while !ForkPause.isForking { sched_yield() }
                for _ in 0..<1_000 { sched_yield() }
                hasWorked.store(true, ordering: .relaxed)
                var places = [pollfd(fd: reader, events: Int16(POLLIN), revents: 0)]
                guard ForkPause.wait(for: &places, -1) == 1 else { exit(3) }
                // Held back while somebody forks, and not longer.
                isLeaving.store(true, ordering: .relaxed)
                ForkPause.end()
            }.start()
            // It works at the first fork, and waits at the others.
            for _ in 0..<20 {
                let child = patientFork()
                if child == 0 { _exit(hasWorked.load(ordering: .relaxed) ? 0 : 4) }
                var status: Int32 = 0
                guard unsafe waitpid(child, &status, 0) == child, status == 0 else { exit(5) }
            }
            guard unsafe write(ends[1], "x", 1) == 1 else { exit(6) }
            while !isLeaving.load(ordering: .relaxed) { sched_yield() }
            exit(0)
        }
    }
}
