internal import OneLoggerCore

/// Adds up what a run recorded, in bounded memory: what comes after the first `limit` names shares a row.
struct RunSummary: Sendable {
    private struct Spans: Sendable {
        var durations = LogHistogram()
        var failed: UInt64 = 0

        mutating func add(_ nanoseconds: UInt64, failed: Bool) {
            durations.add(nanoseconds)
            if failed { self.failed += 1 }
        }
    }

    private struct Series: Hashable, Sendable {
        var name: String
        var attributes: Attributes
    }

    private struct Notice: Equatable, Sendable {
        var kind: TelemetryDataError.Kind
        var message: String
    }

    private let limit: Int
    private var spans = InsertionOrder<String, Spans>()
    private var otherSpans = Spans()
    private(set) var events: [String: Int] = [:]
    private(set) var otherEvents = 0
    private var timed = InsertionOrder<Series, MetricPoint>(), measured = InsertionOrder<Series, MetricPoint>()
    private(set) var hasOtherSeries = false
    /// Few, so they are found by looking.
    private var noticed: [(key: Notice, text: NoticeText)] = []
    private(set) var otherNotices: NoticeText?
    /// When the earliest record began, and when the last one ended.
    private(set) var time: ClosedRange<Timestamp>?

    /// Names are told apart by this many bytes, so that hostile ones cannot fill the memory.
    private static let nameBytes = 1024
    private static let distinctNotices = 20

    init(limit: Int) { self.limit = limit }

    var isEmpty: Bool { time == nil }

    // MARK: adding

    mutating func add(_ record: borrowing RecordView) {
        include(record.start, record.end)
        switch record.kind {
        case .start: break
        case .event, .typedEvent: addEvent(record.name)
        default:
            record.forEachEvent { addEvent($0.name) }
            let duration = record.end.nanoseconds - record.start.nanoseconds
            let name = Self.key(record.name)
            if spans[name] != nil || spans.count < limit {
                let failed = record.hasFailed
                spans.update(name, preset: Spans()) { $0.add(duration, failed: failed) }
            } else {
                otherSpans.add(duration, failed: record.hasFailed)
            }
        }
    }

    mutating func add(_ point: MetricPoint) {
        include(point.time, point.time)
        let series = Series(name: point.name, attributes: point.attributes)
        // Points are totals since their start, so the latest one says all.
        if Self.isTiming(point) {
            if timed[series] != nil || timed.count < 5 * limit { return timed[series] = point }
        } else if measured[series] != nil || measured.count < limit {
            return measured[series] = point
        }
        hasOtherSeries = true
    }

    mutating func add(_ error: TelemetryDataError) {
        include(error.firstTime, error.time)
        let key = Notice(kind: error.kind, message: String(error.message.prefix(Self.nameBytes)))
        if let place = noticed.firstIndex(where: { $0.key == key }) {
            noticed[place].text.add(error)
        } else if noticed.count < Self.distinctNotices {
            noticed.append((key, NoticeText(error)))
        } else if otherNotices != nil {
            otherNotices?.add(error)
        } else {
            otherNotices = NoticeText(error)
            otherNotices?.message = "other messages"
        }
    }

    private mutating func addEvent(_ name: borrowing Span<UInt8>) {
        let name = Self.key(name)
        if events[name] != nil || events.count < limit {
            events[name, default: 0] += 1
        } else {
            otherEvents += 1
        }
    }

    private mutating func include(_ start: Timestamp, _ end: Timestamp) {
        let end = max(start, end)
        time = time.map { min($0.lowerBound, start)...max($0.upperBound, end) } ?? start...end
    }

    private static func key(_ name: borrowing Span<UInt8>) -> String {
        String(copying: name.extracting(first: nameBytes))
    }

    // MARK: reading

    /// One row per name, the largest total first, then the row of all other names.
    var rows: [SpanRow] {
        var rows = spans.entries.compactMap { SpanRow($0.key, $0.value.durations, failed: $0.value.failed) }
        for (name, points) in onlyTimed.entries {
            let failed = points.reduce(0.0) { sum, point in
                if case .sum(let number) = point.value, Self.isOfErrors(point) { sum + number } else { sum }
            }
            if let row = SpanRow(name, points, failed: UInt64(max(0, min(failed, 0x1p62)))) { rows.append(row) }
        }
        rows = rows.inOrder { ($1.total, $0.name) < ($0.total, $1.name) }
        return rows + [SpanRow("(other names)", otherSpans.durations, failed: otherSpans.failed)].compactMap(\.self)
    }

    /// The latest point of each series that is not in ``rows``, by name.
    ///
    /// Timings of spans are in the rows, whether records of those spans came or not; what the recorder says about itself
    /// is for machines, and a loss is a notice.
    var metrics: [MetricPoint] {
        measured.entries.map(\.value).filter { !$0.name.hasPrefix("onelogger.") }.inOrder {
            ($0.name, $0.attributes.description) < ($1.name, $1.attributes.description)
        }
    }

    /// Notices by the time of their first occurrence.
    var notices: [NoticeText] {
        noticed.map(\.text).inOrder { ($0.first, $0.message) < ($1.first, $1.message) }
            + [otherNotices].compactMap(\.self)
    }

    /// The points about spans of which no record came, by the name of the span.
    ///
    /// None when there are more names than rows: who is in the last row cannot be told.
    private var onlyTimed: InsertionOrder<String, [MetricPoint]> {
        var points = InsertionOrder<String, [MetricPoint]>()
        guard spans.count < limit else { return points }
        for point in timed.entries.map(\.value) {
            guard let name = Self.spanName(point), spans[name] == nil else { continue }
            points.update(name, preset: []) { $0.append(point) }
        }
        return points
    }

    private static let durationMetric = "span.duration"
    private static let countMetric = "span.count"

    private static func spanName(_ point: MetricPoint) -> String? {
        guard case .string(let name) = point.attributes["span.name"] else { return nil }
        return name
    }

    private static func isTiming(_ point: MetricPoint) -> Bool {
        guard spanName(point) != nil else { return false }
        switch point.value {
        case .histogram: return point.name == durationMetric
        default: return point.name == countMetric
        }
    }

    private static func isOfErrors(_ point: MetricPoint) -> Bool {
        point.name == countMetric && point.attributes["span.status"] == "error"
    }
}
