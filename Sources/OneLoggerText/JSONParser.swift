internal import OneLoggerCore

/// Why a text is not JSON.
package struct JSONSyntaxError: Error, Equatable {
    /// Where, in bytes from the beginning.
    package var offset: Int
    /// What, as the end of a sentence.
    package var reason: String
}

/// Reads one JSON value (RFC 8259) from bytes.
///
/// Also takes `NaN`, `Infinity` and `-Infinity`, which some writers produce. What is not valid UTF-8, and half a
/// surrogate pair, become U+FFFD. Depth is limited, so that no text can exhaust the stack.
package struct JSONParser: ~Escapable {
    package static let maximumDepth = 64

    private let bytes: Span<UInt8>
    private var place = 0
    private var depth = 0

    @_lifetime(copy bytes)
    package init(_ bytes: Span<UInt8>) { self.bytes = bytes }

    /// The value, with nothing but blanks around it.
    package mutating func document() throws(JSONSyntaxError) -> JSONValue {
        let result = try value()
        skipBlanks()
        guard place == bytes.count else { throw problem("something stands behind the value") }
        return result
    }

    // MARK: pieces

    private func problem(_ reason: String) -> JSONSyntaxError { JSONSyntaxError(offset: place, reason: reason) }

    /// The byte at the current place, 0 at the end.
    private var byte: UInt8 { place < bytes.count ? bytes[place] : 0 }

    private mutating func skipBlanks() {
        while place < bytes.count, [32, 9, 10, 13].contains(bytes[place]) { place += 1 }
    }

    private mutating func take(_ expected: UInt8) -> Bool {
        guard place < bytes.count, bytes[place] == expected else { return false }
        place += 1
        return true
    }

    private mutating func take(word: StaticString) -> Bool {
        guard place + word.utf8CodeUnitCount <= bytes.count else { return false }
        for i in 0..<word.utf8CodeUnitCount where unsafe word.utf8Start[i] != bytes[place + i] { return false }
        place += word.utf8CodeUnitCount
        return true
    }

    private mutating func value() throws(JSONSyntaxError) -> JSONValue {
        skipBlanks()
        switch byte {
        case 123: return try nested { parser throws(JSONSyntaxError) in .object(try parser.members()) }
        case 91: return try nested { parser throws(JSONSyntaxError) in .array(try parser.elements()) }
        case 34: return .string(try string())
        case 116 where take(word: "true"): return .bool(true)
        case 102 where take(word: "false"): return .bool(false)
        case 110 where take(word: "null"): return .null
        case 78 where take(word: "NaN"): return .double(.nan)
        case 73 where take(word: "Infinity"): return .double(.infinity)
        case 45 where take(word: "-Infinity"): return .double(-.infinity)
        case 45, 48...57: return try number()
        default: throw problem(place < bytes.count ? "a value is expected here" : "the text ends too early")
        }
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(JSONSyntaxError) -> JSONValue
    ) throws(JSONSyntaxError) -> JSONValue {
        guard depth < Self.maximumDepth else { throw problem("values are nested more than \(Self.maximumDepth) deep") }
        depth += 1
        place += 1
        let result = try body(&self)
        depth -= 1
        return result
    }

    private mutating func members() throws(JSONSyntaxError) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        skipBlanks()
        if take(125) { return members }
        while true {
            skipBlanks()
            guard byte == 34 else { throw problem("a name in quotes is expected here") }
            let name = try string()
            skipBlanks()
            guard take(58) else { throw problem("':' is expected here") }
            members.append(JSONValue.Member(name: name, value: try value()))
            skipBlanks()
            if take(125) { return members }
            guard take(44) else { throw problem("',' or '}' is expected here") }
        }
    }

    private mutating func elements() throws(JSONSyntaxError) -> [JSONValue] {
        var elements: [JSONValue] = []
        skipBlanks()
        if take(93) { return elements }
        while true {
            elements.append(try value())
            skipBlanks()
            if take(93) { return elements }
            guard take(44) else { throw problem("',' or ']' is expected here") }
        }
    }

    private mutating func number() throws(JSONSyntaxError) -> JSONValue {
        let start = place
        _ = take(45)
        if !take(48) { try digits() }
        var isWhole = true
        if take(46) {
            isWhole = false
            try digits()
        }
        if byte | 32 == 101 {
            isWhole = false
            place += 1
            if !take(43) { _ = take(45) }
            try digits()
        }
        let text = String(copying: bytes.extracting(start..<place))
        if isWhole, let whole = Int(text) { return .int(whole) }
        guard let number = Double(text) else { throw problem("this number can't be read") }
        return .double(number)
    }

    private mutating func digits() throws(JSONSyntaxError) {
        let start = place
        while 48...57 ~= byte { place += 1 }
        guard place > start else { throw problem("a digit is expected here") }
    }
}

// MARK: - texts

extension JSONParser {
    private mutating func string() throws(JSONSyntaxError) -> String {
        place += 1
        let start = place
        while place < bytes.count {
            switch bytes[place] {
            case 34:
                place += 1
                return String(copying: bytes.extracting(start..<place - 1))
            case 92: return try escaped(from: start)
            case 0..<32: throw problem("a control character stands in a text")
            default: place += 1
            }
        }
        throw problem("a text is not closed")
    }

    private mutating func escaped(from start: Int) throws(JSONSyntaxError) -> String {
        var text: [UInt8] = []
        for i in start..<place { text.append(bytes[i]) }
        while place < bytes.count {
            let byte = bytes[place]
            switch byte {
            case 34:
                place += 1
                return String(decoding: text, as: UTF8.self)
            case 92:
                place += 1
                try escape(into: &text)
            case 0..<32: throw problem("a control character stands in a text")
            default:
                text.append(byte)
                place += 1
            }
        }
        throw problem("a text is not closed")
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONSyntaxError) {
        let byte = byte
        place += 1
        switch byte {
        case 34, 47, 92: text.append(byte)
        case 98: text.append(8)
        case 102: text.append(12)
        case 110: text.append(10)
        case 114: text.append(13)
        case 116: text.append(9)
        case 117: text.append(contentsOf: Array(String(try character()).utf8))
        default:
            place -= 1
            throw problem("this escape is unknown")
        }
    }

    private mutating func character() throws(JSONSyntaxError) -> Unicode.Scalar {
        let first = try fourDigits()
        guard 0xd800..<0xdc00 ~= first, byte == 92, place + 1 < bytes.count, bytes[place + 1] == 117 else {
            return Unicode.Scalar(first) ?? "\u{fffd}"
        }
        let before = place
        place += 2
        let second = try fourDigits()
        guard 0xdc00..<0xe000 ~= second else {
            place = before
            return "\u{fffd}"
        }
        return Unicode.Scalar(0x10000 + (first - 0xd800) &<< 10 + (second - 0xdc00)) ?? "\u{fffd}"
    }

    private mutating func fourDigits() throws(JSONSyntaxError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = hexadecimalDigit(byte) else { throw problem("four hexadecimal digits are expected here") }
            value = value &<< 4 | UInt32(digit)
            place += 1
        }
        return value
    }
}

/// The value of `0` to `9`, `a` to `f`, `A` to `F`.
package func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 48...57: byte - 48
    case 97...102: byte - 87
    case 65...70: byte - 55
    default: nil
    }
}
