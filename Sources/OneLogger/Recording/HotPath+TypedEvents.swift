internal import COneLogger
public import OneLoggerCore
internal import Synchronization

/// Typed events: a record is put together in a frame on the caller's stack, and copied into the thread's chunk.
extension HotPath {
    /// Writes what every event has, and leaves the place of the fields open.
    ///
    /// False when nothing is to be recorded.
    @inline(never) @usableFromInline
    static func beginEvent(
        _ fields: inout EventFields, _ gate: UInt, _ type: any TelemetryEvent.Type, _ name: StaticName,
        _ role: EventRole, _ backend: String?, _ taskID: String?, _ nodeID: String?, _ time: Timestamp?,
        _ attributes: Attributes?
    ) -> Bool {
        guard let t = unsafe find(gate) else { return false }
        let text = unsafe name.text.utf8Start, count = name.text.utf8CodeUnitCount
        guard unsafe mayEmit(t, type, text, count) else { return false }
        unsafe begin(&fields, t, text, count, role, backend, taskID, nodeID, time, attributes)
        return true
    }

    /// Whether a type's name is one that it may have; known per thread after the first time.
    @inline(__always)
    private static func mayEmit(
        _ t: Block, _ type: any TelemetryEvent.Type, _ text: UnsafePointer<UInt8>, _ count: Int
    ) -> Bool {
        let address = UInt64(UInt(bitPattern: text)), slot = Int32(truncatingIfNeeded: address ^ address &>> 5)
        if unsafe ol_name(t, slot) == address &<< 2 | eventVerdict { return true }
        let isFine = unsafe type is any BuiltInEvent.Type || UnsafeBufferPointer(start: text, count: count).contains(46)
        if isFine {
            unsafe ol_set_name(t, slot, address &<< 2 | eventVerdict)
        } else {
            refuse(unsafe ThreadBlocks.engine(t.pointee.core.unsafelyUnwrapped), type)
        }
        return isFine
    }

    /// Beside the verdicts of the filter: the name of an event type that is in order.
    static var eventVerdict: UInt64 { 3 }

    @inline(never)
    private static func refuse(_ engine: Engine, _ type: any TelemetryEvent.Type) {
        engine.report(
            .misuse(
                call: "Recorder.emit", problem: "the event type \(excerpt(type.eventType.text.description)) has no dot",
                advice: "Put a namespace before it, such as \"myapp.\(type.eventType.text.description)\"."))
    }

    @inline(__always)
    private static func begin(
        _ fields: inout EventFields, _ t: Block, _ name: UnsafePointer<UInt8>, _ count: Int, _ role: EventRole,
        _ backend: String?, _ taskID: String?, _ nodeID: String?, _ time: Timestamp?, _ attributes: Attributes?
    ) {
        let core = unsafe t.pointee.core.unsafelyUnwrapped, session = unsafe ol_session(core)
        let count = min(count, RecordLayout.maximumName)
        var isSeen = role != .ordinary
        if let session = unsafe session, unsafe isObserved(session) { isSeen = true }
        // Who sees the event reads its time, so that it must not depend on a scale.
        let now =
            isSeen
            ? RecordLayout.stamp(unsafe ThreadBlocks.engine(core).now) : unsafe ol_ticks(core)
        let p = unsafe fields.base
        unsafe p.storeBytes(of: UInt64(6) &<< 32 | UInt64(truncatingIfNeeded: count) &<< 48, as: UInt64.self)
        unsafe (p + 8).storeBytes(of: time.map(RecordLayout.stamp) ?? now, as: UInt64.self)
        unsafe (p + 16).storeBytes(of: now, as: UInt64.self)
        unsafe (p + 32).storeBytes(of: 0, as: UInt64.self)
        unsafe storeContext(p, t, core, session, taskID)
        unsafe fields.cursor = p + RecordLayout.header
        if count > EventFields.frameSize - RecordLayout.header { _ = fields.grow(count) }
        unsafe shortCopy(fields.cursor, name, count)
        unsafe fields.cursor += count
        unsafe fields.block = UnsafeMutableRawPointer(t)

        let id = unsafe EventID(random: ol_next_id(t), ol_next_id(t))
        storeID(&fields, id)
        if let session = unsafe session {
            let open = unsafe Unmanaged<OpenSession>.fromOpaque(session)
            let entry = unsafe open._withUnsafeGuaranteedRef { session in unsafe session.entry }
            unsafe fields.store(packed: entry)
        }
        if let backend { fields.store(RecordLayout.Tag.backend, backend) }
        if let task = taskID { fields.store(RecordLayout.Tag.task, task) }
        if let node = nodeID { fields.store(RecordLayout.Tag.node, node) }
        var scope: EventScope?
        if let session = unsafe session { scope = unsafe Self.scope(of: session) }
        if scope != nil || attributes != nil { store(attributes ?? [:], scope, &fields) }
    }

    @inline(__always)
    static func storeID(_ fields: inout EventFields, _ id: EventID) {
        if unsafe fields.cursor + 22 > fields.limit { guard fields.grow(22) else { return } }
        let p = unsafe fields.cursor
        unsafe p.storeBytes(of: UInt16(20), as: UInt16.self)
        unsafe (p + 2).storeBytes(of: UInt32(16), as: UInt32.self)
        unsafe (p + 6).storeBytes(of: id.high, as: UInt64.self)
        unsafe (p + 14).storeBytes(of: id.low, as: UInt64.self)
        unsafe fields.cursor = p + 22
    }

    @inline(__always)
    private static func isObserved(_ session: UnsafeMutableRawPointer) -> Bool {
        unsafe Unmanaged<OpenSession>.fromOpaque(session)._withUnsafeGuaranteedRef {
            $0.listeners.load(ordering: .relaxed) > 0
        }
    }

    /// The workflow that the current task or thread works for.
    @inline(__always)
    private static func scope(of session: UnsafeMutableRawPointer) -> EventScope? {
        unsafe Unmanaged<OpenSession>.fromOpaque(session)._withUnsafeGuaranteedRef {
            $0.hasScopes.load(ordering: .relaxed) ? $0.scope.get() : nil
        }
    }

    /// What the caller gave, then what the scope stamps on it; the caller's value of a name wins.
    @inline(never)
    private static func store(_ given: Attributes, _ scope: EventScope?, _ fields: inout EventFields) {
        fields.append { buffer in
            buffer.nested(RecordLayout.Tag.eventAttributes, all(given, scope))
        }
    }

    private static func all(_ given: Attributes, _ scope: EventScope?) -> Attributes {
        var result = given
        for (key, value) in scope?.attributes ?? [:] where result[key] == nil { result[key] = value }
        return result
    }

    // MARK: where it belongs

    @inline(__always)
    private static func storeContext(
        _ p: UnsafeMutableRawPointer, _ t: Block, _ core: Core, _ session: UnsafeMutableRawPointer?, _ task: String?
    ) {
        if let session = unsafe session, var task {
            let open = unsafe Unmanaged<OpenSession>.fromOpaque(session)
            let (context, span) = unsafe open._withUnsafeGuaranteedRef { open in
                (open.context, task.withUTF8 { unsafe open.spanID(ofTask: $0) })
            }
            unsafe store(p, context.traceID.high, context.traceID.low, span.value)
        } else if unsafe t.pointee.scope != 0, unsafe t.pointee.task == ol_task() {
            unsafe store(p, t.pointee.trace_hi, t.pointee.trace_lo, t.pointee.span)
        } else {
            let context = unsafe context(core, session)
            unsafe store(p, context.traceID.high, context.traceID.low, context.spanID.value)
        }
    }

    @inline(__always)
    private static func store(_ p: UnsafeMutableRawPointer, _ high: UInt64, _ low: UInt64, _ span: UInt64) {
        unsafe (p + 24).storeBytes(of: span, as: UInt64.self)
        unsafe (p + 40).storeBytes(of: high, as: UInt64.self)
        unsafe (p + 48).storeBytes(of: low, as: UInt64.self)
    }

    /// Where no span of this task is open on this thread: what the task says, else the session, else the remote parent.
    private static func context(_ core: Core, _ session: UnsafeMutableRawPointer?) -> SpanContext {
        let local = unsafe Unmanaged<TaskLocal<Scope?>>.fromOpaque(core.pointee.scope.unsafelyUnwrapped)
        if unsafe ol_task() != nil, let scope = unsafe local._withUnsafeGuaranteedRef({ $0.get() }) {
            return SpanContext(
                traceID: TraceID(high: scope.traceHigh, low: scope.traceLow), spanID: SpanID(scope.span),
                isSampled: scope.isSampled, isRemote: scope.isRemote)
        }
        if let session = unsafe session {
            return unsafe Unmanaged<OpenSession>.fromOpaque(session)._withUnsafeGuaranteedRef { $0.context }
        }
        return unsafe ThreadBlocks.engine(core).remoteParent
    }

    // MARK: end

    /// Copies the record into the thread's chunk, or hands it to the session, which decides.
    @inline(never) @usableFromInline
    static func endEvent(_ fields: inout EventFields, _ name: StaticName, _ role: EventRole) {
        guard let raw = unsafe fields.block else { return }
        let t = unsafe raw.assumingMemoryBound(to: ol_thread.self)
        if fields.dropped > 0 || fields.refused != nil { unsafe complain(&fields, t, name) }
        let total = unsafe fields.cursor - fields.base
        unsafe fields.base.storeBytes(of: UInt32(truncatingIfNeeded: total), as: UInt32.self)
        let session = unsafe ol_session(t.pointee.core.unsafelyUnwrapped)
        if let session = unsafe session, unsafe role != .ordinary || isObserved(session) {
            return unsafe show(fields, t, session, role)
        }
        unsafe write(t, event: fields.base, total)
    }

    @inline(__always)
    private static func write(_ t: Block, event: UnsafeMutableRawPointer, _ total: Int) {
        if unsafe t.pointee.cur.unsafelyUnwrapped + total > t.pointee.limit.unsafelyUnwrapped {
            guard unsafe ThreadBlocks.nextChunk(t, total) else { return }
        }
        let start = unsafe t.pointee.cur.unsafelyUnwrapped, to = UnsafeMutableRawPointer(start)
        // Whole 32-byte blocks: the frame and the chunk both end in 32 bytes of slack.
        var i = 0
        while i < total {
            unsafe (to + i).storeBytes(of: (event + i).loadUnaligned(as: SIMD32<UInt8>.self), as: SIMD32<UInt8>.self)
            i &+= 32
        }
        unsafe commit(t, start, total)
    }

    @inline(never)
    private static func show(
        _ fields: borrowing EventFields, _ t: Block, _ session: UnsafeMutableRawPointer, _ role: EventRole
    ) {
        let open = unsafe Unmanaged<OpenSession>.fromOpaque(session).takeUnretainedValue()
        let event = RecordBuffer.typedEvent(fields)
        if role == .lifecycle { return open.observer.decide(event) }
        unsafe write(t, event: fields.base, fields.cursor - fields.base)
        open.observer.note(event)
    }

    @inline(never)
    private static func complain(_ fields: inout EventFields, _ t: Block, _ name: StaticName) {
        if let field = fields.refused {
            let engine = unsafe ThreadBlocks.engine(t.pointee.core.unsafelyUnwrapped)
            engine.report(
                .misuse(
                    call: "Recorder.emit",
                    problem: "the event type \(excerpt(name.text.description)) has a field "
                        + "\(excerpt(field.text.description)), a name that every event has",
                    advice: "Give the field another name."))
        }
        let dropped = fields.dropped
        fields.append { $0.append(dropped: dropped) }
    }

    // MARK: events whose type is made at run time, and those that a session has decided about

    @inline(never)
    static func emit(
        _ event: DynamicEvent, _ gate: UInt, _ backend: String?, _ taskID: String?, _ nodeID: String?,
        _ time: Timestamp?, _ attributes: Attributes?
    ) {
        guard let t = unsafe find(gate) else { return }
        unsafe withUnsafeTemporaryAllocation(byteCount: 544, alignment: 16) { frame in
            var fields = unsafe EventFields(frame.baseAddress.unsafelyUnwrapped), name = event.type
            name.withUTF8 { bytes in
                if let start = bytes.baseAddress {
                    unsafe begin(
                        &fields, t, start, bytes.count, .ordinary, backend, taskID, nodeID, time, attributes)
                }
            }
            for field in event.fields { fields.append { $0.append(field) } }
            endEvent(&fields, "dynamic.event", .ordinary)
        }
    }
}

extension Recorder {
    /// Records an event that was put together elsewhere.
    package func write(_ event: EventRecord) {
        write { (buffer: inout RecordBuffer) in buffer.append(event, limit: RecordLayout.maximumRecord - 64) }
    }

    /// Records a finished span that was timed elsewhere.
    package func write(_ span: SpanRecord) {
        write { (buffer: inout RecordBuffer) in buffer.append(span, kind: .span, limit: RecordLayout.maximumRecord - 64)
        }
    }

    /// Records what `pack` puts together: one whole record.
    package func write(_ pack: (inout RecordBuffer) -> Void) {
        let gate = gate.load(ordering: .relaxed)
        guard gate != 0, let t = unsafe HotPath.find(gate) else { return }
        var buffer = RecordBuffer(capacity: 512)
        pack(&buffer)
        unsafe HotPath.write(t, packed: buffer.base, buffer.count)
    }
}
