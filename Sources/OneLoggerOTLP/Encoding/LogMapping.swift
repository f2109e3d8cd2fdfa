internal import OneLoggerCore

/// What does not wait for the end of a span, as `LogRecord` messages; `Docs/formats/otlp.md` has the table.
extension MessageWriter where Self: ~Copyable {
    /// An event or an error of a span that announced itself.
    @inline(never)
    mutating func event(_ record: borrowing RecordView) {
        let time = record.start
        reserve(record: record.length)
        if record.isError {
            let own = record.attributes.namedAsException
            var body = ""
            if case .string(let message) = own["error_message"] ?? own["exception.message"] { body = message }
            log(
                .error, name: "exception", body: body, time, own.after(["event.name": "exception"]), record.context,
                dropped: record.dropped)
            return
        }
        let name = String(copying: record.name)
        log(
            .info, name: name, body: name, time, record.attributes.after(["event.name": .string(name)]),
            record.context, dropped: record.dropped)
    }

    /// A span has begun, and is worth telling before it ends.
    @inline(never)
    mutating func start(_ record: borrowing RecordView) {
        let name = String(copying: record.name)
        var own: Attributes = ["event.name": "span_start", "span.name": .string(name)]
        if record.parent != 0 { own["span.parent_id"] = .string(SpanID(record.parent).description) }
        log(
            .info, name: "span_start", body: name, record.start,
            record.startAttributes.after(record.attributes.after(own)), record.context, dropped: record.dropped)
    }

    /// An event of a declared type.
    @inline(never)
    mutating func typedEvent(_ record: borrowing RecordView) {
        let event = record.typedEvent
        let own = event.ownAttributes.after(["event.name": .string(event.type)])
        reserve(record: record.length)
        log(
            .info, name: event.type, body: event.type, event.time, event.attributes.after(own),
            event.context.isValid ? event.context : nil, dropped: event.dropped, observed: event.emitTime)
    }

    /// The data are not whole.
    @inline(never)
    mutating func notice(_ notice: TelemetryDataError) {
        let own: Attributes = [
            "event.name": "telemetry_data_error",
            "telemetry_data_error_type": .string(notice.kind.rawValue),
            "error_message": .string(notice.message),
            "lost_records": .int(notice.lostRecords),
            "first_time_ns": .int(Int(clamping: notice.firstTime.nanoseconds)),
            "last_time_ns": .int(Int(clamping: notice.time.nanoseconds)),
        ]
        log(
            .error, name: "telemetry_data_error", body: notice.message, notice.time, notice.attributes.after(own), nil,
            dropped: 0)
    }

    private mutating func log(
        _ severity: Severity, name: String, body: String, _ time: Timestamp, _ all: Attributes, _ span: SpanContext?,
        dropped: Int, observed: Timestamp? = nil
    ) {
        reserve(record: 64)
        let item = beginItem(2, isLong: true)
        fixed64(1, "timeUnixNano", time.nanoseconds)
        small(2, "severityNumber", severity.rawValue)
        text(3, "severityText", severity.name)
        let any = begin(5, "body")
        text(1, "stringValue", body)
        end(any)
        attributes(6, "attributes", all)
        small(7, "droppedAttributesCount", UInt32(clamping: dropped))
        if let span {
            fixed32(8, "flags", SpanFlags.isSampled)
            id(9, "traceId", span.traceID.high, span.traceID.low)
            id(10, "spanId", span.spanID.value)
        }
        fixed64(11, "observedTimeUnixNano", (observed ?? time).nanoseconds)
        if !name.isEmpty { text(12, "eventName", name) }
        end(item)
    }
}

/// What OTLP calls `SeverityNumber`.
private enum Severity: UInt32 {
    case info = 9
    case error = 17

    var name: String { self == .info ? "INFO" : "ERROR" }
}

extension EventRecord {
    /// What its type and the recorder say about it; null fields are absent.
    var ownAttributes: Attributes {
        var own: Attributes = ["event_id": .string(id.description)]
        if !sessionID.isEmpty { own["session_id"] = .string(sessionID) }
        own["backend"] = backend.map { .string($0) }
        own["task_id"] = taskID.map { .string($0) }
        own["node_id"] = nodeID.map { .string($0) }
        for field in fields where own[field.name] == nil { own[field.name] = field.value }
        return own
    }
}

extension Attributes {
    /// Behind `first`, which wins: a name must not stand twice.
    func after(_ first: Attributes) -> Attributes {
        var result = first
        for (key, value) in self where first[key] == nil { result[key] = value }
        return result
    }
}
