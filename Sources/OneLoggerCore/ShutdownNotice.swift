internal import Synchronization

/// Tells an exporter that waits for something that its recorder shuts down, and until when it may go on.
///
/// An exporter that blocks for a bounded, short time needs none of this. One that waits for a peer asks ``deadline``
/// before and while it waits, and has itself woken: what it has not delivered by then counts as lost.
public final class ShutdownNotice: Sendable {
    /// In a class of its own, because the runtime asks for the layout of an `Instant`: that takes 60 us, and every recorder
    /// makes a notice when it starts.
    private final class Moment: Sendable {
        let deadline: ContinuousClock.Instant
        init(_ deadline: ContinuousClock.Instant) { self.deadline = deadline }
    }

    private struct State {
        var given: Moment?
        var wake: (@Sendable () -> Void)?
    }

    private let state = Locked(State())

    /// Creates a notice that was not given yet.
    public init() {}

    /// When the exporter must be closed; nil while nobody shuts down.
    public var deadline: ContinuousClock.Instant? { state.withLock { $0.given?.deadline } }

    /// Has `wake` called once, by another thread, when the notice is given; at once when it was given before.
    ///
    /// The call must be short and must not use this notice. When this method returns, a closure that it replaced is not
    /// running and will not be called any more.
    ///
    /// - Parameter wake: What ends the exporter's wait; nil for nothing.
    public func onNotice(_ wake: (@Sendable () -> Void)?) {
        state.withLock { state in
            if state.given == nil { state.wake = wake } else { wake?() }
        }
    }

    /// Gives the notice; only the first deadline counts.
    public func give(until deadline: ContinuousClock.Instant) {
        state.withLock { state in
            guard state.given == nil else { return }
            state.given = Moment(deadline)
            state.wake?()
            state.wake = nil
        }
    }
}
