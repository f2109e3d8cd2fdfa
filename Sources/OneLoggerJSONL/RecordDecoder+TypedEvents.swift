internal import OneLoggerCore
internal import OneLoggerText

extension RecordDecoder {
    static func typedEvent(_ value: JSONValue) throws(RecordProblem) -> EventRecord {
        guard let id = value["event_id"]?.string.flatMap(EventID.init) else {
            throw RecordProblem(reason: "'event_id' is missing or not 32 hexadecimal digits")
        }
        guard let time = time(value["time_ns"]) else { throw RecordProblem(reason: "'time_ns' is missing") }
        var context = SpanContext(traceID: TraceID(high: 0, low: 0), spanID: SpanID(0))
        if value["span_id"] != nil { context = try Self.context(value, "span_id") }
        var event = EventRecord(
            try text(value, "name"), id: id, time: time, emitTime: Self.time(value["emit_time_ns"]),
            sessionID: value["session_id"]?.string ?? "", backend: value["backend"]?.string,
            taskID: value["task_id"]?.string, nodeID: value["node_id"]?.string,
            attributes: attributes(value["attributes"]), context: context, dropped: value["dropped"]?.int ?? 0)
        if case .object(let members) = value["fields"] {
            event.fields = members.map { EventRecord.Field($0.name, $0.value.attribute) }
        }
        return event
    }
}
