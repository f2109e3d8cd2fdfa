internal import COneLogger

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A lock with one condition.
///
/// Not `Synchronization.Mutex`, which has no condition. The pointers never change after `init` and what they point to
/// is the operating system's own, made to be shared: that is why it is `Sendable`.
@safe
package final class Monitor: Sendable {
    nonisolated(unsafe) private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    nonisolated(unsafe) private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    package init() { reset() }

    /// The clock that ``wait(until:)`` goes by.
    ///
    /// Unit: nanoseconds.
    package static var now: UInt64 { ol_monotonic() }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// For a forked child: whoever held the lock does not exist here.
    func reset() {
        unsafe pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        #if !canImport(Darwin)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        #endif
        unsafe pthread_cond_init(condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    package func lock() { unsafe _ = pthread_mutex_lock(mutex) }
    package func unlock() { unsafe _ = pthread_mutex_unlock(mutex) }

    package func withLock<R: ~Copyable, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
        lock()
        defer { unlock() }
        return try body()
    }

    /// Wakes everyone who waits.
    ///
    /// Call it with the lock held, or after a change that was made with it held.
    package func signal() { unsafe _ = pthread_cond_broadcast(condition) }

    /// Gives the lock up, waits for a signal or until `deadline` (nanoseconds of CLOCK_MONOTONIC), takes the lock again.
    ///
    /// May also return early. False after the deadline.
    package func wait(until deadline: UInt64) -> Bool {
        #if canImport(Darwin)
        let now = ol_monotonic(), rest = deadline > now ? deadline - now : 0
        var time = timespec(nanoseconds: rest)
        return unsafe pthread_cond_timedwait_relative_np(condition, mutex, &time) == 0
        #else
        var time = timespec(nanoseconds: deadline)
        return unsafe pthread_cond_timedwait(condition, mutex, &time) == 0
        #endif
    }
}

extension timespec {
    fileprivate init(nanoseconds: UInt64) {
        let (seconds, rest) = Int(clamping: nanoseconds).quotientAndRemainder(dividingBy: 1_000_000_000)
        self.init(tv_sec: seconds, tv_nsec: rest)
    }
}

/// Which thread this is: never 0, and known in a forked child as well.
package var thisThread: UInt {
    #if canImport(Darwin)
    unsafe UInt(bitPattern: pthread_self())
    #else
    UInt(pthread_self())
    #endif
}

/// Starts a detached thread of ours: what it does is not recorded unless `isMuted` is false, signals go to the application's threads.
///
/// False when the system refuses another thread.
package func startThread(isMuted: Bool = true, _ body: @escaping @Sendable () -> Void) -> Bool {
    final class Box: Sendable {
        let isMuted: Bool
        let body: @Sendable () -> Void
        init(_ isMuted: Bool, _ body: @escaping @Sendable () -> Void) {
            self.isMuted = isMuted
            self.body = body
        }
    }
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    defer { unsafe pthread_attr_destroy(&attributes) }
    // The new thread inherits the mask: all signals blocked, so that handlers run where the application expects them.
    var all = sigset_t(), before = sigset_t()
    unsafe sigfillset(&all)
    unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    let box = unsafe Unmanaged.passRetained(Box(isMuted, body))
    #if canImport(Darwin)
    var thread: pthread_t?
    #else
    var thread = pthread_t()
    #endif
    let failed = unsafe pthread_create(
        &thread, &attributes,
        { raw in
            #if canImport(Darwin)
            let box = unsafe Unmanaged<Box>.fromOpaque(raw).takeRetainedValue()
            #else
            let box = unsafe Unmanaged<Box>.fromOpaque(raw.unsafelyUnwrapped).takeRetainedValue()
            #endif
            if box.isMuted { ol_set_muted(1) }
            box.body()
            return nil
        }, box.toOpaque())
    if failed != 0 { unsafe box.release() }
    return failed == 0
}
