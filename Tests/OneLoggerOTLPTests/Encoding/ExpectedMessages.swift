import Foundation
import OneLoggerCore

@testable import OneLoggerOTLP

/// What a record should become, said a second time and from ordinary values.
enum Expected {
    /// What a batch should become, in its order.
    static func items(_ batch: Batch) -> (spans: [JSON], logs: [JSON]) {
        var spans: [JSON] = [], logs: [JSON] = []
        for record in batch.records {
            switch record {
            case .span(let record), .stop(let record): spans.append(span(record))
            case .start(let record): logs.append(log(record))
            case .event(let record): logs.append(log(record))
            case .typedEvent(let record): logs.append(log(record))
            default: break
            }
        }
        return (spans, logs)
    }

    static func span(_ span: SpanRecord) -> JSON {
        var fields: [String: Any] = [
            "traceId": span.context.traceID.description, "spanId": span.context.spanID.description,
            "kind": Int(span.kind.rawValue), "flags": span.parentIsRemote ? 0x301 : 0x101,
        ]
        fields["name"] = span.name.isEmpty ? nil : span.name
        fields["parentSpanId"] = span.parentID.isValid ? span.parentID.description : nil
        fields["startTimeUnixNano"] = time(span.start)
        fields["endTimeUnixNano"] = time(span.end)
        var attributes = span.attributes
        if span.status == .cancelled { attributes["onelogger.cancelled"] = true }
        fields["attributes"] = list(attributes)
        fields["droppedAttributesCount"] = span.dropped > 0 ? Int(UInt32(clamping: span.dropped)) : nil
        var events = span.events.map { event in
            event.name == "error"
                ? Event("exception", event.attributes.namedAsException, at: event.time) : event
        }
        if !span.startAttributes.isEmpty {
            events.insert(Event("span_start", span.startAttributes, at: span.start), at: 0)
        }
        if !span.stopAttributes.isEmpty { events.append(Event("span_stop", span.stopAttributes, at: span.end)) }
        fields["events"] = events.isEmpty ? nil : events.map(event)
        fields["links"] = span.links.isEmpty ? nil : span.links.map(link)
        switch span.status {
        case .ok: fields["status"] = ["code": 1]
        case .error(let message): fields["status"] = message.isEmpty ? ["code": 2] : ["code": 2, "message": message]
        default: break
        }
        return JSON(fields)
    }

    static func log(_ record: SpanEventRecord) -> JSON {
        let attributes = record.isError ? record.event.attributes.namedAsException : record.event.attributes
        let name = record.isError ? "exception" : record.event.name
        var body = name
        if record.isError {
            body = (try? (attributes.string("error_message") ?? attributes.string("exception.message"))) ?? ""
        }
        return log(
            record.event.time, record.isError, name, body, ["event.name": .string(name)], attributes, record.span)
    }

    static func log(_ event: EventRecord) -> JSON {
        var own: Attributes = ["event.name": .string(event.type), "event_id": .string(event.id.description)]
        if !event.sessionID.isEmpty { own["session_id"] = .string(event.sessionID) }
        for (key, value) in [("backend", event.backend), ("task_id", event.taskID), ("node_id", event.nodeID)] {
            if let value { own[key] = .string(value) }
        }
        for field in event.fields where own[field.name] == nil { own[field.name] = field.value }
        var result = log(event.time, false, event.type, event.type, own, event.attributes, event.context)
            .with("observedTimeUnixNano", time(event.emitTime) as Any)
        if event.dropped > 0 { result = result.with("droppedAttributesCount", Int(UInt32(clamping: event.dropped))) }
        return result
    }

    static func log(_ start: SpanRecord) -> JSON {
        var own: Attributes = ["event.name": "span_start", "span.name": .string(start.name)]
        if start.parentID.isValid { own["span.parent_id"] = .string(start.parentID.description) }
        for (key, value) in start.attributes where own[key] == nil { own[key] = value }
        let result = log(start.start, false, "span_start", start.name, own, start.startAttributes, start.context)
        return start.dropped == 0 ? result : result.with("droppedAttributesCount", Int(UInt32(clamping: start.dropped)))
    }

    private static func log(
        _ at: Timestamp?, _ isError: Bool, _ name: String, _ body: String, _ own: Attributes, _ attributes: Attributes,
        _ span: SpanContext
    ) -> JSON {
        var all = own
        for (key, value) in attributes where own[key] == nil { all[key] = value }
        var fields: [String: Any] = [
            "severityNumber": isError ? 17 : 9, "severityText": isError ? "ERROR" : "INFO",
            "body": ["stringValue": body], "flags": 1, "traceId": span.traceID.description,
            "spanId": span.spanID.description,
        ]
        fields["eventName"] = name.isEmpty ? nil : name
        fields["attributes"] = list(all)
        fields["timeUnixNano"] = at.flatMap(time)
        fields["observedTimeUnixNano"] = at.flatMap(time)
        return JSON(fields)
    }

    private static func time(_ time: Timestamp) -> String? { time.nanoseconds == 0 ? nil : "\(time.nanoseconds)" }

    private static func event(_ event: Event) -> [String: Any] {
        var fields: [String: Any] = [:]
        fields["timeUnixNano"] = event.time.flatMap(time)
        fields["name"] = event.name.isEmpty ? nil : event.name
        fields["attributes"] = list(event.attributes)
        return fields
    }

    private static func link(_ link: SpanLink) -> [String: Any] {
        var fields: [String: Any] = [
            "traceId": link.context.traceID.description, "spanId": link.context.spanID.description,
            "flags": (link.context.isSampled ? 1 : 0) + (link.context.isRemote ? 0x300 : 0x100),
        ]
        fields["attributes"] = list(link.attributes)
        return fields
    }

    private static func list(_ attributes: Attributes) -> [[String: Any]]? {
        attributes.isEmpty
            ? nil
            : attributes.map { key, value in
                key.isEmpty ? ["value": any(value)] : ["key": key, "value": any(value)]
            }
    }

    private static func any(_ value: AttributeValue) -> [String: Any] {
        func array<T>(_ elements: [T], _ make: (T) -> AttributeValue) -> [String: Any] {
            ["arrayValue": elements.isEmpty ? [:] : ["values": elements.map { any(make($0)) }]]
        }
        switch value {
        case .string(let text): return ["stringValue": text]
        case .bool(let truth): return ["boolValue": truth]
        case .int(let number): return ["intValue": "\(number)"]
        case .double(let number): return ["doubleValue": double(number)]
        case .strings(let texts): return array(texts) { .string($0) }
        case .bools(let truths): return array(truths) { .bool($0) }
        case .ints(let numbers): return array(numbers) { .int($0) }
        case .doubles(let numbers): return array(numbers) { .double($0) }
        }
    }

    private static func double(_ number: Double) -> Any {
        number.isFinite ? number : number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity"
    }
}
