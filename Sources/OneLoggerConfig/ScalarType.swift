/// What a text without quotes means, by the core schema of YAML 1.2.2, section 10.3.2.
///
/// Two departures, both towards less guessing: a number with a needless leading zero, such as `0777` or `007`, is a text
/// (YAML 1.1 reads 511, YAML 1.2 reads 777); and what is no usable number is refused, not rounded.
enum ScalarType: Equatable {
    case null
    case bool(Bool)
    case int(Int)
    case double(Double)
    case text
    /// Digits for an integer beyond 64 bits.
    case tooLarge
    /// `.inf`, `.nan`, or a number beyond what a `Double` holds.
    case notFinite

    init(_ text: String) {
        switch text {
        case "", "~", "null", "Null", "NULL": self = .null
        case "true", "True", "TRUE": self = .bool(true)
        case "false", "False", "FALSE": self = .bool(false)
        case ".nan", ".NaN", ".NAN": self = .notFinite
        default: self = Self.number(text)
        }
    }

    private static func number(_ text: String) -> Self {
        let bytes = text.utf8
        if let radix = bytes.starts(with: "0x".utf8) ? 16 : bytes.starts(with: "0o".utf8) ? 8 : nil {
            let digits = text.dropFirst(2)
            guard !digits.isEmpty, digits.utf8.allSatisfy({ isDigit($0, radix: radix) }) else { return .text }
            return Int(digits, radix: radix).map(Self.int) ?? .tooLarge
        }
        var rest = bytes[...]
        if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        if [".inf", ".Inf", ".INF"].contains(where: { rest.elementsEqual($0.utf8) }) { return .notFinite }
        let whole = rest.prefix(while: \.isDigit)
        guard whole.count < 2 || whole.first != UInt8(ascii: "0") else { return .text }
        rest = rest.dropFirst(whole.count)
        guard !rest.isEmpty || whole.isEmpty else { return Int(text).map(Self.int) ?? .tooLarge }

        var fraction = rest.prefix(0)
        if rest.first == UInt8(ascii: ".") {
            fraction = rest.dropFirst().prefix(while: \.isDigit)
            rest = rest.dropFirst(1 + fraction.count)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return .text }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
            guard !rest.isEmpty else { return .text }
            rest = rest.drop(while: \.isDigit)
        }
        guard rest.isEmpty, let value = Double(text) else { return .text }
        return value.isFinite ? .double(value) : .notFinite
    }

    private static func isDigit(_ byte: UInt8, radix: Int) -> Bool {
        Character(Unicode.Scalar(byte)).hexDigitValue.map { $0 < radix } ?? false
    }
}

extension UInt8 {
    /// True for `0` to `9`.
    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
}
