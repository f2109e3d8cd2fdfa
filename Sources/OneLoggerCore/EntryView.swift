/// The entries of a record, an event or a link.
///
/// Borrowed from the record.
@frozen @safe @usableFromInline
struct EntryList: ~Escapable {
    @usableFromInline let first: UnsafePointer<UInt8>
    @usableFromInline let end: UnsafePointer<UInt8>

    @inlinable @inline(__always) @_lifetime(immortal)
    init(_ first: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
        unsafe self.first = first
        unsafe self.end = end
    }

    @export(implementation) @inline(__always)
    func forEach(_ body: (borrowing AttributeView) -> Void) {
        var p = unsafe first
        while unsafe p < end {
            let entry = unsafe AttributeView(p)
            body(entry)
            unsafe p += entry.length
        }
    }

    /// Calls `attributes` per attribute and `others` per anything else.
    @export(implementation) @inline(__always)
    func forEachSplit(
        _ attributes: (borrowing AttributeView) -> Void, others: (borrowing AttributeView) -> Void
    ) {
        var p = unsafe first
        while unsafe p < end {
            let entry = unsafe AttributeView(p)
            if entry.isAttribute {
                attributes(entry)
                unsafe p += 2 &+ entry.keyCount &+ (entry.tag <= 3 ? 8 : 4 &+ entry.size)
            } else {
                others(entry)
                unsafe p += entry.length
            }
        }
    }

    @export(implementation) @inline(__always)
    func forEachAttribute(_ body: (borrowing AttributeView) -> Void) {
        if mayRepeatKeys, repeatsName {
            forEachDistinct(body)
        } else {
            forEach { entry in if entry.isAttribute { body(entry) } }
        }
    }

    /// False only when all keys differ: by length, first and last byte they fall into 64 classes, each met once.
    @inlinable var mayRepeatKeys: Bool {
        @inline(__always)
        get {
            var seen: UInt64 = 0, repeated = false
            forEach { entry in
                guard entry.isAttribute else { return }
                let bit: UInt64 = 1 << (entry.keyClass & 63)
                repeated = repeated || seen & bit != 0
                seen |= bit
            }
            return repeated
        }
    }

    /// Whether a name really stands twice, by comparing each with each; with more than 4 KiB, whether that may be.
    @usableFromInline var repeatsName: Bool {
        @inline(never)
        get {
            guard unsafe end - first <= 4096 else { return true }
            var later = unsafe first
            while unsafe later < end {
                let entry = unsafe AttributeView(later)
                var earlier = unsafe first
                while unsafe entry.isAttribute && earlier < later {
                    let other = unsafe AttributeView(earlier)
                    if other.hasKey(of: entry) { return true }
                    unsafe earlier += other.length
                }
                unsafe later += entry.length
            }
            return false
        }
    }

    /// Each name once, at its first place and with its last value.
    @usableFromInline @inline(never)
    func forEachDistinct(_ body: (borrowing AttributeView) -> Void) {
        var order: [String] = [], last: [String: UnsafePointer<UInt8>] = unsafe [:]
        forEach { entry in
            guard entry.isAttribute else { return }
            let key = String(copying: entry.key)
            if unsafe last.updateValue(entry.p, forKey: key) == nil { order.append(key) }
        }
        for key in order {
            if let p = unsafe last[key] { body(unsafe AttributeView(p)) }
        }
    }

    var attributes: Attributes {
        var result = Attributes()
        forEach { entry in if entry.isAttribute { result[String(copying: entry.key)] = entry.value } }
        return result
    }
}

@available(*, unavailable) extension EntryList: Sendable {}

/// One attribute, read in place.
///
/// Borrowed only.
@frozen @safe
public struct AttributeView: ~Copyable {
    /// The shapes of a value.
    public enum Kind: UInt8, Sendable {
        /// Read ``AttributeView/int``.
        case int = 1
        /// Read ``AttributeView/double``.
        case double = 2
        /// Read ``AttributeView/bool``.
        case bool = 3
        /// Read ``AttributeView/text``.
        case string = 4
        /// Read ``AttributeView/value``.
        case list = 5
    }

    @usableFromInline let p: UnsafePointer<UInt8>

    @export(implementation) @inline(__always)
    init(_ p: UnsafePointer<UInt8>) { unsafe self.p = p }

    /// Reads the entry at `p` in place; the caller keeps it alive.
    @export(implementation) @inline(__always)
    package init(packed p: UnsafePointer<UInt8>) { unsafe self.init(p) }

    @export(implementation) package var tag: UInt8 { @inline(__always) get { unsafe p[0] } }
    @export(implementation) var isAttribute: Bool { @inline(__always) get { tag < 9 } }
    @export(implementation) var keyCount: Int { @inline(__always) get { unsafe p[1].int } }
    /// True for a field of a typed event, null or not.
    @export(implementation) package var isField: Bool { @inline(__always) get { tag < 9 || tag == 17 } }
    /// True for a field of a typed event that says nothing.
    @export(implementation) package var isNull: Bool { @inline(__always) get { tag == 17 } }
    @export(implementation) @inline(__always)
    func load<T: BitwiseCopyable>(_ offset: Int, _ type: T.Type) -> T {
        unsafe UnsafeRawPointer(p + 2 + keyCount + offset).loadUnaligned(as: type)
    }
    @export(implementation) var size: Int { @inline(__always) get { load(0, UInt32.self).int } }
    @inlinable package var length: Int {
        @inline(__always) get { 2 + keyCount + (tag <= 3 || tag &- 15 < 5 ? 8 : 4 + size) }
    }
    @inlinable var keyClass: UInt64 {
        @inline(__always)
        get {
            let n = keyCount
            guard n != 0 else { return 0 }
            let lengthAndFirst = unsafe UInt32(UnsafeRawPointer(p + 1).loadUnaligned(as: UInt16.self))
            return UInt64(lengthAndFirst &* 0x9E37 &>> 9 ^ UInt32(unsafe p[1 + n]) &* 3)
        }
    }

    /// Whether both are attributes of one name.
    func hasKey(of other: borrowing AttributeView) -> Bool {
        guard isAttribute, other.isAttribute, keyCount == other.keyCount else { return false }
        for place in 2..<2 + keyCount where unsafe p[place] != other.p[place] { return false }
        return true
    }

    /// What the value is.
    @export(implementation) public var kind: Kind { @inline(__always) get { Kind(rawValue: tag) ?? .list } }
    /// The eight bytes of a value of fixed size.
    @export(implementation) var bits: UInt64 { @inline(__always) get { load(0, UInt64.self) } }
    /// The integer; 0 when the value is something else.
    @export(implementation) public var int: Int {
        @inline(__always) get { tag == 1 ? Int(truncatingIfNeeded: load(0, Int64.self)) : 0 }
    }
    /// The number; 0 when the value is something else, an integer too.
    @export(implementation) public var double: Double { @inline(__always) get { tag == 2 ? load(0, Double.self) : 0 } }
    /// The truth value; false when the value is something else.
    @export(implementation) public var bool: Bool { @inline(__always) get { tag == 3 && bits != 0 } }
    /// The name's bytes.
    @inlinable public var key: Span<UInt8> {
        @_lifetime(borrow self) @inline(__always)
        get {
            let span = unsafe Span(_unsafeStart: p + 2, count: keyCount)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }
    /// The text's bytes; none when the value is something else.
    @inlinable public var text: Span<UInt8> {
        @_lifetime(borrow self) @inline(__always)
        get {
            // Of any other value these four bytes are no size, and a span over them would reach anywhere.
            let count = tag == 4 || tag == 12 || tag &- 21 < 4 ? size : 0
            let span = unsafe Span(_unsafeStart: p + 6 + keyCount, count: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// The value, of any shape, as an ordinary one.
    public var value: AttributeValue {
        switch tag {
        case RecordLayout.Tag.int: .int(int)
        case RecordLayout.Tag.double: .double(double)
        case RecordLayout.Tag.bool: .bool(bool)
        case RecordLayout.Tag.string: .string(String(copying: text))
        case RecordLayout.Tag.strings: .strings(strings)
        case RecordLayout.Tag.bools: .bools((0..<size).map { load(4 + $0, UInt8.self) != 0 })
        case RecordLayout.Tag.ints: .ints((0..<size / 8).map { Int(truncatingIfNeeded: load(4 + $0 * 8, Int64.self)) })
        default: .doubles((0..<size / 8).map { load(4 + $0 * 8, Double.self) })
        }
    }

    private var strings: [String] {
        var result: [String] = [], at = 4
        while at < 4 + size {
            let count = load(at, UInt32.self).int
            let bytes = unsafe UnsafeBufferPointer(start: p + 2 + keyCount + at + 4, count: count)
            result.append(unsafe String(decoding: bytes, as: UTF8.self))
            at += 4 + count
        }
        return result
    }

    /// What a nested entry holds behind its first `skipping` bytes.
    @_lifetime(borrow self)
    func nested(skipping: Int) -> EntryList {
        let list = unsafe EntryList(p + 6 + keyCount + skipping, p + length)
        return unsafe _overrideLifetime(list, borrowing: self)
    }

    var nested: EntryList {
        @_lifetime(borrow self) get { nested(skipping: 0) }
    }

    var link: SpanLink {
        let flags = load(28, UInt8.self)
        let trace = TraceID(high: load(4, UInt64.self), low: load(12, UInt64.self))
        let context = SpanContext(
            traceID: trace, spanID: SpanID(load(20, UInt64.self)), isSampled: flags & 1 != 0, isRemote: flags & 2 != 0)
        return SpanLink(context, nested(skipping: 25).attributes)
    }
}

@available(*, unavailable) extension AttributeView: Sendable {}

/// One event that a span record carries, read in place.
///
/// Borrowed only.
@frozen @safe
public struct EventView: ~Copyable {
    @usableFromInline let entry: AttributeView
    @usableFromInline let clock: TickScale

    @export(implementation) @inline(__always)
    init(_ p: UnsafePointer<UInt8>, _ clock: TickScale) {
        entry = unsafe AttributeView(p)
        self.clock = clock
    }

    /// True for an application's error.
    @inlinable public var isError: Bool { entry.tag == 10 }
    /// When it happened.
    @inlinable public var time: Timestamp { clock.utc(entry.load(4, UInt64.self)) }
    /// The name's bytes.
    @inlinable public var name: Span<UInt8> {
        @_lifetime(borrow self) @inline(__always) get { entry.key }
    }
    /// Calls `body` per attribute.
    public func forEachAttribute(_ body: (borrowing AttributeView) -> Void) {
        entry.nested(skipping: 8).forEachAttribute(body)
    }
    /// The event as an ordinary value.
    public var event: Event {
        Event(String(copying: name), entry.nested(skipping: 8).attributes, at: time)
    }
}

@available(*, unavailable) extension EventView: Sendable {}
