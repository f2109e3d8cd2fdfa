internal import OneLoggerCore
internal import OneLoggerText

/// One line of the tree, without its place in it.
struct Line: Sendable {
    /// How far below the first line of its block; set by the tree.
    var depth = 0
    var mark: Style.Mark
    /// What the line is about; for a finished span when it began.
    var time: Timestamp
    /// How long it took; nil for what has no length.
    var duration: UInt64?
    /// The rest of the line, coloured.
    var text: String
    var ink = Style.Ink.plain
}

/// Formats lines: time of day, duration, then the tree.
///
///     12:00:00.250   1.50 s    step  loss=0.25
struct LinePrinter: Sendable {
    let style: Style
    /// The width of the terminal; nil when lines may be of any length.
    var width: Int?
    /// What was printed since it was last taken.
    private(set) var text = ""
    private var day: Int?

    /// Deeper levels are not indented further, so that a hostile depth cannot make lines endless.
    static let deepest = 40
    private static let durationColumns = 8

    init(_ style: Style) { self.style = style }

    /// Appends a line `depth` levels below a root.
    mutating func append(_ line: Line, depth: Int) {
        sayDay(line.time)
        let duration = line.duration.map { DurationText.short($0, ascii: style.ascii) } ?? ""
        let blank = String(repeating: " ", count: max(0, Self.durationColumns - duration.count))
        let time = CalendarText.timeOfDay(line.time), indent = 2 * min(depth + line.depth, Self.deepest) + 2
        let sign = style.paint(style.sign(line.mark), line.ink) + " "
        append(
            raw: style.paint(time, .faint) + "  " + blank
                + style.paint(duration, line.ink == .plain ? .accent : line.ink)
                + String(repeating: " ", count: indent) + sign + line.text,
            hanging: time.count + 2 + Self.durationColumns + indent + 4)
    }

    /// Appends a line of its own.
    mutating func append(raw line: String, hanging: Int = 2) {
        text += width.map { LineWrap.wrap(line, hanging: hanging, width: $0) } ?? line
        text += "\n"
    }

    /// Notes the day of a date that was shown.
    mutating func begin(_ time: Timestamp) { day = CalendarText.day(of: time) }

    mutating func take() -> String {
        defer { text = "" }
        return text
    }

    /// Lines show the time only; a new day gets a line.
    private mutating func sayDay(_ time: Timestamp) {
        let today = CalendarText.day(of: time)
        guard let known = day, today > known else {
            day = day ?? today
            return
        }
        day = today
        text += style.paint("\(style.rule(2)) \(CalendarText.date(time)) \(style.rule(2))", .faint) + "\n"
    }
}
