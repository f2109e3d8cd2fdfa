internal import OneLoggerCore
internal import OneLoggerText

/// Reads one value of MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md) from bytes that nobody vouches
/// for.
///
/// A key that is no text becomes the text of its JSON; bytes and extensions become text, with U+FFFD where they are none.
struct MessagePackReader: ~Copyable {
    static let maximumDepth = 32
    /// How many values there may be in all, so that a short answer cannot grow large.
    let maximumValues: Int
    private let skipped: Set<String>

    /// Why bytes are no MessagePack.
    struct Problem: Error, Sendable, Hashable {
        var offset: Int
        var reason: String
    }

    private let bytes: [UInt8]
    private var place = 0
    private var values = 0

    /// - Parameters:
    ///   - bytes: What to read.
    ///   - maximumValues: How many values there may be in all, but for those that are passed over.
    ///   - skipped: Keys of maps, at any depth, that are passed over with their values.
    init(_ bytes: [UInt8], maximumValues: Int = 1_000_000, skipping skipped: Set<String> = []) {
        self.bytes = bytes
        self.maximumValues = maximumValues
        self.skipped = skipped
    }

    /// The value that stands at the current place.
    mutating func value(depth: Int = 0) throws(Problem) -> JSONValue {
        guard depth < Self.maximumDepth else { throw problem("values lie too deep in one another") }
        values += 1
        guard values <= maximumValues else { throw problem("there are too many values") }
        let tag = try byte()
        switch tag {
        case 0x00...0x7f: return .int(Int(tag))
        case 0xe0...0xff: return .int(Int(Int8(bitPattern: tag)))
        case 0x80...0x8f: return try map(Int(tag & 15), depth)
        case 0x90...0x9f: return try array(Int(tag & 15), depth)
        case 0xa0...0xbf: return try text(Int(tag & 31))
        case 0xc0: return .null
        case 0xc2: return .bool(false)
        case 0xc3: return .bool(true)
        case 0xc4, 0xd9: return try text(Int(try number(1)))
        case 0xc5, 0xda: return try text(Int(try number(2)))
        case 0xc6, 0xdb: return try text(Int(try number(4)))
        case 0xc7: return try text(Int(try number(1)) + 1)
        case 0xc8: return try text(Int(try number(2)) + 1)
        case 0xc9: return try text(Int(try number(4)) + 1)
        case 0xca: return .double(Double(Float(bitPattern: UInt32(truncatingIfNeeded: try number(4)))))
        case 0xcb: return .double(Double(bitPattern: try number(8)))
        case 0xcc: return .int(Int(try number(1)))
        case 0xcd: return .int(Int(try number(2)))
        case 0xce: return .int(Int(try number(4)))
        case 0xcf: return .int(Int(clamping: try number(8)))
        case 0xd0: return .int(Int(Int8(truncatingIfNeeded: try number(1))))
        case 0xd1: return .int(Int(Int16(truncatingIfNeeded: try number(2))))
        case 0xd2: return .int(Int(Int32(truncatingIfNeeded: try number(4))))
        case 0xd3: return .int(Int(truncatingIfNeeded: try number(8)))
        case 0xd4...0xd8: return try text(1 << Int(tag - 0xd4) + 1)
        case 0xdc: return try array(Int(try number(2)), depth)
        case 0xdd: return try array(Int(try number(4)), depth)
        case 0xde: return try map(Int(try number(2)), depth)
        case 0xdf: return try map(Int(try number(4)), depth)
        default: throw problem("0xc1 begins no value")
        }
    }

    private func problem(_ reason: String) -> Problem { Problem(offset: place, reason: reason) }

    private mutating func byte() throws(Problem) -> UInt8 {
        guard place < bytes.count else { throw problem("the bytes end within a value") }
        defer { place += 1 }
        return bytes[place]
    }

    /// The next bytes as one number, the most significant first.
    private mutating func number(_ count: Int) throws(Problem) -> UInt64 {
        var result: UInt64 = 0
        for _ in 0..<count { result = result << 8 | UInt64(try byte()) }
        return result
    }

    private mutating func text(_ count: Int) throws(Problem) -> JSONValue {
        guard count <= bytes.count - place else { throw problem("the bytes end within a text") }
        defer { place += count }
        return .string(String(decoding: bytes[place..<place + count], as: UTF8.self))
    }

    private mutating func array(_ count: Int, _ depth: Int) throws(Problem) -> JSONValue {
        guard count <= bytes.count - place else { throw problem("the bytes end within a list") }
        var elements: [JSONValue] = []
        for _ in 0..<count { elements.append(try value(depth: depth + 1)) }
        return .array(elements)
    }

    private mutating func map(_ count: Int, _ depth: Int) throws(Problem) -> JSONValue {
        guard count <= (bytes.count - place) / 2 else { throw problem("the bytes end within a map") }
        var members: [JSONValue.Member] = []
        for _ in 0..<count {
            let key = try value(depth: depth + 1), name = key.string ?? key.json
            if skipped.contains(name) {
                try skip()
            } else {
                members.append(JSONValue.Member(name: name, value: try value(depth: depth + 1)))
            }
        }
        return .object(members)
    }

    /// Passes over one value, however deep, and keeps nothing of it.
    private mutating func skip() throws(Problem) {
        var left = 1
        while left > 0 {
            left -= 1
            let tag = try byte()
            switch tag {
            case 0x80...0x8f: left += 2 * Int(tag & 15)
            case 0x90...0x9f: left += Int(tag & 15)
            case 0xa0...0xbf: try pass(Int(tag & 31))
            case 0xc4, 0xd9: try pass(Int(try number(1)))
            case 0xc5, 0xda: try pass(Int(try number(2)))
            case 0xc6, 0xdb: try pass(Int(try number(4)))
            case 0xc7: try pass(Int(try number(1)) + 1)
            case 0xc8: try pass(Int(try number(2)) + 1)
            case 0xc9: try pass(Int(try number(4)) + 1)
            case 0xcc, 0xd0: try pass(1)
            case 0xcd, 0xd1: try pass(2)
            case 0xca, 0xce, 0xd2: try pass(4)
            case 0xcb, 0xcf, 0xd3: try pass(8)
            case 0xd4...0xd8: try pass(1 << Int(tag - 0xd4) + 1)
            case 0xdc: left += Int(try number(2))
            case 0xdd: left += Int(try number(4))
            case 0xde: left += 2 * Int(try number(2))
            case 0xdf: left += 2 * Int(try number(4))
            case 0xc1: throw problem("0xc1 begins no value")
            default: break
            }
            guard left <= bytes.count - place else { throw problem("the bytes end within a value") }
        }
    }

    private mutating func pass(_ count: Int) throws(Problem) {
        guard count <= bytes.count - place else { throw problem("the bytes end within a text") }
        place += count
    }
}
