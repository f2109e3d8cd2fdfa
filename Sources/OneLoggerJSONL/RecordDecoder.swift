internal import OneLoggerCore
internal import OneLoggerText

/// Why a valid JSON value is no record, as the beginning of a sentence.
struct RecordProblem: Error {
    var reason: String
}

/// Makes records from JSON: our lines, and those of Python's nv-one-logger, which know less.
enum RecordDecoder {
    static func content(of value: JSONValue) throws(RecordProblem) -> JSONLLine.Content {
        guard case .object = value else { throw RecordProblem(reason: "the line is no object") }
        if let found = try TALDecoder.content(of: value) { return found }
        guard let type = value["type"]?.string else { throw RecordProblem(reason: "'type' is missing or no text") }
        switch type {
        case "header": return .header(header(value))
        case "start": return .record(.start(try span(value, isStart: true)))
        case "stop": return .record(.stop(try span(value, isStart: false)))
        case "complete": return .record(.span(try span(value, isStart: false)))
        case "event": return .record(.event(try event(value, isError: false)))
        case "typed_event": return .record(.typedEvent(try typedEvent(value)))
        case "application_error": return .record(.event(try event(value, isError: true)))
        case "telemetry_data_error": return .record(.telemetryDataError(try notice(value)))
        case "metric": return .record(.metric(try metric(value)))
        default: return .unknown(type: type)
        }
    }

    private static func header(_ value: JSONValue) -> JSONLHeader {
        var all = attributes(value["resource"])
        func take(_ name: String) -> AttributeValue? {
            defer { all[name] = nil }
            return all[name]
        }
        func text(_ name: String) -> String? { if case .string(let text) = take(name) { text } else { nil } }
        func number(_ name: String) -> Int? { if case .int(let number) = take(name) { number } else { nil } }
        var resource = Resource(
            serviceName: text("service.name") ?? "unknown_service", host: text("host.name") ?? "",
            pid: number("process.pid") ?? value["pid"]?.int ?? 0, rank: number("rank"), localRank: number("local_rank"),
            worldSize: number("world_size"), sessionTag: text("session_tag") ?? "")
        resource.customMetadata = all
        return JSONLHeader(
            version: value["version"]?.int ?? 1, resource: resource, time: time(value["time_ns"]) ?? zero)
    }

    // MARK: spans

    private static func span(_ value: JSONValue, isStart: Bool) throws(RecordProblem) -> SpanRecord {
        let name = try text(value, "name")
        let first = value["start_event"]?["attributes"], last = value["stop_event"]?["attributes"]
        let given = time(value["start_ns"]) ?? moment(first), stopped = time(value["end_ns"]) ?? moment(last)
        let length =
            isStart
            ? 0
            : value["duration_ns"]?.int.map { UInt64(clamping: $0) }
                ?? nanoseconds(ofMilliseconds: value["attributes"]?["duration_msec"]) ?? 0
        // A `stop` of the reference does not repeat its start.
        guard let start = given ?? stopped.map({ Timestamp(nanoseconds: $0.nanoseconds - min($0.nanoseconds, length)) })
        else { throw RecordProblem(reason: "the span has neither 'start_ns' nor a 'timestamp_msec'") }
        var span = SpanRecord(
            name, context: try context(value, "id"), start: start,
            end: stopped ?? Timestamp(nanoseconds: start.nanoseconds &+ length))
        if value["parent_id"] != nil { span.parentID = SpanID(try id(value, "parent_id")) }
        span.parentIsRemote = value["parent_is_remote"] == .bool(true)
        span.kind = value["kind"]?.string.flatMap(kind) ?? .internal
        span.status = status(value)
        span.attributes = attributes(value["attributes"], without: isStart ? "" : "duration_msec")
        span.startAttributes = attributes(first, without: "timestamp_msec")
        span.stopAttributes = attributes(last, without: "timestamp_msec")
        span.dropped = value["dropped"]?.int ?? 0
        for event in elements(value["events"]) {
            let time = time(event["time_ns"]) ?? start
            span.events.append(Event(try text(event, "name"), attributes(event["attributes"]), at: time))
        }
        for link in elements(value["links"]) {
            var context = try context(link, "span_id")
            context.isSampled = link["is_sampled"] != .bool(false)
            context.isRemote = link["is_remote"] == .bool(true)
            span.links.append(SpanLink(context, attributes(link["attributes"])))
        }
        return span
    }

    private static func kind(_ word: String) -> SpanKind? {
        switch word {
        case "server": .server
        case "client": .client
        case "producer": .producer
        case "consumer": .consumer
        default: nil
        }
    }

    private static func status(_ value: JSONValue) -> SpanStatus {
        switch value["status"]?.string {
        case "ok": .ok
        case "error": .error(value["status_message"]?.string ?? "")
        case "cancelled": .cancelled
        default: .unset
        }
    }

    // MARK: other records

    private static func event(_ value: JSONValue, isError: Bool) throws(RecordProblem) -> SpanEventRecord {
        guard let event = value["event"] else { throw RecordProblem(reason: "'event' is missing") }
        let time = time(value["time_ns"]) ?? moment(event["attributes"])
        let all = attributes(event["attributes"], without: "timestamp_msec")
        return SpanEventRecord(
            Event(try text(event, "name"), all, at: time), span: try context(value, "span_id"), isError: isError)
    }

    private static func notice(_ value: JSONValue) throws(RecordProblem) -> TelemetryDataError {
        guard let all = value["error"]?["attributes"] else {
            throw RecordProblem(reason: "'error.attributes' is missing")
        }
        let last = time(all["last_time_ns"]) ?? moment(all) ?? zero
        var notice = TelemetryDataError(
            all["telemetry_data_error_type"]?.string.flatMap { .init(rawValue: $0) } ?? .incompleteTelemetryData,
            all["error_message"]?.string ?? "", firstTime: time(all["first_time_ns"]) ?? last, time: last,
            lostRecords: all["lost_records"]?.int ?? 0, attributes: attributes(all))
        for name in [
            "error_message", "telemetry_data_error_type", "lost_records", "first_time_ns", "last_time_ns",
            "timestamp_msec",
        ] {
            notice.attributes[name] = nil
        }
        return notice
    }
}
