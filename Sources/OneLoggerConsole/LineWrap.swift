/// Breaks long lines before the terminal does, so that the rest is indented and can never look like a line of its own.
package enum LineWrap: Sendable {
    /// `text` with line ends that keep it within `width`, at spaces where there are some.
    ///
    /// - Parameters:
    ///   - text: One line; may hold colours.
    ///   - hanging: The indentation of every further line. Unit: columns; at most a half of the width is used.
    ///   - width: The columns there are.
    /// - Returns: The lines, without a line end behind the last one.
    package static func wrap(_ text: String, hanging: Int, width: Int) -> String {
        guard text.utf8.count > width, width > 1 else { return text }
        let indent = min(hanging, width / 2)
        let lineEnd: [Character] = ["\n"] + Array(repeating: " ", count: indent)
        var result: [Character] = [], column = 0, space: (place: Int, column: Int)?
        var isCode = false
        for character in text {
            if isCode || character == "\u{1b}" {
                isCode = character != "m"
                result.append(character)
                continue
            }
            let columns = DisplayWidth.of(String(character))
            if column + columns > width {
                if let found = space {
                    result.replaceSubrange(found.place...found.place, with: lineEnd)
                    column = indent + column - found.column - 1
                } else {
                    result += lineEnd
                    column = indent
                }
                space = nil
            }
            if character == " ", column == indent, result.suffix(lineEnd.count).elementsEqual(lineEnd) { continue }
            // A break within the first columns would gain nothing.
            if character == " ", column > max(hanging, width / 2) { space = (result.count, column) }
            result.append(character)
            column += columns
        }
        return String(result)
    }
}
