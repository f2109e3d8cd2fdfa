internal import COneLogger
internal import Synchronization

/// Where the drainer sleeps.
///
/// A wake costs as much as a hundred spans, so it is rung only when it matters.
final class DrainerBell: Sendable {
    private let monitor = Monitor()
    private let isRung = Atomic<Bool>(false)
    private let wakes = Atomic<UInt64>(.max)

    /// When the one who sleeps here wakes by itself; the greatest number before its first sleep.
    ///
    /// Unit: nanoseconds of the monotonic clock.
    var wakesAt: UInt64 { wakes.load(ordering: .relaxed) }

    func sleep(until deadline: UInt64) {
        wakes.store(deadline, ordering: .relaxed)
        monitor.withLock {
            while !isRung.exchange(false, ordering: .acquiringAndReleasing) {
                if !monitor.wait(until: deadline), ol_monotonic() >= deadline { return }
            }
        }
    }

    func ring() {
        guard !isRung.exchange(true, ordering: .acquiringAndReleasing) else { return }
        // Who is about to sleep has seen the flag or hears the signal, which is given outside: inside, the thread that wakes
        // would have to wait for the lock.
        monitor.withLock {}
        monitor.signal()
    }

    /// Rings if the sleep would end within `nanoseconds` anyway; false if it would not.
    @discardableResult
    func ring(ifDueWithin nanoseconds: UInt64) -> Bool {
        let due = wakesAt, now = ol_monotonic()
        guard due <= now || due - now <= nanoseconds else { return false }
        ring()
        return true
    }

    func prepareFork() { monitor.lock() }
    func parentAfterFork() { monitor.unlock() }
    func childAfterFork() { monitor.reset() }
}
