internal import COneLogger
package import OneLoggerCore
internal import Synchronization

/// What all events of a task have in common, packed once: the session, who runs the task, its id, its attributes.
package struct TaskEntries: Sendable {
    private let bytes: [UInt8]
    /// Where the entry of the attributes begins, and where in it those of one event go.
    private let attributes: Int, middle: Int
    /// How many attributes did not fit.
    private let dropped: Int

    /// Packs the entries; `first` and `last` add the attributes before and behind those of one event.
    package init(
        _ session: OpenSession, backend: String?, taskID: String, first: (inout EventFields) -> Void,
        last: (inout EventFields) -> Void
    ) {
        (bytes, attributes, middle, dropped) = unsafe withUnsafeTemporaryAllocation(byteCount: 544, alignment: 16) {
            frame in
            var fields = unsafe EventFields(frame.baseAddress.unsafelyUnwrapped), attributes = 0, middle = 0
            unsafe fields.cursor += Self.room
            unsafe fields.store(packed: session.entry)
            if let backend { fields.store(RecordLayout.Tag.backend, backend) }
            fields.store(RecordLayout.Tag.task, taskID)
            unsafe attributes = fields.cursor - fields.base - Self.room
            fields.nested(RecordLayout.Tag.eventAttributes) { fields in
                first(&fields)
                unsafe middle = fields.cursor - fields.base - Self.room
                last(&fields)
            }
            let start = unsafe fields.base + Self.room
            let packed = unsafe UnsafeRawBufferPointer(start: start, count: fields.cursor - start)
            return (unsafe Array(packed), attributes, middle, fields.dropped)
        }
    }

    /// What the head of an event takes, so that entries which fit here fit an event, too.
    private static let room = 128

    /// Adds the entries to an event, with its own attributes in their places.
    @inline(__always)
    package func store(
        to fields: inout EventFields, middle own: (inout EventFields) -> Void, end more: (inout EventFields) -> Void
    ) {
        let start = unsafe fields.cursor - fields.base
        // Without room for even one attribute.
        guard middle > 0 else {
            unsafe bytes.withUnsafeBytes { bytes in unsafe fields.store(packed: bytes) }
            return fields.note(dropped: dropped)
        }
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe fields.store(packed: UnsafeRawBufferPointer(rebasing: bytes[..<middle]))
            own(&fields)
            if middle < bytes.count { unsafe fields.store(packed: UnsafeRawBufferPointer(rebasing: bytes[middle...])) }
        }
        more(&fields)
        fields.note(dropped: dropped)
        let size = unsafe fields.cursor - fields.base - start - attributes - 6
        guard size >= 0 else { return }
        unsafe (fields.base + start + attributes + 2).storeBytes(of: UInt32(truncatingIfNeeded: size), as: UInt32.self)
    }
}

/// Records of a session's tasks, about which the session has decided already.
extension Recorder {
    /// Records a task's event; `entries` adds all but its id.
    @inline(__always)
    package func emit(
        _ type: StaticName, of task: SpanContext, at time: Timestamp, emitted: Timestamp,
        _ entries: (inout EventFields) -> Void
    ) {
        let gate = gate.load(ordering: .relaxed)
        guard gate != 0, let t = unsafe HotPath.find(gate) else { return }
        unsafe withUnsafeTemporaryAllocation(byteCount: 544, alignment: 16) { frame in
            var fields = unsafe EventFields(frame.baseAddress.unsafelyUnwrapped)
            unsafe fields.head(
                UInt64(RecordKind.typedEvent.rawValue), type.text.utf8Start, type.text.utf8CodeUnitCount,
                RecordLayout.stamp(time), RecordLayout.stamp(emitted), task, SpanID(0))
            unsafe fields.block = UnsafeMutableRawPointer(t)
            HotPath.storeID(&fields, unsafe EventID(random: ol_next_id(t), ol_next_id(t)))
            entries(&fields)
            HotPath.endEvent(&fields, type, .ordinary)
        }
    }

    /// Records a finished span that was timed elsewhere; `entries` adds what it says.
    package func writeSpan(
        _ name: StaticName, _ status: SpanStatus, from start: Timestamp, to end: Timestamp, _ context: SpanContext,
        parent: SpanID, _ entries: (inout EventFields) -> Void
    ) {
        let gate = gate.load(ordering: .relaxed)
        guard gate != 0, let t = unsafe HotPath.find(gate) else { return }
        unsafe withUnsafeTemporaryAllocation(byteCount: 544, alignment: 16) { frame in
            var fields = unsafe EventFields(frame.baseAddress.unsafelyUnwrapped)
            unsafe fields.head(
                UInt64(RecordKind.span.rawValue) | UInt64(status.code) &<< 8, name.text.utf8Start,
                name.text.utf8CodeUnitCount, RecordLayout.stamp(start), RecordLayout.stamp(max(start, end)), context,
                parent)
            entries(&fields)
            if case .error = status { fields.append { $0.append(status) } }
            if fields.dropped > 0 {
                let dropped = fields.dropped
                fields.append { $0.append(dropped: dropped) }
            }
            let total = unsafe fields.cursor - fields.base
            unsafe fields.base.storeBytes(of: UInt32(truncatingIfNeeded: total), as: UInt32.self)
            unsafe HotPath.write(t, packed: fields.base, total)
        }
    }
}
