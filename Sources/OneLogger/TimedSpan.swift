public import OneLoggerCore

/// The span that is being timed.
///
/// Lives on the caller's stack; the body gets it `inout`, so it cannot escape, and ends exactly once, when the body
/// returns or throws. What may leave the body is ``context``.
@frozen @safe
public struct TimedSpan: ~Copyable {
    /// The thread's block, or for an asynchronous span the recorder's core; nil when there is nothing to do at the end.
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

    @inlinable @inline(__always)
    init(_ frame: UnsafeMutableRawPointer) {
        unsafe block = nil
        unsafe base = frame
        unsafe cursor = frame
        unsafe limit = frame + TimedSpan.frameSize
        unsafe savedTask = nil
    }

    /// What fits without going to the heap. The frame has 32 bytes more, because copies work in whole blocks.
    @usableFromInline static var frameSize: Int { @inlinable @inline(__always) get { 256 } }

    // The low byte of `flags` is about the record, the rest about what must be undone.
    /// The two bits of `SpanStatus`.
    @usableFromInline static var statusMask: UInt32 { @inlinable @inline(__always) get { 3 } }
    @usableFromInline static var remoteParent: UInt32 { @inlinable @inline(__always) get { 4 } }
    /// A start record is written, and the drainer keeps it only if the span is still open then.
    @usableFromInline static var lazy: UInt32 { @inlinable @inline(__always) get { 8 } }
    /// A start record is written.
    @usableFromInline static var announced: UInt32 { @inlinable @inline(__always) get { 1 << 8 } }
    @usableFromInline static var onHeap: UInt32 { @inlinable @inline(__always) get { 1 << 9 } }
    /// Something must be undone at the end, but no record is written (an unsampled or filtered scope).
    @usableFromInline static var silent: UInt32 { @inlinable @inline(__always) get { 1 << 10 } }
    /// Another task's scope (or none) was replaced, so its trace id must be put back.
    @usableFromInline static var switched: UInt32 { @inlinable @inline(__always) get { 1 << 11 } }
    @usableFromInline static var asynchronous: UInt32 { @inlinable @inline(__always) get { 1 << 12 } }
    /// Timed for the metrics only; leaves the thread's block untouched.
    @usableFromInline static var summarised: UInt32 { @inlinable @inline(__always) get { 1 << 13 } }
    @usableFromInline static var unsampled: UInt32 { @inlinable @inline(__always) get { 1 << 14 } }
    /// Something did not fit; `dropped` says how much.
    @usableFromInline static var full: UInt32 { @inlinable @inline(__always) get { 1 << 15 } }

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

// MARK: - attributes

extension TimedSpan {
    /// Room for an entry: writes tag and key, and gives the place of the value. Nil when the record is full.
    @inlinable @inline(__always)
    mutating func reserve(
        _ key: UnsafePointer<UInt8>, _ count: Int, _ tag: UInt8, _ extra: Int
    ) -> UnsafeMutableRawPointer? {
        if unsafe cursor + (count &+ 2 &+ extra) > limit {
            guard grow(count + 2 + extra) else { return nil }
        }
        let p = unsafe cursor
        unsafe p.storeBytes(of: UInt16(tag) | UInt16(truncatingIfNeeded: count) << 8, as: UInt16.self)
        unsafe shortCopy(p + 2, key, count)
        return unsafe p + 2 + count
    }

    @inlinable @inline(__always)
    mutating func reserve(_ key: StaticName, _ tag: UInt8, _ extra: Int) -> UnsafeMutableRawPointer? {
        let count = key.text.utf8CodeUnitCount
        guard count <= 255 else { return unsafe reserveCut(key, tag, extra) }
        return unsafe reserve(key.text.utf8Start, count, tag, extra)
    }

    /// A key that is too long is cut at a character boundary.
    @inline(never) @usableFromInline
    mutating func reserveCut(_ key: StaticName, _ tag: UInt8, _ extra: Int) -> UnsafeMutableRawPointer? {
        let bytes = unsafe UnsafeBufferPointer(start: key.text.utf8Start, count: key.text.utf8CodeUnitCount)
        let count = unsafe characterBoundary(bytes, atMost: RecordLayout.maximumKey)
        return unsafe reserve(key.text.utf8Start, count, tag, extra)
    }

    @inlinable @inline(__always)
    mutating func store<T: BitwiseCopyable>(_ key: StaticName, _ tag: UInt8, _ value: T) {
        guard isRecording, let p = unsafe reserve(key, tag, 8) else { return }
        unsafe p.storeBytes(of: value, as: T.self)
        unsafe cursor = p + 8
    }

    @inlinable @inline(__always)
    mutating func store(_ key: StaticName, _ text: UnsafePointer<UInt8>, _ count: Int) {
        guard let p = unsafe reserve(key, 4, count &+ 4) else { return unsafe storeCut(key, text, count) }
        unsafe p.storeBytes(of: UInt32(truncatingIfNeeded: count), as: UInt32.self)
        unsafe shortCopy(p + 4, text, count)
        unsafe cursor = p + 4 + count
    }

    @inlinable @inline(__always)
    mutating func store(_ key: StaticName, _ value: String) {
        guard isRecording else { return }
        var value = value
        value.withUTF8 { bytes in
            if let start = bytes.baseAddress {
                unsafe store(key, start, bytes.count)
            } else {
                unsafe store(key, key.text.utf8Start, 0)
            }
        }
    }

    @inlinable @inline(__always)
    mutating func store(_ key: StaticName, _ value: PlainValue) {
        switch value {
        case .int(let value): store(key, 1, value)
        case .double(let value): store(key, 2, value)
        case .bool(let value): store(key, 3, Int(value ? 1 : 0))
        case .text(let value):
            guard isRecording else { return }
            unsafe store(key, value.text.utf8Start, value.text.utf8CodeUnitCount)
        }
    }

    @inlinable @inline(__always)
    mutating func store(_ key: StaticName, _ value: OwnedValue) {
        switch value {
        case .int(let value): store(key, 1, value)
        case .double(let value): store(key, 2, value)
        case .bool(let value): store(key, 3, Int(value ? 1 : 0))
        case .string(let value): store(key, value)
        }
    }

    @inlinable
    mutating func store(_ key: StaticName, _ value: AttributeValue) {
        switch value {
        case .int(let value): store(key, 1, value)
        case .double(let value): store(key, 2, value)
        case .bool(let value): store(key, 3, Int(value ? 1 : 0))
        case .string(let value): store(key, value)
        default: storeList(key, value)
        }
    }

    /// Sets an attribute; the last value of a key counts.
    ///
    /// - Parameters:
    ///   - key: Made at run time; its bytes are copied, cut to 255.
    ///   - value: A value of any shape; a list allocates.
    public mutating func set(_ key: String, _ value: AttributeValue) {
        guard isRecording else { return }
        HotPath.append(&self) { $0.append(key, value) }
    }

    /// Sets all of them; the last value of a key counts.
    public mutating func set(_ attributes: Attributes) {
        guard isRecording, !attributes.isEmpty else { return }
        for (key, value) in attributes { set(key, value) }
    }

    @inline(never) @usableFromInline
    mutating func storeList(_ key: StaticName, _ value: AttributeValue) { set(key.text.description, value) }

    /// The record is full: a text is cut to what fits.
    @inline(never) @usableFromInline
    mutating func storeCut(_ key: StaticName, _ text: UnsafePointer<UInt8>, _ count: Int) {
        let rest = unsafe RecordLayout.maximumRecord - (cursor - base) - key.text.utf8CodeUnitCount - 1024
        guard rest > 0 else { return }
        let bytes = unsafe UnsafeBufferPointer(start: text, count: count)
        let fitting = unsafe characterBoundary(bytes, atMost: min(rest, count))
        guard fitting < count, let p = unsafe reserve(key, 4, fitting + 4) else { return }
        unsafe p.storeBytes(of: UInt32(fitting), as: UInt32.self)
        unsafe (p + 4).copyMemory(from: text, byteCount: fitting)
        unsafe cursor = p + 4 + fitting
    }

    /// Moves the frame to the heap, four times as large. False, and counted, when the record would be too large.
    @inline(never) @usableFromInline
    mutating func grow(_ need: Int) -> Bool {
        let used = unsafe cursor - base
        guard used + need <= RecordLayout.maximumRecord - 512 else {
            dropped &+= 1
            flags |= Self.full
            return false
        }
        let capacity = unsafe max((limit - base) * 4, used + need + 64)
        let bigger = UnsafeMutableRawPointer.allocate(byteCount: capacity + 32, alignment: 16)
        unsafe bigger.copyMemory(from: base, byteCount: used)
        // A frame on the caller's stack frees itself; an asynchronous span's frame is on the heap to begin with.
        if flags & (Self.onHeap | Self.asynchronous) != 0 { unsafe base.deallocate() }
        flags |= Self.onHeap
        unsafe base = bigger
        unsafe cursor = bigger + used
        unsafe limit = bigger + capacity
        return true
    }
}

// MARK: - subscripts

extension TimedSpan {
    /// Sets an integer attribute; write-only.
    @inlinable public subscript(_ key: StaticName) -> Int {
        @available(*, unavailable, message: "attributes are write-only") get { 0 }
        @inline(__always) set { store(key, 1, newValue) }
    }

    /// Sets a number attribute; write-only.
    @inlinable public subscript(_ key: StaticName) -> Double {
        @available(*, unavailable, message: "attributes are write-only") get { 0 }
        @inline(__always) set { store(key, 2, newValue) }
    }

    /// Sets a number attribute; write-only.
    @inlinable public subscript(_ key: StaticName) -> Float {
        @available(*, unavailable, message: "attributes are write-only") get { 0 }
        @inline(__always) set { store(key, 2, Double(newValue)) }
    }

    /// Sets a truth value attribute; write-only.
    @inlinable public subscript(_ key: StaticName) -> Bool {
        @available(*, unavailable, message: "attributes are write-only") get { false }
        @inline(__always) set { store(key, 3, Int(newValue ? 1 : 0)) }
    }

    /// Sets a text attribute; write-only.
    @inlinable public subscript(_ key: StaticName) -> String {
        @available(*, unavailable, message: "attributes are write-only") get { "" }
        @inline(__always) set { store(key, newValue) }
    }

    /// Sets an attribute of any shape; write-only.
    @inlinable @_disfavoredOverload
    public subscript(_ key: StaticName) -> AttributeValue {
        @available(*, unavailable, message: "attributes are write-only") get { .int(0) }
        set { store(key, newValue) }
    }

    /// Sets a list attribute; write-only. Allocates.
    @inlinable public subscript(_ key: StaticName) -> [Int] {
        @available(*, unavailable, message: "attributes are write-only") get { [] }
        set { store(key, .ints(newValue)) }
    }

    /// Sets a list attribute; write-only. Allocates.
    @inlinable public subscript(_ key: StaticName) -> [Double] {
        @available(*, unavailable, message: "attributes are write-only") get { [] }
        set { store(key, .doubles(newValue)) }
    }

    /// Sets a list attribute; write-only. Allocates.
    @inlinable public subscript(_ key: StaticName) -> [String] {
        @available(*, unavailable, message: "attributes are write-only") get { [] }
        set { store(key, .strings(newValue)) }
    }

    /// Sets a list attribute; write-only. Allocates.
    @inlinable public subscript(_ key: StaticName) -> [Bool] {
        @available(*, unavailable, message: "attributes are write-only") get { [] }
        set { store(key, .bools(newValue)) }
    }
}

// MARK: - events, errors, links, status

extension TimedSpan {
    /// Notes a point in time.
    ///
    /// The event is part of this span's record; when the span has announced itself it leaves at once.
    @inlinable @inline(__always)
    public mutating func event(_ name: StaticName) {
        guard isRecording else { return }
        HotPath.event(&self, name)
    }

    /// Notes a point in time and what is known about it; the attributes are evaluated only when the span is recorded.
    @inlinable @inline(__always)
    public mutating func event(_ name: StaticName, _ attributes: @autoclosure () -> PlainAttributes) {
        guard isRecording else { return }
        let mark = HotPath.openEvent(&self, name)
        guard mark >= 0 else { return }
        for (key, value) in attributes().elements { store(key, value) }
        HotPath.closeEvent(&self, mark)
    }

    /// Notes an event whose name, attributes or time are made at run time.
    @_disfavoredOverload
    public mutating func event(_ name: String, _ attributes: @autoclosure () -> Attributes = [:]) {
        guard isRecording else { return }
        HotPath.event(&self, Event(name, attributes()))
    }

    /// Notes an event; without a time it happened now.
    public mutating func event(_ event: Event) {
        guard isRecording else { return }
        HotPath.event(&self, event)
    }

    /// Notes an application's error, and that the span failed. An error that the body throws is noted by itself.
    ///
    /// - Parameters:
    ///   - error: The error; a `CancellationError` makes the span cancelled, not failed.
    ///   - message: What was being done, for people.
    public mutating func error(_ error: any Error, _ message: String = "") {
        guard isRecording else { return }
        HotPath.record(error, on: &self, message)
    }

    /// Relates the span to another one that is not its parent. Allocates.
    public mutating func link(_ context: SpanContext, _ attributes: Attributes = [:]) {
        guard isRecording else { return }
        HotPath.append(&self) { $0.append(SpanLink(context, attributes)) }
    }

    /// Says how the span ended; an error that the body throws afterwards wins.
    public mutating func setStatus(_ status: SpanStatus) {
        guard isRecording else { return }
        flags = flags & ~Self.statusMask | UInt32(status.code)
        if case .error(let message) = status, !message.isEmpty { HotPath.append(&self) { $0.append(status) } }
    }

    /// What is known about the end; appears beside the span's own attributes.
    public mutating func setStopAttributes(_ attributes: @autoclosure () -> Attributes) {
        guard isRecording else { return }
        let attributes = attributes()
        HotPath.append(&self) { $0.nested(RecordLayout.Tag.stopAttributes, attributes) }
    }
}

/// Copies a short run of bytes without a call: at most 16 bytes as two overlapping words.
@inlinable @inline(__always)
func shortCopy(_ to: UnsafeMutableRawPointer, _ from: UnsafePointer<UInt8>, _ n: Int) {
    let from = unsafe UnsafeRawPointer(from)
    if n >= 8 {
        if n > 16 {
            unsafe to.copyMemory(from: from, byteCount: n)
            return
        }
        let a = unsafe from.loadUnaligned(as: UInt64.self), b = unsafe (from + (n - 8)).loadUnaligned(as: UInt64.self)
        unsafe to.storeBytes(of: a, as: UInt64.self)
        unsafe (to + (n - 8)).storeBytes(of: b, as: UInt64.self)
    } else if n >= 4 {
        let a = unsafe from.loadUnaligned(as: UInt32.self), b = unsafe (from + (n - 4)).loadUnaligned(as: UInt32.self)
        unsafe to.storeBytes(of: a, as: UInt32.self)
        unsafe (to + (n - 4)).storeBytes(of: b, as: UInt32.self)
    } else if n > 0 {
        let a = unsafe from.load(as: UInt8.self), b = unsafe (from + n / 2).load(as: UInt8.self)
        let c = unsafe (from + (n - 1)).load(as: UInt8.self)
        unsafe to.storeBytes(of: a, as: UInt8.self)
        unsafe (to + n / 2).storeBytes(of: b, as: UInt8.self)
        unsafe (to + (n - 1)).storeBytes(of: c, as: UInt8.self)
    }
}
