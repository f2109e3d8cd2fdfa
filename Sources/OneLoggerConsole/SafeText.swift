/// Makes any text harmless on a terminal: it can neither move the cursor, change colours nor begin a line.
///
/// Control characters (C0, DEL, C1), line and paragraph separators and invisible format characters, which include those
/// that reverse the direction of writing, are written as `\n`, `\t`, `\r` or `\u{1b}`. Two joiners, which emoji and some
/// scripts need, are kept.
package struct SafeText: Sendable {
    /// The most characters that a text may show; the rest becomes `…`.
    ///
    /// A character that is made of several code points counts as several, so that none can be of any length.
    package var limit: Int
    /// Write everything outside ASCII as `\u{…}`.
    package var ascii: Bool

    package init(limit: Int, ascii: Bool) {
        self.limit = limit
        self.ascii = ascii
    }

    /// What stands for the part that was cut.
    package var ellipsis: String { ascii ? "..." : "…" }

    /// A name or a message, never quoted; a backslash is doubled.
    package func plain(_ text: String) -> String {
        if isSimple(text) { return text }
        let (shown, wasCut) = cut(text)
        return escaped(shown, alsoQuote: false) + (wasCut ? ellipsis : "")
    }

    /// A value; in double quotes when it is empty or holds spaces, quotes or anything that must be escaped.
    package func value(_ text: String) -> String {
        if !text.isEmpty, isSimple(text), !text.utf8.contains(where: { $0 == 0x20 || $0 == 0x22 }) { return text }
        let (shown, wasCut) = cut(text)
        let mark = wasCut ? ellipsis : ""
        let isBare =
            !shown.isEmpty
            && shown.unicodeScalars.allSatisfy { scalar in
                !scalar.properties.isWhitespace && scalar != "\"" && scalar != "\\" && !mustEscape(scalar)
            }
        return isBare ? shown + mark : "\"" + escaped(shown, alsoQuote: true) + "\"" + mark
    }

    /// Printable ASCII without a backslash that is short enough: shown as it is.
    private func isSimple(_ text: String) -> Bool {
        text.utf8.count <= limit && text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f && $0 != 0x5c }
    }

    private func mustEscape(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x80 { return scalar.value < 0x20 || scalar.value == 0x7f }
        if ascii { return true }
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: return true
        case .format: return scalar.value != 0x200c && scalar.value != 0x200d
        default: return false
        }
    }

    private func escaped(_ text: some StringProtocol, alsoQuote: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\\": result += "\\\\"
            case "\"" where alsoQuote: result += "\\\""
            case _ where mustEscape(scalar): result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The first ``limit`` code points, without cutting a character in two unless it alone is longer.
    private func cut(_ text: String) -> (Substring, Bool) {
        let scalars = text.unicodeScalars
        guard let end = scalars.index(text.startIndex, offsetBy: limit, limitedBy: text.endIndex), end < text.endIndex
        else { return (text[...], false) }
        let whole = text.index(before: text.index(after: end))
        let boundary = whole <= end && whole > text.startIndex ? whole : end
        return (Substring(scalars[..<boundary]), true)
    }
}
