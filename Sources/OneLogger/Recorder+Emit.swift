public import OneLoggerCore
public import Synchronization

extension Recorder {
    /// Records an event of a declared type.
    ///
    /// From any thread. Costs no allocation while the fields are numbers, truth values and texts; when the recorder's pool
    /// is full, the event is handled as a span would be, and what is lost is counted. It belongs to the task that is
    /// named, else to the innermost open span, else to the session that is open.
    ///
    /// - Parameters:
    ///   - event: What happened; encoded only while something is recorded.
    ///   - backend: Which part of the system tells it.
    ///   - taskID: The task of the open session that it is about.
    ///   - nodeID: The machine that it is about.
    ///   - time: When it happened; nil means now.
    ///   - attributes: What else is known; evaluated only while something is recorded.
    @export(implementation) @inline(__always)
    public func emit<E: TelemetryEvent>(
        _ event: E, backend: String? = nil, taskID: String? = nil, nodeID: String? = nil, at time: Timestamp? = nil,
        attributes: @autoclosure () -> Attributes? = nil
    ) {
        let gate = gate.load(ordering: .relaxed)
        guard gate != 0 else { return }
        let base = EventBase(
            backend: backend, taskID: taskID, nodeID: nodeID, time: time, attributes: attributes(), role: E.role)
        emit(event, gate, base)
    }

    @export(implementation) @inline(__always)
    func emit<E: TelemetryEvent>(_ event: E, _ gate: UInt, _ base: EventBase) {
        unsafe withUnsafeTemporaryAllocation(byteCount: 544, alignment: 16) { frame in
            var fields = unsafe EventFields(frame.baseAddress.unsafelyUnwrapped)
            guard HotPath.beginEvent(&fields, gate, E.self, E.eventType, base) else { return }
            event.encode(to: &fields)
            HotPath.endEvent(&fields, E.eventType, base.role)
        }
    }

    /// Records an event whose type was made at run time.
    ///
    /// - Parameters:
    ///   - event: What happened, see ``EventDefinition/callAsFunction(_:)``.
    ///   - backend: Which part of the system tells it.
    ///   - taskID: The task of the open session that it is about.
    ///   - nodeID: The machine that it is about.
    ///   - time: When it happened; nil means now.
    ///   - attributes: What else is known.
    public func emit(
        _ event: DynamicEvent, backend: String? = nil, taskID: String? = nil, nodeID: String? = nil,
        at time: Timestamp? = nil, attributes: @autoclosure () -> Attributes? = nil
    ) {
        let gate = gate.load(ordering: .relaxed)
        guard gate != 0 else { return }
        let base = EventBase(
            backend: backend, taskID: taskID, nodeID: nodeID, time: time, attributes: attributes(), role: .ordinary)
        HotPath.emit(event, gate, base)
    }

    /// Records a task's event on behalf of the session, which has decided about it already.
    package func emitDecided<E: TelemetryEvent>(
        _ event: E, backend: String?, taskID: String?, at time: Timestamp, emitted: Timestamp,
        attributes: borrowing PackedAttributes
    ) {
        let gate = gate.load(ordering: .relaxed)
        guard gate != 0 else { return }
        var base = EventBase(
            backend: backend, taskID: taskID, nodeID: nil, time: time, attributes: nil, role: .ordinary)
        base.emitTime = emitted
        base.packed = attributes.bytes
        emit(event, gate, base)
    }
}

/// What every event may have.
@usableFromInline
struct EventBase: Sendable {
    @usableFromInline var backend, taskID, nodeID: String?
    @usableFromInline var time: Timestamp?
    @usableFromInline var attributes: Attributes?
    @usableFromInline var role: EventRole
    /// When it was emitted; nil means now.
    @usableFromInline var emitTime: Timestamp?
    /// All attributes, packed already; nothing is stamped on them.
    @usableFromInline var packed: [UInt8]?

    @inline(__always) @inlinable
    init(
        backend: String?, taskID: String?, nodeID: String?, time: Timestamp?, attributes: Attributes?, role: EventRole
    ) {
        self.backend = backend
        self.taskID = taskID
        self.nodeID = nodeID
        self.time = time
        self.attributes = attributes
        self.role = role
    }
}

/// Attributes as a record holds them, so that they need not be packed again for each event of a task.
package struct PackedAttributes: Sendable {
    let bytes: [UInt8]

    /// Packs what `body` appends.
    package init(_ body: (inout RecordBuffer) -> Void) {
        var buffer = RecordBuffer(capacity: 480)
        buffer.nested(RecordLayout.Tag.eventAttributes, body)
        bytes = buffer.bytes
    }
}
