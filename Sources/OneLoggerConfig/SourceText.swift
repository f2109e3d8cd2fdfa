internal import OneLoggerCore

/// The bytes of a configuration, checked before a parser sees them.
///
/// What this type lets through is UTF-8 without control characters, at most ``maxBytes`` long.
struct SourceText {
    /// The longest configuration.
    ///
    /// Unit: bytes.
    static let maxBytes = 1 << 20

    /// The text without a byte order mark.
    let bytes: [UInt8]
    /// What messages call the text.
    let file: String

    /// Takes the text over.
    ///
    /// - Throws: `SettingsError.syntax` with the first character that cannot be read.
    init(_ bytes: [UInt8], file: String) throws(SettingsError) {
        let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        self.bytes = hasMark ? Array(bytes.dropFirst(3)) : bytes
        self.file = file
        guard self.bytes.count <= Self.maxBytes else {
            throw .syntax(
                "a configuration may hold at most 1 MiB. Make it shorter",
                at: .file(file, line: 1, column: 1))
        }
        guard !looksLikeUTF16 else {
            throw .syntax("the text is UTF-16. Save it as UTF-8", at: .file(file, line: 1, column: 1))
        }
        try checkUTF8()
        try checkControlCharacters()
    }

    private var looksLikeUTF16: Bool {
        bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) || bytes.prefix(4).contains(0)
    }

    private func checkUTF8() throws(SettingsError) {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            throw .syntax("the text is not UTF-8 here. Save it as UTF-8", at: origin(at: error.byteOffsets.lowerBound))
        }
    }

    private func checkControlCharacters() throws(SettingsError) {
        var isAfterC2 = false
        for (offset, byte) in bytes.enumerated() {
            let isC1 = isAfterC2 && byte < 0xA0 && byte != 0x85
            isAfterC2 = byte == 0xC2
            guard isC1 || byte == 0x7F || byte < 0x20 && byte != 9 && byte != 10 && byte != 13 else { continue }
            let name = String(byte, radix: 16, uppercase: true)
            throw .syntax(
                "the control character U+00\(name.count < 2 ? "0" : "")\(name) stands here. Remove it",
                at: origin(at: isC1 ? offset - 1 : offset))
        }
    }

    /// The place of a byte, in lines and characters.
    func origin(at offset: Int) -> SettingsOrigin {
        var line = 1, start = 0
        for index in 0..<offset where bytes[index] == 10 || bytes[index] == 13 && !(bytes[safe: index + 1] == 10) {
            line += 1
            start = index + 1
        }
        let column = bytes[start..<offset].count { $0 & 0xC0 != 0x80 } + 1
        return .file(file, line: line, column: column)
    }

    /// The byte offset of a place that the parser named; nil when it lies past the end.
    func offset(line: Int, column: Int) -> Int? {
        var current = 1, index = 0
        while current < line, index < bytes.count {
            if bytes[index] == 10 || bytes[index] == 13 && bytes[safe: index + 1] != 10 { current += 1 }
            index += 1
        }
        var characters = 1
        while index < bytes.count {
            if bytes[index] & 0xC0 != 0x80 {
                if characters == column { return index }
                characters += 1
            }
            index += 1
        }
        return nil
    }
}

extension Array {
    /// The element at `index`, nil when there is none.
    subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
