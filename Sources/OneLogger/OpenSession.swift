internal import COneLogger
package import OneLoggerCore
package import Synchronization

/// What the recorder must know about the session that is open on it.
///
/// Kept for ever once it was opened: a thread may be looking at it at any time.
@safe
package final class OpenSession: Sendable {
    /// The session's name.
    package let id: String
    /// The session's span.
    package let context: SpanContext
    /// Which workflow the current task or thread works for.
    package let scope = TaskLocal<EventScope?>(wrappedValue: nil)
    /// True from the first scope on; before, nobody looks for one.
    ///
    /// Never false again: a task may outlive the scope that made it.
    package let hasScopes = Atomic<Bool>(false)
    /// How many want to see every event.
    package let listeners = Atomic<Int>(0)
    package let observer: any SessionObserver
    /// The packed entry of the id; never changed, never freed.
    nonisolated(unsafe) let entry: UnsafeRawBufferPointer

    package init(id: String, context: SpanContext, observer: any SessionObserver) {
        self.id = id
        self.context = context
        self.observer = observer
        var buffer = RecordBuffer(capacity: 64)
        buffer.append(RecordLayout.Tag.session, id)
        let bytes = unsafe buffer.take()
        unsafe entry = unsafe UnsafeRawBufferPointer(start: bytes.base, count: bytes.count)
    }

    deinit { unsafe entry.deallocate() }

    /// The id of the span that belongs to a task of this session, always the same one.
    package func spanID(ofTask id: String) -> SpanID {
        var id = id
        return id.withUTF8 { bytes in unsafe spanID(ofTask: bytes) }
    }

    /// The context of a task's span.
    package func context(of span: SpanID) -> SpanContext {
        SpanContext(traceID: context.traceID, spanID: span, isSampled: context.isSampled)
    }

    @inline(__always)
    func spanID(ofTask bytes: UnsafeBufferPointer<UInt8>) -> SpanID {
        let seed = context.traceID.high ^ context.traceID.low
        guard let start = bytes.baseAddress else { return SpanID(seed | 1) }
        return unsafe SpanID(ol_seeded_hash(start, bytes.count, seed))
    }
}

/// The workflow or block that stamps its id on what is emitted inside.
package final class EventScope: Sendable {
    package let attributes: Attributes
    /// What the session keeps with it.
    package let state: (any Sendable)?

    package init(_ attributes: Attributes, state: (any Sendable)? = nil) {
        self.attributes = attributes
        self.state = state
    }
}

/// What a session does with events that the recorder alone cannot judge.
package protocol SessionObserver: Sendable {
    /// A task's event that somebody emitted directly; it is recorded only if the observer writes it.
    func decide(_ event: EventRecord)
    /// An event that was recorded and that concerns the session, or that somebody listens for.
    func note(_ event: EventRecord)
    /// The recorder shuts down: ends the session. Must return by `deadline`, nanoseconds of CLOCK_MONOTONIC.
    func recorderEnds(by deadline: UInt64)
}

extension Recorder {
    /// Opens a session; false when one is open.
    package func open(_ session: OpenSession) -> Bool {
        engine.withState { _ in
            guard unsafe ol_session(engine.core) == nil else { return false }
            unsafe ol_set_session(engine.core, Unmanaged.passRetained(session).toOpaque())
            return true
        }
    }

    /// Ends the session, if it is the one that is open.
    package func close(_ session: OpenSession) {
        engine.withState { _ in
            guard unsafe ol_session(engine.core) == Unmanaged.passUnretained(session).toOpaque() else { return }
            unsafe ol_set_session(engine.core, nil)
        }
    }

    /// The session that is open.
    package var openSession: OpenSession? { unsafe OpenSession.open(on: engine.core) }
}

extension OpenSession {
    @inline(__always)
    static func open(on core: UnsafeMutablePointer<ol_core>) -> OpenSession? {
        unsafe ol_session(core).map { unsafe Unmanaged<OpenSession>.fromOpaque($0).takeUnretainedValue() }
    }
}
