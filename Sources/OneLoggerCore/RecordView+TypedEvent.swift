/// Typed events, read and written in the packed form.
extension RecordView {
    /// Calls `body` per field of a typed event as it was set, null ones too.
    ///
    /// - Returns: False when a name may have come twice; ``typedEvent`` then knows which value counts.
    @export(implementation) @inline(__always)
    package func forEachField(_ body: (borrowing AttributeView) -> Void) -> Bool {
        var seen: UInt64 = 0, repeated: UInt64 = 0
        entries.forEach { entry in
            guard entry.isField else { return }
            let bit: UInt64 = 1 << (entry.keyClass & 63)
            repeated |= seen & bit
            seen |= bit
            body(entry)
        }
        return repeated == 0
    }

    /// Calls `body` per entry, whatever it is.
    @export(implementation) @inline(__always)
    package func forEachEntry(_ body: (borrowing AttributeView) -> Void) { entries.forEach(body) }

    /// Calls `body` with the packed entries of a typed event that come before its fields: id, session and so on.
    @export(implementation) @inline(__always)
    package func withHead(_ body: (EventID, UnsafeRawBufferPointer) -> Void) {
        var q = unsafe p + 56 + nameCount, id = EventID(high: 0, low: 0)
        let end = unsafe p + length
        var start = unsafe q
        while unsafe q < end, unsafe q[0] &- RecordLayout.Tag.eventID < 6 {
            let entry = unsafe AttributeView(q)
            unsafe q += entry.length
            if entry.tag == RecordLayout.Tag.eventID {
                id = entry.eventID
                unsafe start = q
            }
        }
        unsafe body(id, UnsafeRawBufferPointer(start: start, count: q - start))
    }

    /// A typed event as ordinary values.
    package var typedEvent: EventRecord {
        var event = EventRecord(
            String(copying: name), id: EventID(high: 0, low: 0), time: start, emitTime: emitTime, context: context,
            dropped: dropped)
        entries.forEach { entry in
            switch entry.tag {
            case RecordLayout.Tag.eventID: event.id = entry.eventID
            case RecordLayout.Tag.session: event.sessionID = String(copying: entry.text)
            case RecordLayout.Tag.backend: event.backend = String(copying: entry.text)
            case RecordLayout.Tag.task: event.taskID = String(copying: entry.text)
            case RecordLayout.Tag.node: event.nodeID = String(copying: entry.text)
            case RecordLayout.Tag.eventAttributes: event.attributes = entry.nested.attributes
            case _ where entry.isField:
                let name = String(copying: entry.key), value = entry.isNull ? nil : entry.value
                if let place = event.fields.firstIndex(where: { $0.name == name }) {
                    event.fields[place].value = value
                } else {
                    event.fields.append(.init(name, value))
                }
            default: break
            }
        }
        return event
    }

    /// When a typed event was emitted; an event may lie in the future, so this may be earlier than ``start``.
    package var emitTime: Timestamp { clock.utc(load(16, UInt64.self)) }

    /// True when ``emitTime`` is ``start``.
    @export(implementation)
    package var isEmittedAtOnce: Bool { @inline(__always) get { load(16, UInt64.self) == load(8, UInt64.self) } }
}

extension AttributeView {
    /// What an entry with the tag `eventID` holds.
    @inlinable package var eventID: EventID { EventID(high: load(4, UInt64.self), low: load(12, UInt64.self)) }
}

extension RecordBuffer {
    /// Appends a field.
    package mutating func append(_ field: EventRecord.Field) {
        if let value = field.value { append(field.name, value) } else { append(null: field.name) }
    }

    /// What fields are about to become, with times since 1970.
    package static func typedEvent(_ fields: borrowing EventFields) -> EventRecord {
        unsafe RecordView(UnsafePointer(fields.base.assumingMemoryBound(to: UInt8.self)), .unix).typedEvent
    }

    /// Appends a typed event; what would make it longer than `limit` bytes is dropped and counted.
    package mutating func append(_ event: EventRecord, limit: Int = RecordLayout.maximumLength) {
        let start = count
        var lost = event.dropped
        header(
            .typedEvent, 0, event.type, RecordLayout.stamp(event.time), RecordLayout.stamp(event.emitTime),
            event.context, SpanID(0))
        append(event.id)
        append(RecordLayout.Tag.session, event.sessionID)
        if let backend = event.backend { append(RecordLayout.Tag.backend, backend) }
        if let task = event.taskID { append(RecordLayout.Tag.task, task) }
        if let node = event.nodeID { append(RecordLayout.Tag.node, node) }
        if !event.attributes.isEmpty {
            let before = count
            nested(RecordLayout.Tag.eventAttributes, event.attributes)
            if count - start > limit {
                truncate(to: before)
                lost += event.attributes.count
            }
        }
        for field in event.fields {
            let before = count
            append(field)
            if count - start > limit {
                truncate(to: before)
                lost += 1
            }
        }
        append(dropped: lost)
        close(start)
    }

    package mutating func append(_ id: EventID) {
        append(UInt16(RecordLayout.Tag.eventID))
        append(UInt32(16))
        append(id.high)
        append(id.low)
    }

    /// A text that every typed event may have.
    package mutating func append(_ tag: UInt8, _ text: String) {
        append(UInt16(tag))
        let place = count
        append(UInt32(0))
        append(text: text)
        overwrite(UInt32(count - place - 4), at: place)
    }
}

extension TelemetryEvent {
    /// The fields as values.
    package var ownFields: [EventRecord.Field] {
        unsafe withUnsafeTemporaryAllocation(byteCount: 544, alignment: 16) { frame in
            let start = unsafe frame.baseAddress.unsafelyUnwrapped
            unsafe start.initializeMemory(as: UInt8.self, repeating: 0, count: RecordLayout.header)
            var fields = unsafe EventFields(start)
            unsafe fields.cursor = start + RecordLayout.header
            encode(to: &fields)
            unsafe fields.base.storeBytes(of: UInt32(fields.cursor - fields.base), as: UInt32.self)
            return RecordBuffer.typedEvent(fields).fields
        }
    }
}
