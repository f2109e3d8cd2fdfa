/// How many columns of a terminal a text takes.
package enum DisplayWidth: Sendable {
    /// The columns of `text`: 2 for East Asian wide characters and emoji, 0 for what combines, else 1.
    package static func of(_ text: String) -> Int {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
        return text.reduce(0) { $0 + of($1) }
    }

    /// The longest beginning of `text` that takes at most `columns`; `mark` ends it when something was cut.
    package static func cut(_ text: String, to columns: Int, mark: String) -> String {
        guard of(text) > columns else { return text }
        let room = max(0, columns - of(mark))
        var result = "", used = 0
        for character in text {
            used += of(character)
            guard used <= room else { break }
            result.append(character)
        }
        return columns < of(mark) ? "" : result + mark
    }

    private static func of(_ character: Character) -> Int {
        var width = 0
        for scalar in character.unicodeScalars {
            if scalar.value == 0xfe0f { return 2 }  // asks for the emoji form
            width = max(width, of(scalar))
        }
        return width
    }

    private static func of(_ scalar: Unicode.Scalar) -> Int {
        guard scalar.value >= 0x300 else { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        if scalar.properties.isEmojiPresentation { return 2 }
        return wide.contains { $0.contains(scalar.value) } ? 2 : 1
    }

    /// Blocks of East Asian width W and F, from Unicode's EastAsianWidth.txt, rounded to whole blocks.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xa960...0xa97f, 0xac00...0xd7a3, 0xf900...0xfaff,
        0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x17000...0x18cff, 0x1b000...0x1b2ff, 0x1f200...0x1f2ff,
        0x20000...0x3fffd,
    ]
}
