extension OTLPMessage {
    /// Two requests with half of the records each, made from the body alone.
    ///
    /// Nil when there is only one record, or when the body is none that this module writes.
    func split() -> (OTLPMessage, OTLPMessage)? {
        let body = body
        guard let parts = format == .protobuf ? protobufParts(body) : jsonParts(body) else { return nil }
        let total = parts.recordCount
        guard total > 1 else { return nil }
        return (part(of: parts, body, 0..<total / 2), part(of: parts, body, total / 2..<total))
    }

    private func part(of parts: RequestParts, _ body: [UInt8], _ records: Range<Int>) -> OTLPMessage {
        var items: [UInt8] = [], place = 0
        for item in parts.items {
            let all = place..<place + item.recordCount, chosen = all.clamped(to: records)
            place = all.upperBound
            if chosen.isEmpty { continue }
            if item.points.isEmpty || chosen == all {
                items += body[item.range]
            } else {
                items += metric(item, body, item.points[(chosen.lowerBound - all.lowerBound)...].prefix(chosen.count))
            }
            if format == .json { items.append(44) }
        }
        let content =
            switch format {
            case .protobuf:
                ProtobufWriter.request(
                    signal, resource: parts.resource.span, scope: parts.scope.span, items: items.span)
            case .json:
                JSONMessageWriter.request(
                    signal, resource: parts.resource.span, scope: parts.scope.span, items: items.span)
            }
        return OTLPMessage(signal: signal, format: format, content: content, recordCount: records.count)
    }

    /// A metric with some of its data points.
    private func metric(
        _ item: RequestParts.Item, _ body: [UInt8], _ points: ArraySlice<Range<Int>>
    ) -> [UInt8] {
        var data: [UInt8] = []
        for point in points {
            if format == .json, !data.isEmpty { data.append(44) }
            data += body[point]
        }
        data += body[item.tail]
        var message = Array(body[item.head])
        guard format == .protobuf else { return message + data }
        message.append(item.tag)
        message += varint(data.count) + data
        return [0x12] + varint(message.count) + message
    }
}

/// Where the parts of a request lie in its body.
struct RequestParts {
    /// A span or a log record, or a metric with its data points.
    struct Item {
        /// All of it; in protobuf with its tag and length.
        var range: Range<Int>
        /// What a metric holds before its data points, without tags and lengths that change with their number.
        var head = 0..<0
        /// The tag of the field that holds the data points.
        var tag: UInt8 = 0
        /// Each data point; none when this is no metric.
        var points: [Range<Int>] = []
        /// What a metric holds behind its data points.
        var tail = 0..<0

        var recordCount: Int { max(1, points.count) }
    }

    /// As a writer has written it, with its tag or name.
    var resource: [UInt8]
    var scope: [UInt8]
    var items: [Item]

    var recordCount: Int { items.reduce(0) { $0 + $1.recordCount } }
}

private func varint(_ value: Int) -> [UInt8] {
    [UInt8](capacity: 10) { $0.append(varint: UInt64(value)) }
}
