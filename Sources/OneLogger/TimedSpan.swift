public import OneLoggerCore

/// The span that is being timed.
///
/// Lives on the caller's stack; the body gets it `inout`, so it cannot escape, and ends exactly once, when the body
/// returns or throws. What may leave the body is ``context``.
@frozen @safe
public struct TimedSpan: ~Copyable {
    /// The thread's block, or for an asynchronous span the recorder's core; nil when there is nothing to do at the end.
    ///
    /// Opaque, so that no C type is part of this module's interface.
    @usableFromInline var block: UnsafeMutableRawPointer?
    /// The frame: a dynamic name's bytes, then entries as `RecordLayout` has them.
    @usableFromInline var base, cursor, limit: UnsafeMutableRawPointer
    @usableFromInline var id: UInt64 = 0, parent: UInt64 = 0, traceHigh: UInt64 = 0, traceLow: UInt64 = 0
    @usableFromInline var start: UInt64 = 0, savedSpan: UInt64 = 0
    @usableFromInline var savedTask: UnsafeMutableRawPointer?
    @usableFromInline var savedScope: UInt32 = 0, flags: UInt32 = 0, nameCount: UInt32 = 0, dropped: UInt32 = 0
    // Written only when the scope of another task (or none) is replaced, so left alone by the common path.
    @usableFromInline var savedHigh: UInt64 = 0, savedLow: UInt64 = 0

    @export(implementation) @inline(__always)
    init(_ frame: UnsafeMutableRawPointer) {
        unsafe block = nil
        unsafe base = frame
        unsafe cursor = frame
        // No room until something is recorded: so the check for room is the only one that an attribute costs.
        unsafe limit = frame
        unsafe savedTask = nil
    }

    /// What fits without going to the heap.
    ///
    /// The frame has 32 bytes more, because copies work in whole blocks.
    @usableFromInline static var frameSize: Int { @inlinable @inline(__always) get { 256 } }

    // The low byte of `flags` is about the record, the rest about what must be undone.
    /// The two bits of `SpanStatus`.
    @usableFromInline static var statusMask: UInt32 { @inlinable @inline(__always) get { 3 } }
    @usableFromInline static var remoteParent: UInt32 { @inlinable @inline(__always) get { 4 } }
    /// A start record is written, and the drainer keeps it only if the span is still open then.
    @usableFromInline static var lazy: UInt32 { @inlinable @inline(__always) get { 8 } }
    /// A start record is written.
    @usableFromInline static var announced: UInt32 { @inlinable @inline(__always) get { 1 &<< 8 } }
    @usableFromInline static var onHeap: UInt32 { @inlinable @inline(__always) get { 1 &<< 9 } }
    /// Something must be undone at the end, but no record is written (an unsampled or filtered scope).
    @usableFromInline static var silent: UInt32 { @inlinable @inline(__always) get { 1 &<< 10 } }
    /// Another task's scope (or none) was replaced, so its trace id must be put back.
    @usableFromInline static var switched: UInt32 { @inlinable @inline(__always) get { 1 &<< 11 } }
    @usableFromInline static var asynchronous: UInt32 { @inlinable @inline(__always) get { 1 &<< 12 } }
    /// Timed for the metrics only; leaves the thread's block untouched.
    @usableFromInline static var summarised: UInt32 { @inlinable @inline(__always) get { 1 &<< 13 } }
    @usableFromInline static var unsampled: UInt32 { @inlinable @inline(__always) get { 1 &<< 14 } }
    /// Something did not fit; `dropped` says how much.
    @usableFromInline static var full: UInt32 { @inlinable @inline(__always) get { 1 &<< 15 } }

    /// False when the recorder is off, the trace is not sampled or the name is filtered out.
    ///
    /// Everything that is set on such a span costs next to nothing.
    @inlinable public var isRecording: Bool {
        @inline(__always) get { unsafe block != nil && flags & Self.silent == 0 }
    }

    /// The nearest exported span: this one, or its nearest ancestor when this one is filtered out.
    ///
    /// May be kept, sent to other tasks and threads, and given as `parent:` there. Not valid when nothing is recorded.
    public var context: SpanContext {
        SpanContext(
            traceID: TraceID(high: traceHigh, low: traceLow), spanID: SpanID(id != 0 ? id : parent),
            isSampled: flags & Self.unsampled == 0,
            isRemote: id == 0 && flags & Self.remoteParent != 0)
    }
}

@available(*, unavailable) extension TimedSpan: Sendable {}
