internal import COneLogger

/// Work on threads of its own, side by side.
///
/// What is left is guarded by the monitor: that is why it is `Sendable`.
@safe
final class SideWork: Sendable {
    private let monitor = Monitor()
    nonisolated(unsafe) private var left: Int

    /// Starts all of it.
    ///
    /// What gets no thread is done at once.
    init(_ works: [@Sendable () -> Void]) {
        unsafe left = works.count
        for work in works {
            let isStarted = startThread {
                work()
                self.finishOne()
            }
            guard !isStarted else { continue }
            work()
            finishOne()
        }
    }

    private func finishOne() {
        monitor.withLock {
            unsafe left -= 1
            monitor.signal()
        }
    }

    /// Waits until all of it is done, or until the deadline.
    func wait(until deadline: UInt64) {
        monitor.withLock {
            while unsafe left > 0, ol_monotonic() < deadline { _ = monitor.wait(until: deadline) }
        }
    }
}
