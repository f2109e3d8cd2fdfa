/// Reads the fields of a protobuf message that a peer sent; anything may be wrong with it.
struct ProtobufReader {
    enum Value: Equatable {
        case varint(UInt64)
        case bytes(ArraySlice<UInt8>)
        /// Four or eight bytes, which no message read here has a use for.
        case fixed
    }

    private var rest: ArraySlice<UInt8>
    /// True when the bytes are no message; no more fields come then.
    private(set) var isMalformed = false

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// All fields by their numbers, of one that stands twice the last; none of a malformed message.
    static func fields(_ bytes: ArraySlice<UInt8>) -> [Int: Value] {
        var reader = ProtobufReader(bytes), result: [Int: Value] = [:]
        while let field = reader.next() { result[field.number] = field.value }
        return reader.isMalformed ? [:] : result
    }

    /// The next field; nil at the end.
    mutating func next() -> (number: Int, value: Value)? {
        guard !rest.isEmpty, !isMalformed else { return nil }
        guard let tag = varint(), tag >> 3 > 0, tag >> 3 < 1 << 29, let value = value(tag & 7) else {
            isMalformed = true
            return nil
        }
        return (Int(tag >> 3), value)
    }

    private mutating func value(_ wireType: UInt64) -> Value? {
        switch wireType {
        case 0: return varint().map { .varint($0) }
        case 1: return take(8).map { _ in .fixed }
        case 2: return varint().flatMap { take($0) }.map { .bytes($0) }
        case 5: return take(4).map { _ in .fixed }
        default: return nil
        }
    }

    private mutating func take(_ count: UInt64) -> ArraySlice<UInt8>? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(Int(count)) }
        return rest.prefix(Int(count))
    }

    private mutating func varint() -> UInt64? {
        var result: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            result |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return result }
        }
        return nil
    }
}

/// The encoding of binary metadata.
enum Base64 {
    /// The bytes of a text, with or without `=` at its end; nil when another character is in it.
    static func decode(_ text: String) -> [UInt8]? {
        var result: [UInt8] = [], bits: UInt32 = 0, count = 0
        for byte in text.utf8.reversed().drop(while: { $0 == UInt8(ascii: "=") }).reversed() {
            guard let value = value(byte) else { return nil }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                result.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return result
    }

    private static func value(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 65...90: UInt32(byte) - 65
        case 97...122: UInt32(byte) - 71
        case 48...57: UInt32(byte) + 4
        case 43, 45: 62
        case 47, 95: 63
        default: nil
        }
    }
}
