internal import OneLoggerCore

/// Packed records, in steps that write several fields at once; what is unusual goes the long way.
extension ProtobufWriter {
    /// What `eachSpanHead` says, for a name of up to 64 bytes in ASCII.
    @inline(__always)
    mutating func spanHead(_ record: borrowing RecordView) -> Int {
        let count = record.name.count, (start, end) = record.times
        guard count > 0, count <= 64, start.nanoseconds != 0 else { return rareSpanHead(record) }
        var q = unsafe p
        unsafe PackedText.store(0x100a as UInt16, q)
        unsafe PackedText.store(record.traceHigh.bigEndian, q + 2)
        unsafe PackedText.store(record.traceLow.bigEndian, q + 10)
        unsafe PackedText.store(0x0812 as UInt16, q + 18)
        unsafe PackedText.store(record.id.bigEndian, q + 20)
        unsafe q += 28
        if record.parent != 0 {
            unsafe PackedText.store(0x0822 as UInt16, q)
            unsafe PackedText.store(record.parent.bigEndian, q + 2)
            unsafe q += 10
        }
        unsafe PackedText.store(0x2a | UInt16(truncatingIfNeeded: count) &<< 8, q)
        let name = unsafe record.name.withUnsafeBufferPointer { bytes in
            unsafe bytes.baseAddress.map { unsafe PackedText.copy($0, count, q + 2) }
        }
        guard let name, PackedText.isPlain(name) else { return rareSpanHead(record) }
        unsafe q += 2 + count
        unsafe PackedText.store(0x39_0130 as UInt32, q)
        unsafe PackedText.store(start.nanoseconds, q + 3)
        unsafe PackedText.store(0x41 as UInt8, q + 11)
        unsafe PackedText.store(end.nanoseconds, q + 12)
        unsafe p = q + 20
        return unsafe q + 1 - base
    }

    @inline(never)
    private mutating func rareSpanHead(_ record: borrowing RecordView) -> Int { eachSpanHead(record) }

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
        // Each class of names met once means that no name came twice.
        var parts: UInt32 = 0, classes: UInt64 = 0, repeated: UInt64 = 0
        var place = unsafe p
        while unsafe entry < end {
            let tag = unsafe entry[0], keyCount = unsafe Int(entry[1])
            let key = unsafe entry + 2, value = unsafe key + keyCount
            if tag > Tag.doubles {
                parts |= 1 &<< UInt32(truncatingIfNeeded: tag & 31)
                unsafe entry = Self.next(entry)
                continue
            }
            let (seen, keyClass) = unsafe PackedText.copyKey(key, keyCount, place + 4)
            repeated |= classes &>> keyClass
            classes |= 1 &<< keyClass
            if UInt(bitPattern: keyCount &- 1) < Self.longestKey, PackedText.isPlain(seen) {
                if tag <= Tag.bool {
                    unsafe place = Self.number(number, tag, keyCount, PackedText.load(value, UInt64.self), place)
                    unsafe entry = value + 8
                    continue
                }
                let size = unsafe Int(PackedText.load(value, UInt32.self))
                if tag == Tag.string, UInt(bitPattern: size &- 1) < Self.longestText,
                    let behind = unsafe Self.text(number, keyCount, value + 4, size, place)
                {
                    unsafe place = behind
                    unsafe entry = value + 4 + size
                    continue
                }
            } else if keyCount == 0 {
                repeated = 1  // its class means nothing
            }
            unsafe place = long(number, entry, place)
            unsafe entry = Self.next(entry)
        }
        unsafe p = place
        return (parts, repeated & 1 != 0 && record.repeatsName)
    }

    /// The entry behind one.
    @inline(__always)
    private static func next(_ entry: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
        let tag = unsafe entry[0], value = unsafe entry + 2 + Int(entry[1])
        let hasSize = tag > Tag.bool && (tag < Tag.kind || tag > Tag.lastNumber)
        return unsafe value + (hasSize ? 4 + Int(PackedText.load(value, UInt32.self)) : 8)
    }

    /// The longest name and the longest text that go the short way, so that every length takes one byte.
    ///
    /// Unit: bytes.
    private static var longestKey: UInt { 64 }
    private static var longestText: UInt { 48 }

    /// The tags and lengths before a name: of an attribute of `size` bytes, in it of the name.
    @inline(__always)
    private static func head(_ number: UInt8, _ size: Int, _ keyCount: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: size &<< 8 | keyCount &<< 24 | Int(number) &<< 3) | 0x0a_0002
    }

    /// Writes what stands around the name of a usual attribute that is no text; where it ends.
    @inline(__always)
    private static func number(
        _ number: UInt8, _ tag: UInt8, _ keyCount: Int, _ bits: UInt64, _ start: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        let q = unsafe start + 4 + keyCount
        if tag == Tag.int {
            if bits < 0x80 {
                unsafe PackedText.store(0x18_0212 | UInt32(truncatingIfNeeded: bits) &<< 24, q)
                unsafe PackedText.store(head(number, keyCount &+ 6, keyCount), start)
                return unsafe q + 4
            }
            let size = ProtobufWriter.size(bits)
            unsafe PackedText.store(0x18_0112 &+ UInt32(truncatingIfNeeded: size) &<< 8, q)
            unsafe PackedText.store(head(number, keyCount &+ 5 &+ size, keyCount), start)
            return unsafe PackedText.varint(bits, q + 3)
        }
        if tag == Tag.double {
            unsafe PackedText.store(0x21_0912 as UInt32, q)
            unsafe PackedText.store(bits, q + 3)
            unsafe PackedText.store(head(number, keyCount &+ 13, keyCount), start)
            return unsafe q + 11
        }
        unsafe PackedText.store(0x10_0212 | (bits & 0xff != 0 ? 1 << 24 : 0) as UInt32, q)
        unsafe PackedText.store(head(number, keyCount &+ 6, keyCount), start)
        return unsafe q + 4
    }

    /// Writes what stands around the name of a usual text; where it ends, nil when the text is none.
    @inline(__always)
    private static func text(
        _ number: UInt8, _ keyCount: Int, _ text: UnsafePointer<UInt8>, _ count: Int,
        _ start: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8>? {
        let q = unsafe start + 4 + keyCount
        unsafe PackedText.store(0x0a_0212 &+ UInt32(truncatingIfNeeded: count &<< 8 | count &<< 24), q)
        guard unsafe PackedText.isPlain(PackedText.copy(text, count, q + 4)) else { return nil }
        unsafe PackedText.store(head(number, keyCount &+ count &+ 6, keyCount), start)
        return unsafe q + 4 + count
    }

    @inline(never)
    private mutating func long(
        _ number: UInt8, _ entry: UnsafePointer<UInt8>, _ place: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        unsafe p = place
        attribute(number, unsafe AttributeView(packed: entry))
        return unsafe p
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
    /// The last of those from ``kind`` on that have eight bytes.
    static var lastNumber: UInt8 { 19 }
}
