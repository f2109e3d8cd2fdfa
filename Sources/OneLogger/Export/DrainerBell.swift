internal import COneLogger
internal import Synchronization

/// Where the drainer sleeps.
///
/// A wake costs as much as a hundred spans, so it is rung only when it matters.
final class DrainerBell: Sendable {
    private let monitor = Monitor()
    private let isRung = Atomic<Bool>(false)

    func sleep(until deadline: UInt64) {
        monitor.withLock {
            while !isRung.exchange(false, ordering: .acquiringAndReleasing) {
                if !monitor.wait(until: deadline), ol_monotonic() >= deadline { return }
            }
        }
    }

    func ring() {
        guard !isRung.exchange(true, ordering: .acquiringAndReleasing) else { return }
        monitor.withLock { monitor.signal() }
    }

    func prepareFork() { monitor.lock() }
    func parentAfterFork() { monitor.unlock() }
    func childAfterFork() { monitor.reset() }
}
