import OneLogger
import OneLoggerCore
import OneLoggerTestSupport
import OneLoggerTesting
import Testing

@testable import ResourceTelemetry

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The child of a process that polls has none of its threads.
@Suite struct ResourceForkTests {
    @Test func `a forked child polls nothing, tells nothing and does not wait for threads that it has not`() async {
        await #expect(processExitsWith: .success) {
            var options = ResourceOptions()
            options.interval = .milliseconds(10)
            let recording = Recording(options)
            guard eventually({ recording.events.count > 2 }) else { _exit(2) }
            for _ in 0..<20 {
                let child = patientFork()
                if child == 0 {
                    // Nothing of this may wait for a lock or a thread that only the parent has.
                    let health = recording.plugin.health
                    recording.plugin.stop(deadline: Timestamp(secondsSince1970: 1e10))
                    let points = recording.recorder.metrics().filter { $0.name.hasPrefix("system.") }
                    _exit(health.contains { $0.polls > 0 } || !points.isEmpty ? 1 : 0)
                }
                var status: Int32 = 0
                unsafe waitpid(child, &status, 0)
                guard status == 0 else { _exit(3) }
            }
            do { try recording.end() } catch { _exit(4) }
        }
    }
}
