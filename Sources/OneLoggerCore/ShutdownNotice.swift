#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Tells an exporter that waits for something that its recorder shuts down, and until when it may go on.
///
/// An exporter that blocks for a bounded, short time needs none of this. One that waits for a peer asks ``deadline``
/// before and while it waits, and has itself woken: what it has not delivered by then counts as lost.
///
/// Every recorder makes some at its start, so its layout is known to the compiler: with `Mutex` and an `Instant` in it, the
/// language's runtime would take a tenth of a millisecond to find it out. What changes is guarded by the lock, whose pointer
/// never changes: that is why it is `Sendable`.
@safe
public final class ShutdownNotice: Sendable {
    private final class Moment: Sendable {
        let deadline: ContinuousClock.Instant
        init(_ deadline: ContinuousClock.Instant) { self.deadline = deadline }
    }

    nonisolated(unsafe) private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    nonisolated(unsafe) private var given: Moment?
    nonisolated(unsafe) private var wake: (@Sendable () -> Void)?

    /// Creates a notice that was not given yet.
    public init() { unsafe pthread_mutex_init(mutex, nil) }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    private func withLock<R>(_ body: () -> R) -> R {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body()
    }

    /// When the exporter must be closed; nil while nobody shuts down.
    public var deadline: ContinuousClock.Instant? { withLock { unsafe given?.deadline } }

    /// Has `wake` called once, by another thread, when the notice is given; at once when it was given before.
    ///
    /// The call must be short and must not use this notice. When this method returns, a closure that it replaced is not
    /// running and will not be called any more.
    ///
    /// - Parameter wake: What ends the exporter's wait; nil for nothing.
    public func onNotice(_ wake: (@Sendable () -> Void)?) {
        withLock { if unsafe given == nil { unsafe self.wake = wake } else { wake?() } }
    }

    /// Gives the notice; only the first deadline counts.
    public func give(until deadline: ContinuousClock.Instant) {
        withLock {
            guard unsafe given == nil else { return }
            unsafe given = Moment(deadline)
            unsafe wake?()
            unsafe wake = nil
        }
    }
}
