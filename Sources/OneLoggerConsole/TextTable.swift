/// A table with aligned columns that fits a width.
///
/// The first column is the flexible one: it is shortened first. When that is not enough, columns with a `rank` are left
/// out, the highest rank first.
package struct TextTable: Sendable {
    package enum Side: Sendable { case left, right }

    package struct Column: Sendable {
        var title: String
        var side: Side
        /// 0 for a column that always stays.
        var rank: Int

        package init(_ title: String, _ side: Side = .right, rank: Int = 0) {
            self.title = title
            self.side = side
            self.rank = rank
        }
    }

    package struct Cell: Sendable {
        var text: String
        var ink: Style.Ink

        package init(_ text: String, _ ink: Style.Ink = .plain) {
            self.text = text
            self.ink = ink
        }
    }

    private var columns: [Column]
    private var rows: [[Cell]] = []
    private static let gap = 2
    /// The first column is not made narrower than this before other columns are left out.
    private static let narrow = 12

    package init(_ columns: [Column]) { self.columns = columns }

    package var isEmpty: Bool { rows.isEmpty }

    /// Adds a row with one cell per column.
    package mutating func append(_ row: [Cell]) {
        precondition(row.count == columns.count, "a row has one cell per column")
        rows.append(row)
    }

    /// The title and the rows; none is wider than `width`.
    package func lines(_ style: Style, width: Int?) -> [String] {
        var shown = Array(columns.indices)
        var widths = columns.indices.map { column in
            rows.reduce(DisplayWidth.of(columns[column].title)) { max($0, DisplayWidth.of($1[column].text)) }
        }
        func excess() -> Int {
            let total = shown.reduce(0) { $0 + widths[$1] } + Self.gap * (shown.count - 1)
            return width.map { total - $0 } ?? 0
        }
        widths[0] = max(min(widths[0], Self.narrow), widths[0] - max(0, excess()))
        while excess() > 0, let last = shown.max(by: { columns[$0].rank < columns[$1].rank }), columns[last].rank > 0 {
            shown.removeAll { $0 == last }
        }
        for column in shown where excess() > 0 { widths[column] = max(1, widths[column] - excess()) }
        if excess() > 0 { shown = Array(shown.prefix(max(1, ((width ?? 1) + Self.gap) / (1 + Self.gap)))) }

        let title = columns.map { Cell($0.title, .faint) }
        return ([title] + rows).map { row in
            let cells = shown.map { column in
                pad(row[column], widths[column], columns[column].side, isLast: column == shown.last, style)
            }
            return cells.joined(separator: String(repeating: " ", count: Self.gap))
        }
    }

    private func pad(_ cell: Cell, _ width: Int, _ side: Side, isLast: Bool, _ style: Style) -> String {
        let text = DisplayWidth.cut(cell.text, to: width, mark: style.ellipsis)
        let blank = String(repeating: " ", count: max(0, width - DisplayWidth.of(text)))
        let painted = style.paint(text, cell.ink)
        return side == .right ? blank + painted : painted + (isLast ? "" : blank)
    }
}
