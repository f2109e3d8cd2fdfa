internal import OneLoggerCore
internal import OneLoggerText

/// The line of a typed event: what every event has, then its attributes, then its own fields under `fields`.
extension JSONLineEncoder {
    @inline(never)
    mutating func typedEvent(_ record: borrowing RecordView, _ writer: inout JSONWriter) {
        writer.raw("{\"type\":\"typed_event\",\"name\":")
        writer.text(record.name)
        if record.context.isValid {
            writer.raw(",\"span_id\":\"")
            writer.hexadecimal(record.id)
            writer.raw("\",\"trace_id\":\"")
            writer.hexadecimal(record.traceHigh)
            writer.hexadecimal(record.traceLow)
            writer.byte(34)
        }
        writer.raw(",\"time_ns\":")
        writer.decimal(record.start.nanoseconds)
        writer.raw(",\"emit_time_ns\":")
        writer.decimal(record.emitTime.nanoseconds)
        let start = writer.count
        let isPlain = writeParts(record, &writer)
        if !isPlain {  // a name came twice: the last value counts
            writer.truncate(to: start)
            var buffer = RecordBuffer(capacity: record.length)
            buffer.append(record.typedEvent)
            buffer.view(at: 0) { view in _ = writeParts(view, &writer) }
        }
        if record.dropped > 0 {
            writer.raw(",\"dropped\":")
            writer.decimal(UInt64(record.dropped))
        }
        finish(&writer)
    }

    /// False when a field came twice.
    private func writeParts(_ record: borrowing RecordView, _ writer: inout JSONWriter) -> Bool {
        record.forEachEntry { entry in
            switch entry.tag {
            case RecordLayout.Tag.eventID:
                writer.raw(",\"event_id\":\"")
                writer.hexadecimal(entry.eventID.high)
                writer.hexadecimal(entry.eventID.low)
                writer.byte(34)
            case RecordLayout.Tag.session: member(",\"session_id\":", entry, &writer)
            case RecordLayout.Tag.backend: member(",\"backend\":", entry, &writer)
            case RecordLayout.Tag.task: member(",\"task_id\":", entry, &writer)
            case RecordLayout.Tag.node: member(",\"node_id\":", entry, &writer)
            case RecordLayout.Tag.eventAttributes:
                writer.raw(",\"attributes\":{")
                entry.forEachNested { attribute in
                    writer.member(attribute)
                    writer.byte(44)
                }
                endObject(&writer)
            default: break
            }
        }
        writer.raw(",\"fields\":{")
        let isPlain = record.forEachField { field in
            if field.isNull {
                writer.text(field.key)
                writer.raw(":null")
            } else {
                writer.member(field)
            }
            writer.byte(44)
        }
        endObject(&writer)
        return isPlain
    }

    private func member(_ name: StaticString, _ entry: borrowing AttributeView, _ writer: inout JSONWriter) {
        guard !entry.text.isEmpty || entry.tag != RecordLayout.Tag.session else { return }
        writer.raw(name)
        writer.text(entry.text)
    }

    /// Puts a brace where the last comma is.
    private func endObject(_ writer: inout JSONWriter) {
        if writer.endsWithComma { writer.truncate(to: writer.count - 1) }
        writer.byte(125)
    }
}
