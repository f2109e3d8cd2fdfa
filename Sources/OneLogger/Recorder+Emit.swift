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
        let attributes = attributes()
        unsafe withUnsafeTemporaryAllocation(byteCount: 544, alignment: 16) { frame in
            var fields = unsafe EventFields(frame.baseAddress.unsafelyUnwrapped)
            let isWanted = HotPath.beginEvent(
                &fields, gate, E.self, E.eventType, E.role, backend, taskID, nodeID, time, attributes)
            guard isWanted else { return }
            event.encode(to: &fields)
            HotPath.endEvent(&fields, E.eventType, E.role)
        }
    }

    /// Records an event whose type was made at run time.
    ///
    /// - Parameters:
    ///   - event: What happened, see `EventDefinition.callAsFunction(_:)`.
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
        HotPath.emit(event, gate, backend, taskID, nodeID, time, attributes())
    }
}
