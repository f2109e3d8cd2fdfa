#if THREAD_SANITIZER
/// A value behind a lock that the thread sanitizer understands, for modules that are tested by many threads.
@safe
package final class Locked<Value>: Sendable {
    private let monitor = Monitor()
    nonisolated(unsafe) private var value: Value

    package init(_ value: Value) { unsafe self.value = value }

    package func withLock<Result: ~Copyable, E: Error>(
        _ body: (inout Value) throws(E) -> Result
    ) throws(E) -> Result {
        monitor.lock()
        defer { monitor.unlock() }
        return try unsafe body(&value)
    }
}
#else
package import Synchronization

/// A value behind a lock.
package typealias Locked = Mutex
#endif
