internal import OneLoggerCore

/// What JSON asks of a text beyond what the YAML parser checks.
///
/// JSON is read by the YAML parser, because almost every JSON text is YAML. Here stands the rest: what YAML allows and
/// JSON does not (comments, single quotes, commas too many), and what JSON allows and YAML does not (characters that
/// are escaped as two halves).
struct JSONText {
    /// The text as the YAML parser wants it.
    private(set) var bytes: [UInt8] = []
    /// Where the text became shorter by ``shortening`` columns, as lines and columns of the new text.
    private(set) var rewrites: [(line: Int, column: Int)] = []
    /// `\uD83D\uDE00` becomes `\U0001F600`.
    static let shortening = 2

    private let source: SourceText
    private var index = 0
    private var line = 1
    private var column = 1

    /// Checks a text and rewrites it where it must be.
    ///
    /// - Throws: `SettingsError.syntax` with the first thing that is not JSON.
    init(_ source: SourceText) throws(SettingsError) {
        self.source = source
        bytes.reserveCapacity(source.bytes.count)
        while let byte = source.bytes[safe: index] {
            if byte == UInt8(ascii: "\"") {
                try copyText()
            } else {
                try checkOutside(byte)
                copy(isOutside: true)
            }
        }
    }

    private func failure(_ problem: String, at offset: Int) -> SettingsError {
        .syntax(problem, at: source.origin(at: offset))
    }

    /// - Parameter isOutside: True outside of texts, where a tab is a space to JSON, and a mistake to YAML in some places.
    private mutating func copy(isOutside: Bool = false) {
        let byte = source.bytes[index]
        bytes.append(isOutside && byte == 9 ? 32 : byte)
        index += 1
        if byte == 10 || byte == 13 && source.bytes[safe: index] != 10 {
            (line, column) = (line + 1, 1)
        } else if byte & 0xC0 != 0x80 {
            column += 1
        }
    }

    private func checkOutside(_ byte: UInt8) throws(SettingsError) {
        switch byte {
        case UInt8(ascii: "#"), UInt8(ascii: "/"):
            throw failure(
                "JSON has no comments. Remove it, or name the file .yaml and write # before comments", at: index)
        case UInt8(ascii: "'"):
            throw failure("in JSON, texts and keys stand in double quotes. Write \"…\"", at: index)
        case UInt8(ascii: ","):
            var next = index + 1
            while let byte = source.bytes[safe: next], [9, 10, 13, 32].contains(byte) { next += 1 }
            if let byte = source.bytes[safe: next], byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") {
                throw failure("JSON allows no comma before '\(Character(Unicode.Scalar(byte)))'. Remove it", at: index)
            }
        case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ":"),
            UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), 9, 10, 13, 32,
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            break
        default:
            throw failure(
                "this character cannot stand outside of a text in JSON. Put texts in double quotes", at: index)
        }
    }

    private mutating func copyText() throws(SettingsError) {
        let start = index
        copy()
        while let byte = source.bytes[safe: index], byte != UInt8(ascii: "\"") {
            if byte == 10 || byte == 13 { break }
            if byte == 9 { throw failure("in JSON, a tab inside a text is written \\t. Replace it", at: index) }
            if byte == UInt8(ascii: "\\") { try copyEscape() } else { copy() }
        }
        guard source.bytes[safe: index] == UInt8(ascii: "\"") else {
            throw failure("this text is not closed on its line. Add the missing double quote", at: start)
        }
        copy()
    }

    private mutating func copyEscape() throws(SettingsError) {
        let start = index
        guard let kind = source.bytes[safe: index + 1], #""\/bfnrtu"#.utf8.contains(kind) else {
            throw failure("JSON has no such escape. Write \\\\ for a backslash", at: start)
        }
        guard kind == UInt8(ascii: "u") else {
            copy()
            return copy()
        }
        guard let unit = codeUnit(at: start) else {
            throw failure("\\u needs four hexadecimal digits. Add them, or write \\\\ for a backslash", at: start)
        }
        guard UTF16.isSurrogate(unit) else {
            for _ in 0..<6 { copy() }
            return
        }
        guard UTF16.isLeadSurrogate(unit), let trail = codeUnit(at: start + 6), UTF16.isTrailSurrogate(trail) else {
            throw failure("this is half of a character. Write both halves, or the character itself", at: start)
        }
        let value = UTF16.decode(UTF16.EncodedScalar([unit, trail])).value
        let digits = String(value, radix: 16)
        rewrites.append((line, column))
        bytes += Array("\\U\(String(repeating: "0", count: 8 - digits.count))\(digits)".utf8)
        column += 10
        index += 12
    }

    private func codeUnit(at offset: Int) -> UInt16? {
        guard source.bytes[safe: offset] == UInt8(ascii: "\\"), source.bytes[safe: offset + 1] == UInt8(ascii: "u"),
            offset + 6 <= source.bytes.count
        else { return nil }
        let digits = source.bytes[(offset + 2)..<(offset + 6)]
        guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
        return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    /// True for what JSON allows without quotes: `null`, `true`, `false` and numbers.
    static func isLiteral(_ text: String) -> Bool {
        if ["null", "true", "false"].contains(text) { return true }
        var rest = Substring(text).utf8[...]
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        guard let first = rest.first, first.isDigit,
            first != UInt8(ascii: "0") || !(rest.dropFirst().first?.isDigit ?? false)
        else { return false }
        if case .text = ScalarType(text) { return false }
        return !text.utf8.contains(UInt8(ascii: "x")) && !text.utf8.contains(UInt8(ascii: "o")) && !text.contains(".e")
            && !text.contains(".E") && !text.hasSuffix(".")
    }
}
