internal import OneLogger
internal import Synchronization

#if THREAD_SANITIZER
/// A value behind a lock that the thread sanitizer understands.
@safe
final class Locked<Value>: Sendable {
    private let monitor = Monitor()
    nonisolated(unsafe) private var value: Value

    init(_ value: Value) { unsafe self.value = value }

    func withLock<Result, E: Error>(_ body: (inout Value) throws(E) -> Result) throws(E) -> Result {
        monitor.lock()
        defer { monitor.unlock() }
        return try unsafe body(&value)
    }
}
#else
/// A value behind a lock.
typealias Locked = Mutex
#endif
