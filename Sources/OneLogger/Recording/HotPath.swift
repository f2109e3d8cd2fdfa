internal import COneLogger
internal import OneLoggerCore
public import Synchronization

/// Begin, end and event. Out of line: a call site is about 230 bytes, and no C type shows in this module's interface.
@usableFromInline
enum HotPath: Sendable {
    /// The free functions' recorder: 0 none (or it is off), 1 ask the task (a `withRecorder` is open somewhere), else
    /// its core.
    @usableFromInline static let gate = Atomic<UInt>(0)

    typealias Core = UnsafeMutablePointer<ol_core>
    typealias Block = UnsafeMutablePointer<ol_thread>

    // MARK: where

    /// This thread's block for the recorder behind `gate`; nil on our own threads and when nothing is recorded.
    @inline(__always)
    static func find(_ gate: UInt) -> Block? {
        guard gate != 1 else { return unsafe findCurrent() }
        let core = unsafe Core(bitPattern: gate).unsafelyUnwrapped
        if let block = unsafe ol_current() {
            if unsafe block.pointee.core == core { return unsafe block }
        }
        return unsafe ThreadBlocks.attach(core)
    }

    @inline(never)
    static func findCurrent() -> Block? {
        guard let recorder = Recorder.installedOrScoped else { return nil }
        let gate = recorder.gate.load(ordering: .relaxed)
        return gate == 0 ? nil : unsafe find(gate)
    }

    /// The block of the thread that runs a span now; an asynchronous span may have moved.
    @inline(__always)
    static func block(of span: borrowing TimedSpan) -> Block? {
        guard let raw = unsafe span.block else { return nil }
        if span.flags & TimedSpan.asynchronous != 0 { return unsafe find(UInt(bitPattern: raw)) }
        return unsafe raw.assumingMemoryBound(to: ol_thread.self)
    }

    // MARK: begin

    @inline(never) @usableFromInline
    static func begin(
        _ span: inout TimedSpan, _ gate: UInt, _ name: UnsafePointer<UInt8>, _ count: Int, _ isStatic: Bool
    ) {
        guard let t = unsafe find(gate) else { return }
        let task = unsafe ol_task(), core = unsafe t.pointee.core.unsafelyUnwrapped, flags = unsafe core.pointee.flags
        let savedTask = unsafe t.pointee.task, savedScope = unsafe t.pointee.scope
        let inherits = unsafe savedScope != 0 && task == savedTask
        if inherits {
            span.parent = unsafe t.pointee.span
            span.traceHigh = unsafe t.pointee.trace_hi
            span.traceLow = unsafe t.pointee.trace_lo
            if savedScope == 2 {
                span.flags = TimedSpan.unsampled
                return
            }
            span.savedSpan = span.parent
        } else {
            span.savedSpan = unsafe t.pointee.span
            span.savedHigh = unsafe t.pointee.trace_hi
            span.savedLow = unsafe t.pointee.trace_lo
            span.flags = TimedSpan.switched
            let sampled = unsafe root(&span, t, core)
            unsafe t.pointee.trace_hi = span.traceHigh
            unsafe t.pointee.trace_lo = span.traceLow
            if !sampled {
                unsafe t.pointee.span = span.parent
                unsafe t.pointee.task = task
                unsafe t.pointee.scope = 2
                span.flags |= TimedSpan.silent | TimedSpan.unsampled
                unsafe span.savedTask = savedTask
                span.savedScope = savedScope
                unsafe span.block = UnsafeMutableRawPointer(t)
                return
            }
        }
        var verdict: UInt64 = 0
        if flags & UInt32(OL_FILTER) != 0 { verdict = unsafe Self.verdict(t, core, name, count, isStatic) }
        if verdict == 0 {
            span.id = unsafe ol_next_id(t)
            unsafe t.pointee.span = span.id
            if flags & UInt32(OL_ANNOUNCE_ROOTS | OL_ANNOUNCE_ALL) != 0 { announceIfNeeded(&span, flags) }
        } else {
            if verdict == 1 { unsafe ol_add(&t.pointee.filtered, 1) }
            if inherits {  // children keep hanging under t.span, the nearest exported ancestor
                if verdict == 2 { unsafe summarise(&span, t, core) }
                return
            }
            span.flags |= TimedSpan.silent | (verdict == 2 ? TimedSpan.summarised : 0)
            unsafe t.pointee.span = span.parent
        }
        unsafe t.pointee.task = task
        unsafe t.pointee.scope = 1
        unsafe span.savedTask = savedTask
        span.savedScope = savedScope
        unsafe span.block = UnsafeMutableRawPointer(t)
        span.start = unsafe ol_ticks(core)
    }

    @inline(__always)
    static func announceIfNeeded(_ span: inout TimedSpan, _ flags: UInt32) {
        if flags & UInt32(OL_ANNOUNCE_ALL) != 0 {
            span.flags |= TimedSpan.announced
        } else if span.parent == 0 || span.flags & TimedSpan.remoteParent != 0 {
            span.flags |= TimedSpan.lazy
        }
    }

    /// A span that is only timed: nothing to undo at its end but to write its duration.
    @inline(__always)
    static func summarise(_ span: inout TimedSpan, _ t: Block, _ core: Core) {
        span.flags |= TimedSpan.silent | TimedSpan.summarised
        unsafe span.savedTask = t.pointee.task
        span.savedScope = unsafe t.pointee.scope
        unsafe span.block = UnsafeMutableRawPointer(t)
        span.start = unsafe ol_ticks(core)
    }

    /// No open span of this task on this thread: ask the task, else start a trace. False: the trace is not sampled.
    @inline(never)
    static func root(_ span: inout TimedSpan, _ t: Block, _ core: Core) -> Bool {
        let local = unsafe Unmanaged<TaskLocal<Scope?>>.fromOpaque(core.pointee.scope.unsafelyUnwrapped)
        if let scope = unsafe local._withUnsafeGuaranteedRef({ $0.get() }) {
            span.parent = scope.span
            span.traceHigh = scope.traceHigh
            span.traceLow = scope.traceLow
            if scope.isRemote { span.flags |= TimedSpan.remoteParent }
            return scope.isSampled
        }
        if unsafe core.pointee.flags & Engine.remoteParentFlag != 0 {
            let remote = unsafe ThreadBlocks.engine(core).remoteParent
            return unsafe adopt(remote, &span, core)
        }
        return unsafe newTrace(&span, t, core)
    }

    @inline(__always)
    static func newTrace(_ span: inout TimedSpan, _ t: Block, _ core: Core) -> Bool {
        span.traceHigh = unsafe ol_next_id(t)
        span.traceLow = unsafe ol_next_id(t)
        guard unsafe core.pointee.flags & UInt32(OL_SAMPLE) != 0 else { return true }
        if unsafe span.traceLow >> 1 < core.pointee.threshold { return true }
        span.parent = span.traceLow | 1  // so that an unsampled context is valid, and says so downstream
        return false
    }

    /// Takes `context` as the parent. False: the trace is not sampled.
    static func adopt(_ context: SpanContext, _ span: inout TimedSpan, _ core: Core) -> Bool {
        span.parent = context.spanID.value
        span.traceHigh = context.traceID.high
        span.traceLow = context.traceID.low
        if context.isRemote { span.flags |= TimedSpan.remoteParent }
        let flags = unsafe core.pointee.flags
        if flags & Engine.parentBasedFlag != 0 { return context.isSampled }
        guard flags & UInt32(OL_SAMPLE) != 0 else { return true }
        return unsafe span.traceLow >> 1 < core.pointee.threshold
    }

    /// Begins under a given parent: puts that parent on the thread as if it were open, then begins as usual.
    @inline(never) @usableFromInline
    static func begin(
        _ span: inout TimedSpan, _ gate: UInt, _ name: UnsafePointer<UInt8>, _ count: Int, _ isStatic: Bool,
        under parent: SpanParent
    ) {
        guard let t = unsafe find(gate) else { return }
        let core = unsafe t.pointee.core.unsafelyUnwrapped
        var given = SpanContext(traceID: TraceID(high: 0, low: 0), spanID: SpanID(0))
        switch parent {
        case .inherit: return unsafe begin(&span, gate, name, count, isStatic)
        case .root: break
        case .context(let context): given = context
        case .span(let manual): given = manual.nearestOpen
        }
        var isRoot = false
        if case .root = parent { isRoot = true }
        guard isRoot || given.isValid else { return unsafe begin(&span, gate, name, count, isStatic) }
        let sampled = unsafe isRoot ? newTrace(&span, t, core) : adopt(given, &span, core)
        let remote = span.flags & TimedSpan.remoteParent
        let saved = unsafe (t.pointee.span, t.pointee.trace_hi, t.pointee.trace_lo, t.pointee.task, t.pointee.scope)
        unsafe t.pointee.span = span.parent
        unsafe t.pointee.trace_hi = span.traceHigh
        unsafe t.pointee.trace_lo = span.traceLow
        unsafe t.pointee.task = ol_task()
        unsafe t.pointee.scope = sampled ? 1 : 2
        unsafe begin(&span, gate, name, count, isStatic)
        if unsafe span.block == nil { span.flags |= TimedSpan.silent }  // unsampled or filtered: children still hang here
        unsafe span.block = UnsafeMutableRawPointer(t)
        span.flags |= remote | TimedSpan.switched
        unsafe span.savedSpan = saved.0
        unsafe span.savedHigh = saved.1
        unsafe span.savedLow = saved.2
        unsafe span.savedTask = saved.3
        unsafe span.savedScope = saved.4
    }

    /// The name's bytes go to the head of the frame; the record copies them from there.
    @inline(never) @usableFromInline
    static func begin(_ span: inout TimedSpan, _ gate: UInt, _ name: String, under parent: SpanParent) {
        var name = name
        name.withUTF8 { bytes in
            let n = unsafe characterBoundary(bytes, atMost: RecordLayout.maximumName)
            if n > TimedSpan.frameSize { _ = span.grow(n) }
            if let start = bytes.baseAddress { unsafe span.base.copyMemory(from: start, byteCount: n) }
            unsafe span.cursor = span.base + n
            span.nameCount = UInt32(n)
            let heap = span.flags & TimedSpan.onHeap
            unsafe begin(&span, gate, UnsafePointer(span.base.assumingMemoryBound(to: UInt8.self)), n, false, under: parent)
            span.flags |= heap
        }
        if unsafe span.block == nil, span.flags & TimedSpan.onHeap != 0 {
            unsafe span.base.deallocate()
            span.flags &= ~TimedSpan.onHeap
        }
    }

    /// Writes the start record, after the attributes that were given with the name.
    @inline(never) @usableFromInline
    static func announce(_ span: inout TimedSpan, _ name: UnsafePointer<UInt8>, _ count: Int) {
        guard let t = unsafe block(of: span) else { return }
        let entries = unsafe span.base + Int(span.nameCount)
        unsafe write(t, span, name, count, entries, span.cursor - entries, RecordKind.start.rawValue, span.start, span.start)
    }

    @inline(never) @usableFromInline
    static func announceDynamic(_ span: inout TimedSpan) {
        unsafe announce(&span, UnsafePointer(span.base.assumingMemoryBound(to: UInt8.self)), Int(span.nameCount))
    }

    // MARK: end

    @inline(__always)
    static func pop(_ span: borrowing TimedSpan, _ t: Block) {
        unsafe t.pointee.task = span.savedTask
        unsafe t.pointee.scope = span.savedScope
        if span.flags & TimedSpan.switched != 0 {
            unsafe t.pointee.trace_hi = span.savedHigh
            unsafe t.pointee.trace_lo = span.savedLow
            unsafe t.pointee.span = span.savedSpan
        } else if span.flags & TimedSpan.summarised == 0 {
            unsafe t.pointee.span = span.savedSpan
        }
    }

    @inline(never) @usableFromInline
    static func end(_ span: inout TimedSpan, _ name: UnsafePointer<UInt8>, _ count: Int) {
        let t = unsafe span.block.unsafelyUnwrapped.assumingMemoryBound(to: ol_thread.self)
        let now = unsafe ol_ticks(t.pointee.core.unsafelyUnwrapped)
        unsafe pop(span, t)
        if span.flags & TimedSpan.silent == 0 {
            let kind = span.flags & TimedSpan.announced != 0 ? RecordKind.stop : .span
            if span.dropped != 0 { appendDropped(&span) }
            let entries = unsafe span.base + Int(span.nameCount)
            unsafe write(t, span, name, count, entries, span.cursor - entries, kind.rawValue, span.start, now)
        } else if span.flags & TimedSpan.summarised != 0 {
            unsafe write(t, span, name, count, span.base, 0, RecordKind.summary, span.start, now)
        }
        if span.flags & TimedSpan.onHeap != 0 { unsafe span.base.deallocate() }
    }

    @inline(never) @usableFromInline
    static func endDynamic(_ span: inout TimedSpan) {
        unsafe end(&span, UnsafePointer(span.base.assumingMemoryBound(to: UInt8.self)), Int(span.nameCount))
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
        unsafe fail(&span, UnsafePointer(span.base.assumingMemoryBound(to: UInt8.self)), Int(span.nameCount), error)
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
            of: UInt32(kind) | flags << 8 | UInt32(truncatingIfNeeded: count) << 16, as: UInt32.self)
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

    /// Writes a record that is packed already. False when it was lost.
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

    // MARK: filter

    /// 0 keep, 1 drop, 2 summarise.
    @inline(__always)
    static func verdict(
        _ t: Block, _ core: Core, _ name: UnsafePointer<UInt8>, _ count: Int, _ isStatic: Bool
    ) -> UInt64 {
        guard isStatic else { return unsafe decide(core, name, count) }
        let address = UInt64(UInt(bitPattern: name)), slot = Int32(truncatingIfNeeded: (address ^ address >> 5) & 31)
        let known = unsafe ol_name(t, slot)
        if known >> 2 == address { return known & 3 }
        let verdict = unsafe decide(core, name, count)
        unsafe ol_set_name(t, slot, address << 2 | verdict)
        return verdict
    }

    @inline(never)
    static func decide(_ core: Core, _ name: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
        let text = unsafe String(decoding: UnsafeBufferPointer(start: name, count: count), as: UTF8.self)
        return unsafe UInt64(ThreadBlocks.engine(core).options.filter.verdict(text).rawValue)
    }
}

/// The enclosing asynchronous span. A plain struct: a class would cost 10 ns more.
@usableFromInline
struct Scope: Sendable, BitwiseCopyable {
    var traceHigh, traceLow, span: UInt64
    var isSampled: Bool
    var isRemote: Bool
}
