internal import COneLogger
internal import OneLoggerCore

/// Events, and whatever else is packed by the slow writer.
extension HotPath {
    @inline(never) @usableFromInline
    static func event(_ span: inout TimedSpan, _ name: StaticName) {
        guard span.flags & (TimedSpan.announced | TimedSpan.lazy | TimedSpan.asynchronous) == 0,
            let raw = unsafe span.block
        else { return eventWithCare(&span, name) }
        let t = unsafe raw.assumingMemoryBound(to: ol_thread.self)
        guard let p = unsafe span.reserve(name, RecordLayout.Tag.event, 12) else { return }
        unsafe p.storeBytes(of: UInt32(8), as: UInt32.self)
        unsafe (p + 4).storeBytes(of: ol_ticks(t.pointee.core.unsafelyUnwrapped), as: UInt64.self)
        unsafe span.cursor = p + 12
    }

    @inline(never)
    static func eventWithCare(_ span: inout TimedSpan, _ name: StaticName) {
        let mark = openEvent(&span, name)
        if mark >= 0 { closeEvent(&span, mark) }
    }

    /// Begins an event entry; its attributes follow as ordinary ones.
    ///
    /// The entry's offset, -1 when there is no room.
    @inline(never) @usableFromInline
    static func openEvent(_ span: inout TimedSpan, _ name: StaticName) -> Int {
        guard let t = unsafe block(of: span) else { return -1 }
        guard let p = unsafe span.reserve(name, RecordLayout.Tag.event, 12) else { return -1 }
        let mark = unsafe span.cursor - span.base
        unsafe p.storeBytes(of: UInt32(8), as: UInt32.self)
        unsafe (p + 4).storeBytes(of: ol_ticks(t.pointee.core.unsafelyUnwrapped), as: UInt64.self)
        unsafe span.cursor = p + 12
        return mark
    }

    /// Ends an event entry; when the span has announced itself, the event leaves as a record of its own.
    @inline(never) @usableFromInline
    static func closeEvent(_ span: inout TimedSpan, _ mark: Int) {
        let entry = unsafe span.base + mark
        let tag = unsafe entry.load(as: UInt8.self), count = unsafe (entry + 1).load(as: UInt8.self).int
        let value = unsafe entry + 2 + count, size = unsafe span.cursor - value - 4
        if span.flags & (TimedSpan.announced | TimedSpan.lazy) != 0, let t = unsafe block(of: span) {
            let stamp = unsafe (value + 4).loadUnaligned(as: UInt64.self), flags = span.flags
            let name = unsafe UnsafePointer((entry + 2).assumingMemoryBound(to: UInt8.self))
            span.flags = flags & TimedSpan.lazy | (tag == RecordLayout.Tag.error ? UInt32(RecordLayout.isError) : 0)
            unsafe write(t, span, name, count, value + 12, size - 8, RecordKind.event.rawValue, stamp, stamp)
            span.flags = flags
            unsafe span.cursor = entry
        } else {
            unsafe value.storeBytes(of: UInt32(truncatingIfNeeded: size), as: UInt32.self)
        }
    }

    static func event(_ span: inout TimedSpan, _ event: Event) {
        guard let t = unsafe block(of: span) else { return }
        let stamp = unsafe event.time.map(RecordLayout.stamp) ?? ol_ticks(t.pointee.core.unsafelyUnwrapped)
        let mark = unsafe span.cursor - span.base
        if append(&span, { $0.append(event, at: stamp) }) { closeEvent(&span, mark) }
    }

    /// Appends entries that `body` packs.
    ///
    /// False, and counted, when they do not fit.
    @discardableResult
    static func append(_ span: inout TimedSpan, _ body: (inout RecordBuffer) -> Void) -> Bool {
        var buffer = RecordBuffer(capacity: 128)
        body(&buffer)
        if unsafe span.cursor + buffer.count > span.limit {
            guard span.grow(buffer.count) else { return false }
        }
        unsafe span.cursor.copyMemory(from: buffer.base, byteCount: buffer.count)
        unsafe span.cursor += buffer.count
        return true
    }

    /// Says in the record how many attributes and events did not fit.
    @inline(never)
    static func appendDropped(_ span: inout TimedSpan) {
        let count = span.dropped.int
        append(&span) { $0.append(dropped: count) }
    }
}
