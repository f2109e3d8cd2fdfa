internal import OneLoggerCore
internal import OneLoggerText

/// Lines that are made from values: rare events, notices and metrics.
extension TALLineEncoder {
    /// The line of an event with numbers that JSON does not know, or with a name that came twice.
    func append(_ event: EventRecord, to writer: inout JSONWriter) {
        var members: [JSONValue.Member] = []
        func add(_ name: String, _ value: JSONValue) { members.append(.init(name: name, value: value)) }
        func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
        let list = event.fields.flatMap { NonFinite.entries($0.name, $0.value) }
        add("session_id", .string(event.sessionID))
        add("backend", optional(event.backend))
        add("task_id", optional(event.taskID))
        add("node_id", optional(event.nodeID))
        add("attributes", Self.json(NonFinite.listed(event.attributes, and: list)))
        for field in event.fields { add(field.name, field.value.map(Self.json) ?? .null) }
        add("trace_id", .string("0x\(event.context.traceID)"))
        add("span_id", .string("0x\(event.context.spanID)"))
        add("name", .string(event.type))
        add("section", .string("event"))
        let rest = JSONValue.object(members).json.dropFirst()
        writer.reserve(512 + event.type.utf8.count * 6)
        writer.raw("{\"event_id\": \"")
        writer.hexadecimal(event.id.high)
        writer.hexadecimal(event.id.low)
        writer.raw("\", \"event_type\": ")
        writer.text(event.type)
        writer.reserve(512)
        writer.raw(", \"event_time\": ")
        writer.seconds(event.time)
        writer.raw(", \"emit_time\": ")
        writer.seconds(event.emitTime)
        writer.raw(", ")
        writer.verbatim(String(rest) + "\n")
    }

    /// Attributes with null where a number is not finite.
    static func json(_ attributes: Attributes) -> JSONValue {
        .object(attributes.map { .init(name: $0.key, value: json($0.value)) })
    }

    private static func json(_ value: AttributeValue) -> JSONValue {
        switch value {
        case .string(let text): .string(text)
        case .bool(let truth): .bool(truth)
        case .int(let number): .int(number)
        case .double(let number): number.isFinite ? .double(number) : .null
        case .strings(let texts): .array(texts.map { .string($0) })
        case .bools(let truths): .array(truths.map { .bool($0) })
        case .ints(let numbers): .array(numbers.map { .int($0) })
        case .doubles(let numbers): .array(numbers.map { $0.isFinite ? .double($0) : .null })
        }
    }

    /// A notice is an event of its own type, because this schema has no other place for it.
    func append(_ notice: TelemetryDataError, to writer: inout JSONWriter) {
        var random = SystemRandomNumberGenerator()
        append(
            EventRecord(
                "onelogger.TelemetryDataError",
                id: EventID(random: random.next(), random.next()), time: notice.firstTime, emitTime: notice.time,
                backend: "onelogger", attributes: notice.attributes,
                fields: [
                    .init("kind", .string(notice.kind.rawValue)), .init("message", .string(notice.message)),
                    .init("lost_records", .int(notice.lostRecords)),
                ], context: SpanContext(traceID: TraceID(high: 0, low: 0), spanID: SpanID(0))), to: &writer)
    }

    /// One line for all points: sums over their series, gauges averaged over the machines.
    ///
    /// What the recorder measures about itself, its process and its spans is left out.
    func append(_ points: [MetricPoint], to writer: inout JSONWriter) {
        var names: [String] = [], values: [String: Double] = [:], counts: [String: Int] = [:]
        func add(_ name: String, _ value: Double) {
            if values.updateValue(value + (values[name] ?? 0), forKey: name) == nil { names.append(name) }
            counts[name, default: 0] += 1
        }
        let wanted = points.filter { point in !Self.ownPrefixes.contains { point.name.hasPrefix($0) } }
        var gauges: Set<String> = []
        for point in wanted {
            switch point.value {
            case .sum(let value), .upDownSum(let value): add(point.name, value)
            // A GPU of a machine; the machine's own point holds the busiest one.
            case .gauge where point.attributes["gpu_id"] != nil: continue
            case .gauge(let value):
                gauges.insert(point.name)
                add(point.name, value)
            case .histogram(let histogram):
                add(point.name + "_count", Double(histogram.count))
                add(point.name + "_sum", histogram.sum)
            case .exponentialHistogram(let histogram):
                add(point.name + "_count", Double(histogram.count))
                add(point.name + "_sum", histogram.sum)
            }
        }
        guard !names.isEmpty, let time = wanted.map(\.time).max() else { return }
        writer.reserve(64)
        writer.raw("{\"checkpoint_time\": ")
        writer.seconds(time)
        for name in names {
            let value = gauges.contains(name) ? (values[name] ?? 0) / Double(counts[name] ?? 1) : values[name] ?? 0
            writer.reserve(8)
            writer.raw(", ")
            writer.text(name)
            writer.reserve(40)
            writer.raw(": ")
            let isWhole = !gauges.contains(name) && !name.hasSuffix("_sum") && value.rounded() == value
            if isWhole, abs(value) < 1e15 {
                writer.integer(Int(value))
            } else if value.isFinite {
                writer.number(value)
            } else {
                writer.raw("null")
            }
        }
        writer.reserve(32)
        writer.raw(", \"section\": \"metric\"}\n")
    }

    private static let ownPrefixes = ["onelogger.", "process.", "span."]
}
