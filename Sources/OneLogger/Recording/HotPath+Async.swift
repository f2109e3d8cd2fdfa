internal import COneLogger
internal import OneLoggerCore

/// Asynchronous spans: the scope is a task-local, the frame comes from the thread's pool, the thread may change.
extension HotPath {
    /// A task-local per recorder, so that the spans of two recorders may interleave.
    @inline(never) @usableFromInline
    static func local(_ core: UnsafeMutableRawPointer?) -> TaskLocal<Scope?> {
        guard let core = unsafe core else { return Engine.noScope }
        return unsafe ThreadBlocks.engine(core.assumingMemoryBound(to: ol_core.self)).scope
    }

    @usableFromInline static func noFrame() -> UnsafeMutableRawPointer {
        unsafe UnsafeMutableRawPointer(ol_empty_chunk())
    }

    @inline(never) @usableFromInline
    static func takeFrame(_ gate: UInt) -> UnsafeMutableRawPointer {
        guard let t = unsafe find(gate) else { return unsafe noFrame() }
        if let frame = unsafe t.pointee.frames {
            unsafe t.pointee.frames = frame.load(as: UnsafeMutableRawPointer?.self)
            unsafe t.pointee.frame_count &-= 1
            return unsafe frame
        }
        return .allocate(byteCount: TimedSpan.frameSize + 32, alignment: 16)
    }

    /// Puts the frame back into this thread's pool, which keeps a few.
    static func giveFrame(_ span: inout TimedSpan, _ t: Block?) {
        guard unsafe span.base != noFrame() else { return }
        guard span.flags & TimedSpan.onHeap == 0, let t = unsafe t, unsafe t.pointee.frame_count < 64 else {
            unsafe span.base.deallocate()
            return
        }
        unsafe span.base.storeBytes(of: t.pointee.frames, as: UnsafeMutableRawPointer?.self)
        unsafe t.pointee.frames = span.base
        unsafe t.pointee.frame_count &+= 1
    }

    /// The scope for the body; nil when nothing changes for it.
    @inline(never) @usableFromInline
    static func beginAsync(
        _ span: inout TimedSpan, _ gate: UInt, _ name: UnsafePointer<UInt8>, _ count: Int, _ isStatic: Bool,
        under parent: SpanParent
    ) -> Scope? {
        span.flags |= TimedSpan.asynchronous
        guard unsafe span.base != noFrame(), let t = unsafe find(gate) else { return nil }
        let core = unsafe t.pointee.core.unsafelyUnwrapped, flags = unsafe core.pointee.flags
        unsafe span.block = UnsafeMutableRawPointer(core)  // which recorder; the thread may change
        span.savedScope = unsafe core.pointee.generation
        var sampled = true
        switch parent.resolved {
        case .root:
            sampled = unsafe newTrace(&span, t, core)
        case .context(let context):
            sampled = unsafe adopt(context, &span, core)
        default:
            sampled = unsafe inherit(&span, t, core)
        }
        if !sampled {
            span.flags |= TimedSpan.silent | TimedSpan.unsampled
        } else {
            var verdict: UInt64 = 0
            if flags & OL_FILTER != 0 { verdict = unsafe Self.verdict(t, core, name, count, isStatic) }
            if verdict == 0 {
                span.id = unsafe ol_next_id(t)
                span.openFrame()
                announceIfNeeded(&span, flags)
            } else {
                if verdict == 1 { unsafe ol_add(&t.pointee.filtered, 1) }
                span.flags |= TimedSpan.silent | (verdict == 2 ? TimedSpan.summarised : 0)
            }
            span.start = unsafe ol_ticks(core)
        }
        return Scope(
            traceHigh: span.traceHigh, traceLow: span.traceLow, span: span.id != 0 ? span.id : span.parent,
            isSampled: sampled, isRemote: span.id == 0 && span.flags & TimedSpan.remoteParent != 0)
    }

    /// Takes the thread's open span as the parent if this task opened it, else what the task says.
    ///
    /// False: not sampled.
    static func inherit(_ span: inout TimedSpan, _ t: Block, _ core: Core) -> Bool {
        let task = unsafe ol_task()
        guard unsafe t.pointee.scope != 0, unsafe t.pointee.task == task else {
            return unsafe root(&span, t, core, task)
        }
        span.parent = unsafe t.pointee.span
        span.traceHigh = unsafe t.pointee.trace_hi
        span.traceLow = unsafe t.pointee.trace_lo
        return unsafe t.pointee.scope == 1
    }

    /// Puts a dynamic name at the head of the frame, then begins.
    @inline(never) @usableFromInline
    static func beginAsync(_ span: inout TimedSpan, _ gate: UInt, _ name: String, under parent: SpanParent) -> Scope? {
        guard unsafe span.base != noFrame() else { return nil }
        var name = name
        span.flags = TimedSpan.asynchronous
        return name.withUTF8 { bytes in
            let n = unsafe characterBoundary(bytes, atMost: RecordLayout.maximumName)
            if n > TimedSpan.frameSize { span.moveToHeap(n) }
            if let start = bytes.baseAddress { unsafe span.base.copyMemory(from: start, byteCount: n) }
            unsafe span.cursor = span.base + n
            span.nameCount = UInt32(n)
            let pointer = unsafe UnsafePointer(span.base.assumingMemoryBound(to: UInt8.self))
            let scope = unsafe beginAsync(&span, gate, pointer, n, false, under: parent)
            if !span.isRecording { unsafe span.limit = span.cursor }  // no room for attributes, wherever the name lies
            return scope
        }
    }

    @inline(never) @usableFromInline
    static func endAsync(_ span: inout TimedSpan, _ name: UnsafePointer<UInt8>, _ count: Int) {
        guard let raw = unsafe span.block else { return unsafe giveFrame(&span, nil) }
        let core = unsafe raw.assumingMemoryBound(to: ol_core.self)
        // A span of the process that forked this one belongs to that process.
        guard let t = unsafe find(UInt(bitPattern: raw)), unsafe core.pointee.generation == span.savedScope else {
            return unsafe giveFrame(&span, nil)
        }
        let now = unsafe ol_ticks(core)
        unsafe writeEnd(&span, t, now, name, count)
        unsafe giveFrame(&span, t)
    }

    @inline(never) @usableFromInline
    static func endAsyncDynamic(_ span: inout TimedSpan) {
        unsafe endAsync(&span, UnsafePointer(span.base.assumingMemoryBound(to: UInt8.self)), span.nameCount.int)
    }
}
