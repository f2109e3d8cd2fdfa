public import OneLoggerCore
internal import OneLoggerText

/// Shows spans, as they end, as a tree on a terminal, and a summary when it is closed.
///
/// What the output looks like, and in which order spans appear: `Docs/formats/console.md`. Whole lines only are written,
/// at once per batch; nothing in a name or a value can begin a line, move the cursor or change colours.
public struct ConsoleExporter: ConfigurableExporter, ~Copyable, Sendable {
    /// `console`.
    public static let configName = "console"

    private let options: Options
    private let terminal: Terminal
    private let lines: LineWriter
    private var printer: LinePrinter
    private var writer: StreamWriter
    private var tree: SpanTree
    private var summary: RunSummary
    private var resource: Resource
    private var needsHeader: Bool

    /// Takes the stream as the process has it open; opens nothing.
    ///
    /// - Throws: Nothing, although the protocol allows it.
    public init(_ options: Options, _ context: ExporterContext) throws(ExportError) {
        let isError = options.stream == .stderr
        self.init(
            options, context,
            Terminal(descriptor: isError ? 2 : 1, name: isError ? "standard error" : "standard output"))
    }

    /// Writes to any open file, which stays open.
    package init(
        _ options: Options, _ context: ExporterContext, _ terminal: Terminal, patience: Duration = .seconds(5)
    ) {
        self.options = options
        self.terminal = terminal
        let colored =
            options.color == .always && !terminal.forbidsColor || options.color == .auto && terminal.allowsColor
        let style = Style(colored: colored, ascii: !terminal.isUTF8)
        lines = LineWriter(
            style: style, safe: SafeText(limit: options.maxValueLength, ascii: style.ascii),
            verbosity: options.verbosity)
        printer = LinePrinter(style)
        writer = StreamWriter(descriptor: terminal.descriptor, name: terminal.name, patience: patience)
        tree = SpanTree(hold: options.hold)
        summary = RunSummary(limit: options.maxNames)
        resource = context.resource
        needsHeader = !context.isReopening && options.verbosity > .summary
    }

    /// Writes what the records have to show, as one run of whole lines.
    ///
    /// - Throws: `ExportError.unavailable` when the reader is gone or takes nothing for five
    ///   seconds.
    public mutating func export(_ batch: Batch) throws(ExportError) {
        guard !batch.isEmpty else { return }
        resource = batch.resource
        printer.width = terminal.columns
        var items: [TreeItem] = []
        for error in batch.dataErrors { summary.add(error) }
        batch.forEach { record in
            if options.summary { summary.add(record) }
            if options.verbosity > .summary, let item = lines.item(record) { items.append(item) }
        }
        header(batch, items)
        for error in batch.dataErrors { printer.append(lines.line(error), depth: 0) }
        tree.add(items.inOrder(TreeItem.isBefore), to: &printer)
        for point in batch.metrics {
            if options.summary { summary.add(point) }
            tree.settle(at: point.time, &printer)
            if options.verbosity == .all { printer.append(lines.line(point), depth: 0) }
        }
        try writer.write(printer.take())
    }

    /// Shows the spans that wait for their parents.
    public mutating func flush() throws(ExportError) {
        tree.releaseAll(to: &printer)
        try writer.write(printer.take())
    }

    /// Shows what waits, then the summary; the stream stays open.
    public consuming func close() throws(ExportError) {
        tree.releaseAll(to: &printer)
        if options.summary {
            printer.width = nil  // the summary fits itself
            let text = SummaryText(style: lines.style, safe: lines.safe, width: terminal.columns)
            for line in text.lines(summary, resource, running: tree.openNames) { printer.append(raw: line) }
        }
        try writer.write(printer.take())
    }

    /// Says once who writes, and on which day: lines show the time only.
    private mutating func header(_ batch: Batch, _ items: [TreeItem]) {
        guard needsHeader else { return }
        let times = items.map(\.start) + batch.metrics.map(\.time) + batch.dataErrors.map(\.firstTime)
        guard let first = times.min() else { return }
        needsHeader = false
        printer.begin(first)
        let title = ["onelogger", SummaryText.identity(resource, lines.safe), CalendarText.date(first) + " UTC"]
        printer.append(raw: lines.style.paint(title.joined(separator: "  "), .faint))
    }
}
