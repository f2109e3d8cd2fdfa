internal import COneLogger
internal import Synchronization

/// Where the drainer sleeps.
///
/// A wake costs as much as a hundred spans, so it is rung only when it matters.
///
/// What is not atomic is touched with the lock held, and in a forked child, where there is one thread: that is why it is
/// `Sendable`.
@safe
final class DrainerBell: Sendable {
    private let monitor = Monitor()
    private let isRung = Atomic<Bool>(false)
    private let wakes = Atomic<UInt64>(.max)
    nonisolated(unsafe) private var isAwaited = false  // touched with `monitor` held, and in a child after its reset

    /// When the one who sleeps here wakes by itself; the greatest number before its first sleep.
    ///
    /// Unit: nanoseconds of the monotonic clock.
    var wakesAt: UInt64 { wakes.load(ordering: .relaxed) }

    func sleep(until deadline: UInt64) {
        wakes.store(deadline, ordering: .relaxed)
        monitor.withLock {
            setAwaited(false)
            while !isRung.exchange(false, ordering: .acquiringAndReleasing) {
                if !monitor.wait(until: deadline), ol_monotonic() >= deadline { return }
            }
        }
    }

    /// A thread that will sleep here is about to start, or could not be started.
    func willSleep(_ isStarting: Bool) { monitor.withLock { setAwaited(isStarting) } }

    /// Call with the lock held.
    private func setAwaited(_ isAwaited: Bool) {
        guard unsafe self.isAwaited != isAwaited else { return }
        unsafe self.isAwaited = isAwaited
        monitor.signal()
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

    /// Waits, for a bounded time, until a thread that was started to sleep here has done so once.
    ///
    /// What runs for the first time may hold a lock of the language's runtime, which a child would wait for in vain.
    func waitForFirstSleep(until deadline: UInt64) {
        monitor.withLock {
            while unsafe isAwaited, ol_monotonic() < deadline { _ = monitor.wait(until: deadline) }
        }
    }

    func prepareFork() { monitor.lock() }
    func parentAfterFork() { monitor.unlock() }
    func childAfterFork() {
        monitor.reset()
        unsafe isAwaited = false
        isRung.store(false, ordering: .relaxed)
        wakes.store(.max, ordering: .relaxed)
    }
}
