#if THREAD_SANITIZER
#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A value behind a lock that the thread sanitizer understands.
///
/// `Mutex` waits in code that the sanitizer does not see, which then reports every correct use of one. The value is
/// touched with the lock held only: that is why it is `Sendable`.
@safe
package final class Locked<Value: ~Copyable>: Sendable {
    nonisolated(unsafe) private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    nonisolated(unsafe) private var value: Value

    package init(_ value: consuming sending Value) {
        unsafe self.value = value
        unsafe pthread_mutex_init(mutex, nil)
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    package func withLock<Result: ~Copyable, E: Error>(_ body: (inout Value) throws(E) -> Result) throws(E) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try unsafe body(&value)
    }
}
#else
package import Synchronization

/// A value behind a lock.
package typealias Locked = Mutex
#endif
