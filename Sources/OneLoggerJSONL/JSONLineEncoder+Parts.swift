internal import OneLoggerCore
internal import OneLoggerText

/// What most spans do not have, and lines that are not spans.
extension JSONLineEncoder {
    /// The attributes of a span's first or last event, each with a comma behind it.
    @inline(never)
    func nested(_ record: borrowing RecordView, _ tag: UInt8, _ writer: inout JSONWriter) {
        record.forEachPart(tag) { part in
            part.forEachNested { attribute in
                if spells(attribute.key, "timestamp_msec") { return }
                writer.member(attribute)
                writer.byte(44)
            }
        }
    }

    @inline(never)
    func status(_ record: borrowing RecordView, _ writer: inout JSONWriter) {
        switch record.statusCode {
        case 1: writer.raw(",\"status\":\"ok\"")
        case 3: writer.raw(",\"status\":\"cancelled\"")
        default:
            writer.raw(",\"status\":\"error\"")
            record.forEachPart(RecordLayout.Tag.statusMessage) { part in
                writer.raw(",\"status_message\":")
                writer.text(part.text)
            }
        }
    }

    @inline(never)
    func rare(_ record: borrowing RecordView, _ writer: inout JSONWriter, _ parts: UInt32) {
        if parts & RecordPart.kind != 0 {
            writer.raw(",\"kind\":\"")
            writer.raw(record.spanKind.word)
            writer.byte(34)
        }
        if record.parentIsRemote { writer.raw(",\"parent_is_remote\":true") }
        if parts & RecordPart.events != 0 {
            writer.raw(",\"events\":[")
            record.forEachEvent { event in
                writer.raw("{\"name\":")
                if event.isError { writer.raw("\"error\"") } else { writer.text(event.name) }
                writer.raw(",\"time_ns\":")
                writer.decimal(event.time.nanoseconds)
                writer.raw(",\"attributes\":{")
                var isFirst = true
                event.forEachAttribute { attribute in
                    if !isFirst { writer.byte(44) }
                    isFirst = false
                    writer.member(attribute)
                }
                writer.raw("}},")
            }
            writer.truncate(to: writer.count - 1)
            writer.byte(93)
        }
        if parts & RecordPart.links != 0 { links(record, &writer) }
        if parts & RecordPart.dropped != 0 {
            writer.raw(",\"dropped\":")
            writer.decimal(UInt64(record.dropped))
        }
    }

    private func links(_ record: borrowing RecordView, _ writer: inout JSONWriter) {
        writer.raw(",\"links\":[")
        record.forEachLink { link in
            writer.raw("{\"trace_id\":\"")
            writer.hexadecimal(link.context.traceID.high)
            writer.hexadecimal(link.context.traceID.low)
            writer.raw("\",\"span_id\":\"")
            writer.hexadecimal(link.context.spanID.value)
            writer.byte(34)
            if !link.context.isSampled { writer.raw(",\"is_sampled\":false") }
            if link.context.isRemote { writer.raw(",\"is_remote\":true") }
            if !link.attributes.isEmpty {
                writer.raw(",\"attributes\":")
                writer.object(link.attributes)
            }
            writer.raw("},")
        }
        writer.truncate(to: writer.count - 1)
        writer.byte(93)
    }

    /// An event that left before its span ended.
    @inline(never)
    mutating func event(_ record: borrowing RecordView, _ writer: inout JSONWriter) {
        if record.isError {
            writer.raw("{\"type\":\"application_error\",\"span_id\":\"")
        } else {
            writer.raw("{\"type\":\"event\",\"span_id\":\"")
        }
        let time = record.start
        writer.hexadecimal(record.id)
        writer.raw("\",\"trace_id\":\"")
        writer.hexadecimal(record.traceHigh)
        writer.hexadecimal(record.traceLow)
        writer.raw("\",\"event\":{\"name\":")
        writer.text(record.name)
        writer.raw(",\"attributes\":{")
        record.forEachAttribute { attribute in
            if spells(attribute.key, "timestamp_msec") { return }
            writer.member(attribute)
            writer.byte(44)
        }
        writer.raw("\"timestamp_msec\":")
        writer.decimal(time.nanoseconds / 1_000_000)
        writer.raw("}},\"time_ns\":")
        writer.decimal(time.nanoseconds)
        finish(&writer)
    }
}

extension SpanKind {
    /// The word in the file.
    var word: StaticString {
        switch self {
        case .internal: "internal"
        case .server: "server"
        case .client: "client"
        case .producer: "producer"
        case .consumer: "consumer"
        }
    }
}
