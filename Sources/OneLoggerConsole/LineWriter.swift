internal import OneLoggerCore

/// Writes the lines of records.
struct LineWriter: Sendable {
    let style: Style
    let safe: SafeText
    let verbosity: ConsoleExporter.Options.Verbosity
    private let attributes: AttributeText

    init(style: Style, safe: SafeText, verbosity: ConsoleExporter.Options.Verbosity) {
        self.style = style
        self.safe = safe
        self.verbosity = verbosity
        attributes = AttributeText(style: style, safe: safe)
    }

    /// The record's lines; nil when none is shown at this verbosity.
    func item(_ record: borrowing RecordView) -> TreeItem? {
        let key = SpanKey(trace: record.context.traceID, span: record.context.spanID)
        if record.kind == .event {
            guard verbosity >= .spans || record.isError else { return nil }
            let details = Details(record, self)
            let line = eventLine(String(copying: record.name), record.start, isError: record.isError, details)
            return TreeItem(
                kind: .event, key: key, parent: key, start: record.start, end: record.start, lines: [line])
        }
        if record.kind == .typedEvent {
            guard verbosity >= .spans else { return nil }
            return TreeItem(
                kind: .event, key: key, parent: key, start: record.start, end: record.start, lines: [typedLine(record)])
        }
        let isRoot = record.parent == 0 || record.parentIsRemote
        let parent = isRoot ? nil : SpanKey(trace: key.trace, span: SpanID(record.parent))
        let begins = record.kind == .start
        return TreeItem(
            kind: begins ? .begin : .end, key: key, parent: parent, name: safe.plain(String(copying: record.name)),
            start: record.start, end: record.end, lines: [spanLine(record)] + eventLines(record))
    }

    /// A notice that telemetry data are missing.
    func line(_ error: TelemetryDataError) -> Line {
        var text = style.paint(NoticeText(error).line(safe), .failure)
        if verbosity >= .spans { text += attributes.list(error.attributes) }
        return Line(mark: .notice, time: error.time, text: text, ink: .failure)
    }

    /// A measurement.
    func line(_ point: MetricPoint) -> Line {
        let value = style.paint(MetricText(safe: safe).value(point), .strong)
        let text = safe.plain(point.name) + "  " + value + attributes.list(point.attributes)
        return Line(mark: .metric, time: point.time, text: text)
    }

    // MARK: parts

    private func spanLine(_ record: borrowing RecordView) -> Line {
        let begins = record.kind == .start
        let duration = record.end.nanoseconds - record.start.nanoseconds
        var line = Line(
            mark: begins ? .begun : .span, time: record.start, duration: begins ? nil : duration, text: "")
        var ending = ""
        if !begins {
            switch record.status {
            case .error(let message):
                line.mark = .failed
                line.ink = .failure
                ending = style.paint("  failed" + (message.isEmpty ? "" : ": " + safe.plain(message)), .failure)
            case .cancelled:
                line.mark = .cancelled
                line.ink = .warning
                ending = style.paint("  cancelled", .warning)
            default: break
            }
        }
        let name = String(copying: record.name)
        line.text = style.paint(safe.plain(name), line.ink == .failure ? .strongFailure : .strong) + ending
        guard verbosity >= .spans else { return line }
        line.text += Details(record, self).text
        if record.dropped > 0 { line.text += style.paint("  (\(record.dropped) dropped)", .warning) }
        if verbosity >= .all { line.text += ids(record) }
        return line
    }

    /// A typed event: its type, whom it is about, its fields and attributes.
    private func typedLine(_ record: borrowing RecordView) -> Line {
        let event = record.typedEvent
        var shown = Attributes()
        for (name, text) in [("task", event.taskID), ("node", event.nodeID), ("backend", event.backend)] {
            if let text { shown[name] = .string(text) }
        }
        for field in event.fields { if let value = field.value { shown[field.name] = value } }
        shown.merge(event.attributes)
        if verbosity >= .all, !event.sessionID.isEmpty { shown["session"] = .string(event.sessionID) }
        return Line(mark: .event, time: event.time, text: safe.plain(event.type) + attributes.list(shown))
    }

    private func ids(_ record: borrowing RecordView) -> String {
        let parts: [(String, Attributes)] = [("start", record.startAttributes), ("stop", record.stopAttributes)]
        var text = parts.filter { !$0.1.isEmpty }.map {
            style.paint("  \($0.0):", .faint) + attributes.list($0.1).dropFirst()
        }.joined()
        // The tree shows what belongs together; only a root must name its trace.
        let isRoot = record.parent == 0 || record.parentIsRemote
        text += "  " + (isRoot ? attributes.pair("trace", "\(record.context.traceID)") + " " : "")
        text += attributes.pair("span", "\(record.context.spanID)")
        guard record.parent != 0 else { return text }
        return text + " " + attributes.pair(isRoot ? "remote_parent" : "parent", "\(SpanID(record.parent))")
    }

    private func eventLines(_ record: borrowing RecordView) -> [Line] {
        var lines: [Line] = []
        record.forEachEvent { event in
            guard verbosity >= .spans || event.isError else { return }
            let details = Details(event, self)
            lines.append(eventLine(String(copying: event.name), event.time, isError: event.isError, details))
        }
        guard verbosity >= .all else { return lines }
        let start = record.start
        record.forEachLink { link in
            let target =
                "link  " + attributes.pair("trace", "\(link.context.traceID)") + " "
                + attributes.pair("span", "\(link.context.spanID)")
            lines.append(Line(mark: .event, time: start, text: target + attributes.list(link.attributes)))
        }
        return lines
    }

    private func eventLine(_ name: String, _ time: Timestamp, isError: Bool, _ details: Details) -> Line {
        guard isError else { return Line(mark: .event, time: time, text: safe.plain(name) + details.text) }
        let title = name == Event.errorName ? "" : safe.plain(name) + ": "
        let message = style.paint(title + details.problem(safe), .failure)
        return Line(mark: .failed, time: time, text: message + details.text, ink: .failure)
    }

    /// The attributes of a record or an event; what describes an error is kept apart.
    private struct Details {
        var text = ""
        private var type = "", message = "", context = ""

        init(_ record: borrowing RecordView, _ writer: LineWriter) {
            let isError = record.isError
            record.forEachAttribute { add($0, writer, isError: isError) }
        }

        init(_ event: borrowing EventView, _ writer: LineWriter) {
            let isError = event.isError
            event.forEachAttribute { add($0, writer, isError: isError) }
        }

        /// `Type: message (what was being done)`.
        func problem(_ safe: SafeText) -> String {
            let parts = [type, message].filter { !$0.isEmpty }.map(safe.plain)
            guard !parts.isEmpty else { return context.isEmpty ? "error" : safe.plain(context) }
            return parts.joined(separator: ": ") + (context.isEmpty ? "" : " (\(safe.plain(context)))")
        }

        private mutating func add(_ view: borrowing AttributeView, _ writer: LineWriter, isError: Bool) {
            let key = String(copying: view.key)
            if isError, view.kind == .string {
                switch key {
                case "exception_type": return type = String(copying: view.text)
                case "exception_message": return message = String(copying: view.text)
                case "error_message": return context = String(copying: view.text)
                default: break
                }
            }
            guard writer.verbosity >= .spans else { return }
            text += (text.isEmpty ? "  " : " ") + writer.attributes.pair(key, writer.attributes.value(view))
        }
    }
}
