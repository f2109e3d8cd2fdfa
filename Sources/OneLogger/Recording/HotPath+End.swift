internal import COneLogger
internal import OneLoggerCore

/// End, and the one place where a record is written.
extension HotPath {
    @inline(never) @usableFromInline
    static func end(_ span: inout TimedSpan, _ name: UnsafePointer<UInt8>, _ count: Int) {
        let t = unsafe span.block.unsafelyUnwrapped.assumingMemoryBound(to: ol_thread.self)
        let now = unsafe ol_ticks(t.pointee.core.unsafelyUnwrapped)
        let rare = TimedSpan.switched | TimedSpan.silent | TimedSpan.announced | TimedSpan.onHeap | TimedSpan.full
        guard span.flags & rare == 0 else { return unsafe endWithCare(&span, t, now, name, count) }
        unsafe t.pointee.span = span.savedSpan
        let entries = unsafe span.base + span.nameCount.int
        unsafe write(t, span, name, count, entries, span.cursor - entries, RecordKind.span.rawValue, span.start, now)
    }

    @inline(never)
    static func endWithCare(
        _ span: inout TimedSpan, _ t: Block, _ now: UInt64, _ name: UnsafePointer<UInt8>, _ count: Int
    ) {
        if span.flags & TimedSpan.switched != 0 {
            unsafe t.pointee.task = span.savedTask
            unsafe t.pointee.scope = span.savedScope
            unsafe t.pointee.trace_hi = span.savedHigh
            unsafe t.pointee.trace_lo = span.savedLow
            unsafe t.pointee.span = span.savedSpan
        } else if span.flags & TimedSpan.silent == 0 {
            unsafe t.pointee.span = span.savedSpan
        }
        unsafe writeEnd(&span, t, now, name, count)
        if span.flags & TimedSpan.onHeap != 0 { unsafe span.base.deallocate() }
    }

    /// Writes what a span of any kind leaves behind.
    @inline(__always)
    static func writeEnd(
        _ span: inout TimedSpan, _ t: Block, _ now: UInt64, _ name: UnsafePointer<UInt8>, _ count: Int
    ) {
        if span.flags & TimedSpan.silent == 0 {
            let kind = span.flags & TimedSpan.announced != 0 ? RecordKind.stop : .span
            if span.flags & TimedSpan.full != 0 { appendDropped(&span) }
            let entries = unsafe span.base + span.nameCount.int
            // A dynamic name lies in the frame, which may have moved.
            let name = unsafe span.nameCount == 0 ? name : UnsafePointer(span.base.assumingMemoryBound(to: UInt8.self))
            unsafe write(t, span, name, count, entries, span.cursor - entries, kind.rawValue, span.start, now)
        } else if span.flags & TimedSpan.summarised != 0 {
            unsafe write(t, span, name, count, span.base, 0, RecordKind.summary, span.start, now)
        }
    }

    @inline(never) @usableFromInline
    static func endDynamic(_ span: inout TimedSpan) {
        unsafe end(&span, UnsafePointer(span.base.assumingMemoryBound(to: UInt8.self)), span.nameCount.int)
    }

    /// Notes what the body threw; the caller ends the span.
    @inline(never) @usableFromInline
    static func fail(_ span: inout TimedSpan, _ name: UnsafePointer<UInt8>, _ count: Int, _ error: any Error) {
        if span.flags & TimedSpan.summarised != 0, !(error is CancellationError) { span.flags |= 2 }
        guard span.isRecording else { return }
        let name = unsafe String(decoding: UnsafeBufferPointer(start: name, count: count), as: UTF8.self)
        record(error, on: &span, "Error in \(name): ")
    }

    @inline(never) @usableFromInline
    static func failDynamic(_ span: inout TimedSpan, _ error: any Error) {
        unsafe fail(&span, UnsafePointer(span.base.assumingMemoryBound(to: UInt8.self)), span.nameCount.int, error)
    }

    static func record(_ error: any Error, on span: inout TimedSpan, _ message: String) {
        if error is CancellationError {
            span.flags |= 3
            return
        }
        span.flags = span.flags & ~TimedSpan.statusMask | 2
        event(&span, .error(message, error))
    }

    // MARK: write

    /// Writes one record and publishes it with one release store.
    @inline(__always)
    static func write(
        _ t: Block, _ span: borrowing TimedSpan, _ name: UnsafePointer<UInt8>, _ count: Int,
        _ entries: UnsafeMutableRawPointer, _ size: Int, _ kind: UInt8, _ start: UInt64, _ end: UInt64
    ) {
        let total = RecordLayout.header &+ count &+ size
        if unsafe t.pointee.cur.unsafelyUnwrapped + total > t.pointee.limit.unsafelyUnwrapped {
            guard unsafe ThreadBlocks.nextChunk(t, total) else { return }
        }
        let start8 = unsafe t.pointee.cur.unsafelyUnwrapped, p = UnsafeMutableRawPointer(start8)
        let flags = span.flags & 0xff
        unsafe p.storeBytes(of: UInt32(truncatingIfNeeded: total), as: UInt32.self)
        unsafe (p + 4).storeBytes(
            of: UInt32(kind) | flags &<< 8 | UInt32(truncatingIfNeeded: count) &<< 16, as: UInt32.self)
        unsafe (p + 8).storeBytes(of: start, as: UInt64.self)
        unsafe (p + 16).storeBytes(of: end, as: UInt64.self)
        unsafe (p + 24).storeBytes(of: span.id, as: UInt64.self)
        unsafe (p + 32).storeBytes(of: span.parent, as: UInt64.self)
        unsafe (p + 40).storeBytes(of: span.traceHigh, as: UInt64.self)
        unsafe (p + 48).storeBytes(of: span.traceLow, as: UInt64.self)
        unsafe shortCopy(p + RecordLayout.header, name, count)
        // Whole 32-byte blocks: the frame and the chunk both end in 32 bytes of slack.
        var i = 0
        let to = unsafe p + RecordLayout.header + count, from = UnsafeRawPointer(entries)
        while i < size {
            unsafe (to + i).storeBytes(of: (from + i).loadUnaligned(as: SIMD32<UInt8>.self), as: SIMD32<UInt8>.self)
            i &+= 32
        }
        unsafe commit(t, start8, total)
    }

    @inline(__always)
    static func commit(_ t: Block, _ start: UnsafeMutablePointer<UInt8>, _ total: Int) {
        unsafe t.pointee.cur = start + total
        unsafe ol_add(&t.pointee.recorded, 1)
        let chunk = unsafe t.pointee.chunk.unsafelyUnwrapped
        unsafe ol_publish(chunk, UInt32(truncatingIfNeeded: start - chunk) &+ UInt32(truncatingIfNeeded: total))
    }

    /// Writes a record that is packed already.
    ///
    /// False when it was lost.
    @discardableResult
    static func write(_ t: Block, packed bytes: UnsafeRawPointer, _ count: Int) -> Bool {
        if unsafe t.pointee.cur.unsafelyUnwrapped + count > t.pointee.limit.unsafelyUnwrapped {
            guard unsafe ThreadBlocks.nextChunk(t, count) else { return false }
        }
        let start = unsafe t.pointee.cur.unsafelyUnwrapped
        unsafe UnsafeMutableRawPointer(start).copyMemory(from: bytes, byteCount: count)
        unsafe commit(t, start, count)
        return true
    }
}
