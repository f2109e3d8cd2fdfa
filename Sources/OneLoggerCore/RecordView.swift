/// One span or event, read in place.
///
/// Borrowed only: made by ``Batch/forEach(_:)``, gone when that returns.
@frozen @safe
public struct RecordView: ~Copyable {
    @usableFromInline let p: UnsafePointer<UInt8>
    @usableFromInline let clock: TickScale

    @export(implementation) @inline(__always)
    init(_ p: UnsafePointer<UInt8>, _ clock: TickScale) {
        unsafe self.p = p
        self.clock = clock
    }

    @export(implementation) @inline(__always)
    func load<T: BitwiseCopyable>(_ offset: Int, _ type: T.Type) -> T {
        unsafe UnsafeRawPointer(p + offset).loadUnaligned(as: type)
    }

    /// What the record occupies.
    ///
    /// Unit: bytes.
    @export(implementation) public var length: Int { @inline(__always) get { load(0, UInt32.self).int } }
    @export(implementation) var isRecord: Bool { @inline(__always) get { load(4, UInt8.self) != 0 } }
    /// What it is.
    @inlinable public var kind: RecordKind {
        @inline(__always) get { RecordKind(rawValue: load(4, UInt8.self)) ?? .span }
    }
    @export(implementation) var flags: UInt8 { @inline(__always) get { load(5, UInt8.self) } }
    @export(implementation) var nameCount: Int { @inline(__always) get { load(6, UInt16.self).int } }
    /// True for an event that is an application's error.
    @export(implementation) public var isError: Bool { @inline(__always) get { flags & 16 != 0 } }
    /// True when the parent is in another process.
    @export(implementation) public var parentIsRemote: Bool { @inline(__always) get { flags & 4 != 0 } }
    /// When it began; for an event, when it happened.
    @export(implementation) public var start: Timestamp { @inline(__always) get { clock.utc(load(8, UInt64.self)) } }
    /// When it ended, never before its start; for a start record the start.
    @export(implementation) public var end: Timestamp { @inline(__always) get { times.end } }
    /// The span; for an event, the span that it happened to.
    @export(implementation) public var id: UInt64 { @inline(__always) get { load(24, UInt64.self) } }
    /// The enclosing span, 0 for a root.
    @export(implementation) public var parent: UInt64 { @inline(__always) get { load(32, UInt64.self) } }
    /// The first half of the trace id.
    @export(implementation) public var traceHigh: UInt64 { @inline(__always) get { load(40, UInt64.self) } }
    /// The second half of the trace id.
    @export(implementation) public var traceLow: UInt64 { @inline(__always) get { load(48, UInt64.self) } }
    /// The ids as one value; sampled, because only sampled spans make records.
    public var context: SpanContext {
        SpanContext(traceID: TraceID(high: traceHigh, low: traceLow), spanID: SpanID(id))
    }

    /// The name's bytes, for as long as this view is borrowed.
    @inlinable public var name: Span<UInt8> {
        @_lifetime(borrow self) @inline(__always)
        get {
            let span = unsafe Span(_unsafeStart: p + 56, count: nameCount)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    @inlinable var entries: EntryList {
        @_lifetime(borrow self) @inline(__always)
        get {
            let list = unsafe EntryList(p + 56 + nameCount, p + length)
            return unsafe _overrideLifetime(list, borrowing: self)
        }
    }

    /// Calls `body` per attribute, in the order in which the names were first set; a name occurs once.
    @export(implementation) @inline(__always)
    public func forEachAttribute(_ body: (borrowing AttributeView) -> Void) { entries.forEachAttribute(body) }

    /// Calls `body` per event that the record carries, in order.
    @export(implementation) @inline(__always)
    public func forEachEvent(_ body: (borrowing EventView) -> Void) {
        entries.forEach { entry in
            let tag = entry.tag
            if tag == 9 || tag == 10 { body(unsafe EventView(entry.p, clock)) }
        }
    }

    /// Calls `body` per link, in order.
    public func forEachLink(_ body: (SpanLink) -> Void) {
        entries.forEach { entry in if entry.tag == RecordLayout.Tag.link { body(entry.link) } }
    }

    /// How the span ended.
    public var status: SpanStatus {
        switch flags & RecordLayout.statusMask {
        case 0: return .unset
        case 1: return .ok
        case 3: return .cancelled
        default: return .error(text(RecordLayout.Tag.statusMessage) ?? "")
        }
    }

    /// Whether the span ended with an error, which costs less to ask than ``status``.
    @export(implementation) public var hasFailed: Bool { @inline(__always) get { flags & 3 == 2 } }

    /// Which part the span plays between processes.
    public var spanKind: SpanKind {
        number(RecordLayout.Tag.kind).flatMap { SpanKind(rawValue: UInt8(truncatingIfNeeded: $0)) } ?? .internal
    }
    /// How many attributes and events did not fit.
    public var dropped: Int { number(RecordLayout.Tag.dropped).map { Int(clamping: $0) } ?? 0 }
    /// What is known about the beginning.
    public var startAttributes: Attributes { attributes(RecordLayout.Tag.startAttributes) }
    /// What is known about the end.
    public var stopAttributes: Attributes { attributes(RecordLayout.Tag.stopAttributes) }
    /// The attributes as a value.
    public var attributes: Attributes { entries.attributes }

    private func number(_ tag: UInt8) -> UInt64? {
        var result: UInt64?
        entries.forEach { entry in if entry.tag == tag { result = entry.bits } }
        return result
    }

    private func text(_ tag: UInt8) -> String? {
        var result: String?
        entries.forEach { entry in if entry.tag == tag { result = String(copying: entry.text) } }
        return result
    }

    private func attributes(_ tag: UInt8) -> Attributes {
        var result = Attributes()
        entries.forEach { entry in if entry.tag == tag { result = entry.nested.attributes } }
        return result
    }

    /// The record as ordinary values that may be stored.
    public var record: Record {
        let name = String(copying: name)
        if kind == .event {
            let event = Event(name, attributes, at: start)
            return .event(SpanEventRecord(event, span: context, isError: isError))
        }
        if kind == .typedEvent { return .typedEvent(typedEvent) }
        var span = SpanRecord(
            name, context: context, parentID: SpanID(parent), parentIsRemote: parentIsRemote, kind: spanKind,
            start: start, end: end, status: status, attributes: attributes, startAttributes: startAttributes,
            stopAttributes: stopAttributes, dropped: dropped)
        forEachEvent { span.events.append($0.event) }
        forEachLink { span.links.append($0) }
        switch kind {
        case .start: return .start(span)
        case .stop: return .stop(span)
        default: return .span(span)
        }
    }
}

@available(*, unavailable) extension RecordView: Sendable {}

extension String {
    /// Copies bytes; what is not valid UTF-8 becomes U+FFFD.
    public init(copying bytes: borrowing Span<UInt8>) {
        self = unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
}
