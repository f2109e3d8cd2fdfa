import Foundation

/// Holds whoever comes until it is opened, for five minutes at most: where a test has failed, nobody waits for ever.
package final class Gate: Sendable {
    private let condition = NSCondition()
    nonisolated(unsafe) private var arrived = 0  // guarded by the condition, as is the next one
    nonisolated(unsafe) private var opened = false
    private let count: Int

    /// Creates a closed gate.
    ///
    /// - Parameter count: How many must have come for it to open by itself; without one it never does.
    package init(for count: Int = .max) { self.count = count }

    /// Whether everybody passes.
    package var isOpen: Bool { condition.withLock { unsafe opened } }

    /// Lets everybody through from now on.
    package func open() {
        condition.withLock {
            unsafe opened = true
            condition.broadcast()
        }
    }

    /// Waits until it is open; false when it did not open in time.
    @discardableResult
    package func pass() -> Bool {
        let limit = Date(timeIntervalSinceNow: 300)
        return condition.withLock {
            unsafe arrived += 1
            if unsafe arrived >= count {
                unsafe opened = true
                condition.broadcast()
            }
            while unsafe !opened { guard condition.wait(until: limit) else { return unsafe opened } }
            return true
        }
    }
}
