internal import OneLoggerCore
internal import OneLoggerText

/// Makes records from the lines of the Telemetry Abstraction Layer: ours, and those of the Python original with all
/// their oddities (ids without leading zeros, null backends and ids, bare `NaN`, lines without a section).
enum TALDecoder {
    private static let eventKeys: Set<String> = [
        "event_id", "event_type", "event_time", "emit_time", "session_id", "backend", "task_id", "node_id",
        "attributes", "trace_id", "span_id", "name", "section",
    ]

    /// Nil when the line is not of this schema.
    static func content(of value: JSONValue) throws(RecordProblem) -> JSONLLine.Content? {
        let value = NonFinite.restored(value)
        switch value["section"]?.string {
        case "event" where value["event_type"] != nil: return .record(.typedEvent(try event(value)))
        case "span" where value["span_id"] != nil: return .record(.span(try span(value)))
        case "metric" where value["checkpoint_time"] != nil: return .records(metrics(value))
        case nil where value["type"] == nil && value["event_type"] != nil:
            return .record(.typedEvent(try event(value)))
        default: return nil
        }
    }

    // MARK: sections

    private static func event(_ value: JSONValue) throws(RecordProblem) -> EventRecord {
        guard let time = value["event_time"]?.double else { throw RecordProblem(reason: "'event_time' is no number") }
        var event = EventRecord(
            try RecordDecoder.text(value, "event_type"),
            id: value["event_id"]?.string.flatMap(EventID.init) ?? EventID(high: 0, low: 0),
            time: Timestamp(secondsSince1970: time),
            emitTime: value["emit_time"]?.double.map { Timestamp(secondsSince1970: $0) },
            sessionID: value["session_id"]?.string ?? "", backend: value["backend"]?.string,
            taskID: value["task_id"]?.string, nodeID: value["node_id"]?.string,
            attributes: RecordDecoder.attributes(value["attributes"]), context: context(value))
        guard case .object(let members) = value else { return event }
        for member in members where !eventKeys.contains(member.name) {
            event.fields.append(.init(member.name, member.value.attribute))
        }
        return event
    }

    private static func span(_ value: JSONValue) throws(RecordProblem) -> SpanRecord {
        guard let start = moment(value, "start_ns", "start_time_s") else {
            throw RecordProblem(reason: "the span has neither 'start_ns' nor 'start_time_s'")
        }
        let attributes = RecordDecoder.attributes(value["attributes"])
        var span = SpanRecord(
            try RecordDecoder.text(value, "name"), context: context(value), start: start,
            end: moment(value, "end_ns", "end_time_s") ?? start, attributes: attributes)
        span.parentID = SpanID(hexadecimal(value["parent_span_id"]?.string)?.low ?? 0)
        switch value["status_code"]?.string {
        case "OK": span.status = .ok
        case "ERROR" where attributes["status"] == "canceled": span.status = .cancelled
        case "ERROR": span.status = .error(value["status_description"]?.string ?? "")
        default: break
        }
        return span
    }

    private static func metrics(_ value: JSONValue) -> [Record] {
        guard case .object(let members) = value else { return [] }
        let time = Timestamp(secondsSince1970: value["checkpoint_time"]?.double ?? 0)
        var records: [Record] = []
        for member in members where member.name != "checkpoint_time" && member.name != "section" {
            guard let number = member.value.double else { continue }
            var point = MetricPoint(name: member.name, start: time, time: time, value: .sum(number))
            if member.name.hasSuffix("_count"), let sum = value["\(member.name.dropLast(6))_sum"]?.double {
                var histogram = MetricPoint.Histogram(bounds: [])
                histogram.count = Int(exactly: number.rounded()) ?? 0
                histogram.counts = [histogram.count]
                histogram.sum = sum
                point.name = String(member.name.dropLast(6))
                point.value = .histogram(histogram)
            } else if member.name.hasSuffix("_sum"), value["\(member.name.dropLast(4))_count"] != nil {
                continue
            } else if member.name.hasPrefix("node_") {
                point.value = .gauge(number)
            } else if member.name == "tasks_running" {
                point.value = .upDownSum(number)
            }
            records.append(.metric(point))
        }
        return records
    }

    // MARK: parts

    private static func moment(_ value: JSONValue, _ exact: String, _ rough: String) -> Timestamp? {
        RecordDecoder.time(value[exact]) ?? value[rough]?.double.map { Timestamp(secondsSince1970: $0) }
    }

    private static func context(_ value: JSONValue) -> SpanContext {
        let trace = hexadecimal(value["trace_id"]?.string) ?? (0, 0)
        return SpanContext(
            traceID: TraceID(high: trace.high, low: trace.low),
            spanID: SpanID(hexadecimal(value["span_id"]?.string)?.low ?? 0))
    }

    /// 1 to 32 digits, with or without `0x`.
    private static func hexadecimal(_ text: String?) -> (high: UInt64, low: UInt64)? {
        guard let text else { return nil }
        let digits = text.hasPrefix("0x") ? text.dropFirst(2) : text[...]
        guard (1...32).contains(digits.utf8.count) else { return nil }
        var high: UInt64 = 0, low: UInt64 = 0
        for byte in digits.utf8 {
            guard let digit = hexadecimalDigit(byte) else { return nil }
            high = high &<< 4 | low &>> 60
            low = low &<< 4 | UInt64(digit)
        }
        return (high, low)
    }
}
