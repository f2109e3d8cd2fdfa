internal import COneLogger
internal import OneLoggerCore
public import Synchronization

/// Begin, end and event.
///
/// Out of line: a call site is about 230 bytes, and no C type shows in this module's interface.
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
        // Addresses are compared as numbers: two optionals cost six instructions more.
        if let block = unsafe ol_current(), unsafe UInt(bitPattern: block.pointee.core) == gate {
            return unsafe block
        }
        return unsafe ThreadBlocks.attach(Core(bitPattern: gate).unsafelyUnwrapped)
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
        let task = unsafe ol_task(), core = unsafe t.pointee.core.unsafelyUnwrapped, scope = unsafe t.pointee.scope
        guard scope != 0, unsafe UInt(bitPattern: task) == UInt(bitPattern: t.pointee.task) else {
            return unsafe beginWithCare(&span, t, core, task, name, count, isStatic)
        }
        // A span of this task is open on this thread: the usual case.
        span.parent = unsafe t.pointee.span
        span.traceHigh = unsafe t.pointee.trace_hi
        span.traceLow = unsafe t.pointee.trace_lo
        if scope == 2 {
            span.flags = TimedSpan.unsampled
            return
        }
        let flags = unsafe core.pointee.flags
        if flags & OL_FILTER != 0 {
            let verdict = unsafe Self.verdict(t, core, name, count, isStatic)
            if verdict == 1 {  // children keep hanging under t.span, the nearest exported ancestor
                unsafe ol_add(&t.pointee.filtered, 1)
                return
            }
            if verdict == 2 { return unsafe summarise(&span, t, core) }
        }
        span.savedSpan = span.parent
        span.id = unsafe ol_next_id(t)
        unsafe t.pointee.span = span.id
        unsafe span.block = UnsafeMutableRawPointer(t)
        span.openFrame()
        if flags & OL_ANNOUNCE_ALL != 0 || span.parent == 0 { announceIfNeeded(&span, flags) }
        span.start = unsafe ol_ticks(core)
    }

    /// A span that is only timed leaves the thread's block untouched.
    @inline(never)
    static func summarise(_ span: inout TimedSpan, _ t: Block, _ core: Core) {
        span.flags |= TimedSpan.silent | TimedSpan.summarised
        unsafe span.block = UnsafeMutableRawPointer(t)
        span.start = unsafe ol_ticks(core)
    }

    /// Begins where no span of this task is open on this thread.
    @inline(never)
    static func beginWithCare(
        _ span: inout TimedSpan, _ t: Block, _ core: Core, _ task: UnsafeMutableRawPointer?,
        _ name: UnsafePointer<UInt8>, _ count: Int, _ isStatic: Bool
    ) {
        unsafe save(&span, t)
        // Without a task and a remote parent there is nobody to ask.
        let isNew = unsafe task == nil && core.pointee.flags & Engine.remoteParentFlag == 0
        let sampled = unsafe isNew ? newTrace(&span, t, core) : root(&span, t, core, task)
        unsafe place(&span, t, task, isSampled: sampled)
        if sampled { unsafe decide(&span, t, core, name, count, isStatic) }
    }

    /// Puts the span's parent and trace on the thread, as if the parent were open.
    @inline(__always)
    static func place(_ span: inout TimedSpan, _ t: Block, _ task: UnsafeMutableRawPointer?, isSampled: Bool) {
        unsafe t.pointee.span = span.parent
        unsafe t.pointee.trace_hi = span.traceHigh
        unsafe t.pointee.trace_lo = span.traceLow
        unsafe t.pointee.task = task
        unsafe t.pointee.scope = isSampled ? 1 : 2
        unsafe span.block = UnsafeMutableRawPointer(t)
        if !isSampled { span.flags |= TimedSpan.silent | TimedSpan.unsampled }
    }

    /// Filter, id and announcement of a span whose parent is on the thread already.
    @inline(__always)
    static func decide(
        _ span: inout TimedSpan, _ t: Block, _ core: Core, _ name: UnsafePointer<UInt8>, _ count: Int, _ isStatic: Bool
    ) {
        let flags = unsafe core.pointee.flags
        var verdict: UInt64 = 0
        if flags & OL_FILTER != 0 { verdict = unsafe Self.verdict(t, core, name, count, isStatic) }
        if verdict == 0 {
            span.id = unsafe ol_next_id(t)
            unsafe t.pointee.span = span.id
            span.openFrame()
            announceIfNeeded(&span, flags)
        } else {
            if verdict == 1 { unsafe ol_add(&t.pointee.filtered, 1) }
            span.flags |= TimedSpan.silent | (verdict == 2 ? TimedSpan.summarised : 0)
        }
        span.start = unsafe ol_ticks(core)
    }

    /// Keeps what another task (or nobody) has open on this thread, to be put back at the end.
    @inline(__always)
    static func save(_ span: inout TimedSpan, _ t: Block) {
        span.flags |= TimedSpan.switched
        span.savedSpan = unsafe t.pointee.span
        span.savedHigh = unsafe t.pointee.trace_hi
        span.savedLow = unsafe t.pointee.trace_lo
        unsafe span.savedTask = t.pointee.task
        span.savedScope = unsafe t.pointee.scope
    }

    @inline(__always)
    static func announceIfNeeded(_ span: inout TimedSpan, _ flags: UInt32) {
        if flags & OL_ANNOUNCE_ALL != 0 {
            span.flags |= TimedSpan.announced
        } else if flags & OL_ANNOUNCE_ROOTS != 0, span.parent == 0 || span.flags & TimedSpan.remoteParent != 0 {
            span.flags |= TimedSpan.lazy
        }
    }

    /// No open span of this task on this thread: ask the task, else start a trace.
    ///
    /// False: the trace is not sampled.
    @inline(never)
    static func root(_ span: inout TimedSpan, _ t: Block, _ core: Core, _ task: UnsafeMutableRawPointer?) -> Bool {
        let local = unsafe Unmanaged<TaskLocal<Scope?>>.fromOpaque(core.pointee.scope.unsafelyUnwrapped)
        // A scope is bound by asynchronous spans alone, so where no task runs there is none.
        if unsafe task != nil, let scope = unsafe local._withUnsafeGuaranteedRef({ $0.get() }) {
            span.parent = scope.span
            span.traceHigh = scope.traceHigh
            span.traceLow = scope.traceLow
            if scope.isRemote { span.flags |= TimedSpan.remoteParent }
            return scope.isSampled
        }
        if let session = unsafe OpenSession.open(on: core) { return unsafe adopt(session.context, &span, core) }
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
        guard unsafe core.pointee.flags & OL_SAMPLE != 0 else { return true }
        if unsafe span.traceLow &>> 1 < core.pointee.threshold { return true }
        span.parent = span.traceLow | 1  // so that an unsampled context is valid, and says so downstream
        return false
    }

    /// Takes `context` as the parent.
    ///
    /// False: the trace is not sampled.
    static func adopt(_ context: SpanContext, _ span: inout TimedSpan, _ core: Core) -> Bool {
        span.parent = context.spanID.value
        span.traceHigh = context.traceID.high
        span.traceLow = context.traceID.low
        if context.isRemote { span.flags |= TimedSpan.remoteParent }
        let flags = unsafe core.pointee.flags
        if flags & Engine.parentBasedFlag != 0 { return context.isSampled }
        guard flags & OL_SAMPLE != 0 else { return true }
        return unsafe span.traceLow &>> 1 < core.pointee.threshold
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
        unsafe save(&span, t)
        unsafe place(&span, t, ol_task(), isSampled: sampled)
        if sampled { unsafe decide(&span, t, core, name, count, isStatic) }
    }

    /// The name's bytes go to the head of the frame; the record copies them from there.
    @inline(never) @usableFromInline
    static func begin(_ span: inout TimedSpan, _ gate: UInt, _ name: String, under parent: SpanParent) {
        var name = name
        name.withUTF8 { bytes in
            let n = unsafe characterBoundary(bytes, atMost: RecordLayout.maximumName)
            if n > TimedSpan.frameSize { span.moveToHeap(n) }
            if let start = bytes.baseAddress { unsafe span.base.copyMemory(from: start, byteCount: n) }
            unsafe span.cursor = span.base + n
            span.nameCount = UInt32(n)
            let heap = span.flags & TimedSpan.onHeap
            unsafe begin(
                &span, gate, UnsafePointer(span.base.assumingMemoryBound(to: UInt8.self)), n, false, under: parent)
            span.flags |= heap
        }
        guard !span.isRecording else { return }
        unsafe span.limit = span.cursor  // no room for attributes, wherever the name lies
        if unsafe span.block == nil, span.flags & TimedSpan.onHeap != 0 {
            unsafe span.base.deallocate()
            span.flags &= ~TimedSpan.onHeap
        }
    }

    /// Writes the start record, after the attributes that were given with the name.
    @inline(never) @usableFromInline
    static func announce(_ span: inout TimedSpan, _ name: UnsafePointer<UInt8>, _ count: Int) {
        guard let t = unsafe block(of: span) else { return }
        let entries = unsafe span.base + span.nameCount.int
        unsafe write(
            t, span, name, count, entries, span.cursor - entries, RecordKind.start.rawValue, span.start, span.start)
    }

    @inline(never) @usableFromInline
    static func announceDynamic(_ span: inout TimedSpan) {
        unsafe announce(&span, UnsafePointer(span.base.assumingMemoryBound(to: UInt8.self)), span.nameCount.int)
    }
}

/// The enclosing asynchronous span.
///
/// A plain struct: a class would cost 10 ns more.
@usableFromInline
struct Scope: Sendable, BitwiseCopyable {
    var traceHigh, traceLow, span: UInt64
    var isSampled: Bool
    var isRemote: Bool
}
