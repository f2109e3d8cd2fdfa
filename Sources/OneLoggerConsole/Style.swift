/// The looks of the output: colours, or none, and signs that the terminal can show.
package struct Style: Sendable {
    /// What a colour means.
    package enum Ink: String, Sendable {
        case plain = ""
        case strong = "1"
        case faint = "2"
        case failure = "31"
        case strongFailure = "1;31"
        case warning = "33"
        case accent = "36"
    }

    /// What a line says, by its sign.
    package enum Mark: Sendable {
        case span, begun, ended, failed, cancelled, event, metric, notice
    }

    package var colored: Bool
    package var ascii: Bool

    package init(colored: Bool, ascii: Bool) {
        self.colored = colored
        self.ascii = ascii
    }

    /// `text` in a colour; unchanged without colours, or when there is nothing to paint.
    package func paint(_ text: String, _ ink: Ink) -> String {
        colored && ink != .plain && !text.isEmpty ? "\u{1b}[\(ink.rawValue)m\(text)\u{1b}[0m" : text
    }

    /// One column.
    package func sign(_ mark: Mark) -> String {
        switch mark {
        case .span: " "
        case .begun: ascii ? ">" : "▶"
        case .ended: ascii ? "<" : "◀"
        case .failed: ascii ? "x" : "✗"
        case .cancelled: ascii ? "-" : "⊘"
        case .event: ascii ? "*" : "•"
        case .metric: "="
        case .notice: "!"
        }
    }

    package var ellipsis: String { ascii ? "..." : "…" }

    /// A horizontal line.
    package func rule(_ columns: Int) -> String { String(repeating: ascii ? "-" : "─", count: max(0, columns)) }
}
