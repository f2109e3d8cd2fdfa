/// What a server answered in JSON; anything may be wrong with it.
indirect enum JSONAnswer: Equatable {
    case object([String: JSONAnswer])
    case list([JSONAnswer])
    case text(String)
    /// A number as it was written.
    case number(String)
    case truth(Bool)
    case null

    /// A member of an object.
    subscript(key: String) -> JSONAnswer? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }

    var isObject: Bool { if case .object = self { true } else { false } }
    var isNull: Bool { self == .null }

    /// A text, or a number as it was written.
    var text: String? {
        switch self {
        case .text(let text), .number(let text): text
        default: nil
        }
    }

    /// Nil when the bytes are not exactly one value, or nest deeper than 32 levels.
    init?(parsing bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var parser = Parser(rest: text.unicodeScalars[...])
        guard let value = parser.value(depth: 0), parser.isAtEnd else { return nil }
        self = value
    }

    private struct Parser {
        var rest: Substring.UnicodeScalarView

        var isAtEnd: Bool {
            mutating get {
                skipSpace()
                return rest.isEmpty
            }
        }

        private mutating func skipSpace() { rest = rest.drop { " \t\r\n".unicodeScalars.contains($0) } }

        private mutating func take(_ expected: Unicode.Scalar) -> Bool {
            skipSpace()
            guard rest.first == expected else { return false }
            rest.removeFirst()
            return true
        }

        mutating func value(depth: Int) -> JSONAnswer? {
            skipSpace()
            guard depth < 32, let first = rest.first else { return nil }
            switch first {
            case "{": return object(depth)
            case "[": return list(depth)
            case "\"": return string().map { .text($0) }
            default: return word()
            }
        }

        private mutating func object(_ depth: Int) -> JSONAnswer? {
            rest.removeFirst()
            var members: [String: JSONAnswer] = [:]
            if take("}") { return .object(members) }
            repeat {
                skipSpace()
                guard rest.first == "\"", let key = string(), take(":"), let value = value(depth: depth + 1) else {
                    return nil
                }
                members[key] = value
            } while take(",")
            return take("}") ? .object(members) : nil
        }

        private mutating func list(_ depth: Int) -> JSONAnswer? {
            rest.removeFirst()
            var items: [JSONAnswer] = []
            if take("]") { return .list(items) }
            repeat {
                guard let value = value(depth: depth + 1) else { return nil }
                items.append(value)
            } while take(",")
            return take("]") ? .list(items) : nil
        }

        private mutating func word() -> JSONAnswer? {
            let word = String(rest.prefix { !",]}: \t\r\n".unicodeScalars.contains($0) })
            rest = rest.dropFirst(word.unicodeScalars.count)
            switch word {
            case "true": return .truth(true)
            case "false": return .truth(false)
            case "null": return .null
            default:
                let isPlain = word.unicodeScalars.allSatisfy { "+-.0123456789eE".unicodeScalars.contains($0) }
                return isPlain && Double(word) != nil ? .number(word) : nil
            }
        }

        private mutating func string() -> String? {
            rest.removeFirst()
            var result = String.UnicodeScalarView()
            while let scalar = rest.popFirst() {
                switch scalar {
                case "\"": return String(result)
                case "\\":
                    guard let escaped = escaped() else { return nil }
                    result.append(escaped)
                default: result.append(scalar)
                }
            }
            return nil
        }

        private mutating func escaped() -> Unicode.Scalar? {
            switch rest.popFirst() {
            case "n": return "\n"
            case "t": return "\t"
            case "r": return "\r"
            case "b": return "\u{8}"
            case "f": return "\u{c}"
            case "u":
                // Counting all that is left would take a second for some kilobytes of such escapes.
                let digits = rest.prefix(4)
                guard digits.count == 4, let unit = UInt16(String(digits), radix: 16) else { return nil }
                rest = rest.dropFirst(4)
                // Halves of a pair are not worth putting together for a line of a log.
                return Unicode.Scalar(unit) ?? "\u{fffd}"
            case let other?: return other
            case nil: return nil
            }
        }
    }
}
