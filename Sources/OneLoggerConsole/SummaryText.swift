internal import OneLoggerCore
internal import OneLoggerText

/// Draws the summary at the end of a run.
struct SummaryText: Sendable {
    let style: Style
    let safe: SafeText
    /// What no line may exceed; nil when nobody cares.
    let width: Int?

    /// All lines; none when nothing was recorded.
    func lines(_ summary: RunSummary, _ resource: Resource, running: [String]) -> [String] {
        guard let time = summary.time else { return [] }
        var sections = [[title(time, resource)] + spanTable(summary)]
        sections.append(eventTable(summary))
        sections.append(metricTable(summary))
        sections.append(notes(summary, running))
        let body = sections.filter { !$0.isEmpty }.flatMap { [""] + $0 }
        return body + [""]
    }

    /// `digits-train  rank 0 of 8  pid 4242 on node-1`, as far as known.
    static func identity(_ resource: Resource, _ safe: SafeText) -> String {
        var parts = [safe.plain(resource.serviceName)]
        if let rank = resource.rank { parts.append("rank \(rank)" + (resource.worldSize.map { " of \($0)" } ?? "")) }
        let host = resource.host.isEmpty ? "" : " on " + safe.plain(resource.host)
        if resource.pid != 0 { parts.append("pid \(resource.pid)" + host) }
        return parts.joined(separator: "  ")
    }

    private func title(_ time: ClosedRange<Timestamp>, _ resource: Resource) -> String {
        let first = time.lowerBound, last = time.upperBound
        let sameDay = CalendarText.day(of: first) == CalendarText.day(of: last)
        let end = (sameDay ? "" : CalendarText.date(last) + " ") + CalendarText.timeOfDay(last)
        let span = "\(CalendarText.date(first)) \(CalendarText.timeOfDay(first)) to \(end) UTC"
        let length = DurationText.short(last.nanoseconds - first.nanoseconds, ascii: style.ascii)
        return wrapped(["summary", Self.identity(resource, safe), length, span].joined(separator: "  "), .strong)
    }

    private func spanTable(_ summary: RunSummary) -> [String] {
        var table = TextTable([
            .init("span", .left), .init("count"), .init("failed"), .init("total"), .init("mean", rank: 2),
            .init("p50", rank: 3), .init("p95", rank: 4), .init("max", rank: 1),
        ])
        for row in summary.rows {
            let about = row.isEstimate ? "~" : ""
            table.append([
                .init(safe.plain(row.name)), .init(NumberText.grouped(row.count)),
                row.failed == 0 ? .init("-", .faint) : .init(NumberText.grouped(row.failed), .failure),
                .init(duration(row.total), .accent), .init(duration(row.mean)), .init(about + duration(row.median)),
                .init(about + duration(row.p95)), .init(duration(row.max)),
            ])
        }
        return table.isEmpty ? [] : table.lines(style, width: width)
    }

    private func eventTable(_ summary: RunSummary) -> [String] {
        var table = TextTable([.init("event", .left), .init("count")])
        for (name, count) in Array(summary.events).inOrder({ ($1.value, $0.key) < ($0.value, $1.key) }) {
            table.append([.init(safe.plain(name)), .init(NumberText.grouped(count))])
        }
        if summary.otherEvents > 0 {
            table.append([.init("(other names)"), .init(NumberText.grouped(summary.otherEvents))])
        }
        return table.isEmpty ? [] : table.lines(style, width: width)
    }

    private func metricTable(_ summary: RunSummary) -> [String] {
        var table = TextTable([.init("metric", .left), .init("latest value", .left)])
        let attributes = AttributeText(style: Style(colored: false, ascii: style.ascii), safe: safe)
        for point in summary.metrics {
            let series = attributes.list(point.attributes).dropFirst(2)
            let name = safe.plain(point.name) + (series.isEmpty ? "" : " {\(series)}")
            table.append([.init(name), .init(MetricText(safe: safe).value(point), .accent)])
        }
        if summary.hasOtherSeries { table.append([.init("(other series)"), .init("not kept", .faint)]) }
        return table.isEmpty ? [] : table.lines(style, width: width)
    }

    private func notes(_ summary: RunSummary, _ running: [String]) -> [String] {
        var lines = summary.notices.map { notice in
            wrapped("\(style.sign(.notice)) " + notice.line(safe), .failure)
        }
        if !running.isEmpty {
            let more = running.count > 5 ? " and \(NumberText.grouped(running.count - 5)) more" : ""
            lines.append(wrapped("still running: " + running.prefix(5).joined(separator: ", ") + more, .warning))
        }
        return lines
    }

    private func duration(_ nanoseconds: UInt64) -> String { DurationText.short(nanoseconds, ascii: style.ascii) }

    /// One line that is broken to fit.
    private func wrapped(_ text: String, _ ink: Style.Ink) -> String {
        let lines = width.map { LineWrap.wrap(text, hanging: 2, width: $0) } ?? text
        return lines.split(separator: "\n").map { style.paint(String($0), ink) }.joined(separator: "\n")
    }
}
