internal import OneLoggerCore

/// Attributes of packed records.
extension ProtobufWriter {
    mutating func attribute(_ number: UInt8, _ attribute: borrowing AttributeView) {
        let item = beginItem(number, isLong: false)
        if attribute.key.count > 0 { text(1, "key", attribute.key) }
        let any = begin(2, "value")
        switch attribute.kind {
        case .int: int(3, "intValue", attribute.int)
        case .double: double(4, "doubleValue", attribute.double)
        case .bool: bool(2, "boolValue", attribute.bool)
        case .string: text(1, "stringValue", attribute.text)
        case .list: value(attribute.value)
        }
        end(any)
        end(item)
    }

    /// All attributes of a record as they were set, in one pass and without calls.
    ///
    /// The usual ones have short names and short values in ASCII, so that all lengths are known and take one byte; the
    /// others go the long way.
    @inline(__always)
    mutating func attributes(_ number: UInt8, of record: borrowing RecordView) -> (otherParts: UInt32, mayRepeat: Bool)
    {
        let entries = unsafe record.packedEntries
        guard var entry = entries.baseAddress else { return (0, false) }
        let end = unsafe entry + entries.count
        var parts: UInt32 = 0, seen: UInt64 = 0, repeated: UInt64 = 0
        var place = unsafe p
        while unsafe entry < end {
            let tag = unsafe entry[0], keyCount = unsafe Int(entry[1])
            let value = unsafe entry + 2 + keyCount
            let hasSize = tag > Tag.bool && tag < Tag.kind
            let next = unsafe value + (hasSize ? 4 + Int(Self.load(value, UInt32.self)) : 8)
            if tag > Tag.doubles {
                parts |= 1 << UInt32(tag & 31)
            } else {
                // A class by length, first and last byte: each met once means that no name came twice.
                let bit: UInt64 = unsafe 1 &<< (UInt64(keyCount) &* 7 ^ UInt64(entry[2]) &* 5 ^ UInt64(value[-1]) &* 3)
                repeated |= seen & bit
                seen |= bit
                if let behind = unsafe Self.short(
                    number, tag, entry + 2, keyCount, value, next - value &- 4, place)
                {
                    unsafe place = behind
                } else {
                    unsafe place = long(number, entry, place)
                }
            }
            unsafe entry = next
        }
        unsafe p = place
        return (parts, repeated != 0)
    }

    /// Writes a usual attribute at `start`; where it ends, nil when it is none.
    @inline(__always)
    private static func short(
        _ number: UInt8, _ tag: UInt8, _ key: UnsafePointer<UInt8>, _ keyCount: Int, _ value: UnsafePointer<UInt8>,
        _ textCount: Int, _ start: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8>? {
        let isLong = tag > Tag.string || tag == Tag.string && textCount > 48
        guard keyCount > 0, keyCount <= 64, !isLong else { return nil }
        var seen = unsafe Self.copy(key, keyCount, start + 4)
        var q = unsafe start + 4 + keyCount
        if tag == Tag.string {
            let lengths = UInt32(truncatingIfNeeded: textCount &+ 2) << 8 | UInt32(truncatingIfNeeded: textCount) << 24
            unsafe Self.store(0x0a0012 | lengths, q)
            if textCount > 0 { unsafe seen |= Self.copy(value + 4, textCount, q + 4) }
            unsafe q += 4 + textCount
        } else if tag == Tag.double {
            unsafe Self.store(0x210912 as UInt32, q)
            unsafe Self.store(Self.load(value, UInt64.self), q + 3)
            unsafe q += 11
        } else if tag == Tag.int {
            let number = unsafe Self.load(value, UInt64.self)
            unsafe Self.store(0x180012 | UInt32(truncatingIfNeeded: 1 &+ Self.size(number)) << 8, q)
            unsafe q += 3
            var rest = number
            while rest >= 0x80 {
                unsafe q.pointee = UInt8(truncatingIfNeeded: rest) | 0x80
                unsafe q += 1
                rest >>= 7
            }
            unsafe q.pointee = UInt8(truncatingIfNeeded: rest)
            unsafe q += 1
        } else {
            unsafe Self.store(0x100212 | (Self.load(value, UInt8.self) != 0 ? 1 << 24 : 0) as UInt32, q)
            unsafe q += 4
        }
        guard seen & 0x8080_8080_8080_8080 == 0 else { return nil }
        let size = unsafe UInt32(truncatingIfNeeded: q - start - 2)
        let head = UInt32(number << 3 | 2) | size << 8 | 0x0a_0000 | UInt32(truncatingIfNeeded: keyCount) << 24
        unsafe Self.store(head, start)
        return unsafe q
    }

    @inline(never)
    private mutating func long(
        _ number: UInt8, _ entry: UnsafePointer<UInt8>, _ place: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        unsafe p = place
        attribute(number, unsafe AttributeView(packed: entry))
        return unsafe p
    }

    @inline(__always)
    private static func load<T: BitwiseCopyable>(_ from: UnsafePointer<UInt8>, _ type: T.Type) -> T {
        unsafe UnsafeRawPointer(from).loadUnaligned(as: T.self)
    }

    @inline(__always)
    private static func store<T: BitwiseCopyable>(_ value: T, _ to: UnsafeMutablePointer<UInt8>) {
        unsafe UnsafeMutableRawPointer(to).storeBytes(of: value, as: T.self)
    }

    /// Copies a text of a record, at least one byte, and some bytes behind it.
    ///
    /// Bit 7 of some byte is set when it is not ASCII.
    @inline(__always)
    private static func copy(_ from: UnsafePointer<UInt8>, _ count: Int, _ to: UnsafeMutablePointer<UInt8>) -> UInt64 {
        let first = unsafe load(from, UInt64.self)
        unsafe store(first, to)
        if count <= 8 { return first &<< UInt64(truncatingIfNeeded: (8 &- count) &* 8) }
        if count > 16 { return unsafe copyLong(from, count, to) }
        let last = unsafe load(from + (count &- 8), UInt64.self)
        unsafe store(last, to + (count &- 8))
        return first | last
    }

    @inline(never)
    private static func copyLong(
        _ from: UnsafePointer<UInt8>, _ count: Int, _ to: UnsafeMutablePointer<UInt8>
    ) -> UInt64 {
        let last = unsafe load(from + (count &- 8), UInt64.self)
        unsafe store(last, to + (count &- 8))
        var seen = last, i = 0
        while i &+ 8 < count {
            let word = unsafe load(from + i, UInt64.self)
            unsafe store(word, to + i)
            seen |= word
            i &+= 8
        }
        return seen
    }
}

/// The tags of `RecordLayout` as constants: what another module calls a constant costs a call.
private enum Tag {
    static var int: UInt8 { 1 }
    static var double: UInt8 { 2 }
    static var bool: UInt8 { 3 }
    static var string: UInt8 { 4 }
    static var doubles: UInt8 { 8 }
    static var kind: UInt8 { 15 }
}
