internal import OneLoggerCore
internal import OneLoggerText

/// Turns records into the lines of the Telemetry Abstraction Layer: `event`, `metric` and `span` sections.
///
/// Works straight from the packed records; `Docs/formats/tal.md` says what the lines mean.
struct TALLineEncoder: Sendable {
    private var foundNonFinite = false
    private var moments = MomentCache()
    private var trace = (high: HexadecimalText(), low: HexadecimalText()), span = HexadecimalText()
    private var heads = HeadTexts()

    /// Appends the line of a record; none for what this schema does not know.
    @inline(never)
    mutating func append(_ record: borrowing RecordView, to writer: inout JSONWriter) {
        writer.reserve(record.length * 12 + 1024)
        let start = writer.count
        foundNonFinite = false
        switch record.kind {
        case .typedEvent:
            let isPlain = event(record, &writer)
            if foundNonFinite || !isPlain {
                writer.truncate(to: start)
                append(record.typedEvent, to: &writer)
            }
        case .span, .stop:
            span(record, &writer)
            if foundNonFinite {
                writer.truncate(to: start)
                span(record, &writer, listing: true)
            }
        case .start, .event: break
        }
    }

    // MARK: events

    /// False when a field came twice.
    @inline(never)
    private mutating func event(_ record: borrowing RecordView, _ writer: inout JSONWriter) -> Bool {
        unsafe record.withHead { id, entries in
            head(record, id, &writer)
            if unsafe !heads.copy(entries, record.id, to: &writer) {
                let start = writer.count
                common(record, &writer)
                if !foundNonFinite { unsafe heads.keep(entries, record.id, writer, from: start) }
            }
        }
        writer.byte(44)
        let isPlain = record.forEachField { member($0, &writer) }
        tail(record, &writer)
        return isPlain
    }

    /// What every event has between its times and its own fields.
    private mutating func common(_ record: borrowing RecordView, _ writer: inout JSONWriter) {
        var place = Place.session
        record.forEachEntry { entry in
            switch entry.tag {
            case RecordLayout.Tag.session, RecordLayout.Tag.backend, RecordLayout.Tag.task, RecordLayout.Tag.node:
                place.fill(to: entry.tag, &writer)
                writer.text(entry.text)
            case RecordLayout.Tag.eventAttributes:
                place.fill(to: entry.tag, &writer)
                writer.byte(123)
                entry.forEachNested { member($0, &writer) }
                endObject(&writer)
            default: break
            }
        }
        place.fill(to: Place.fields, &writer)
    }

    @inline(__always)
    private mutating func head(_ record: borrowing RecordView, _ id: EventID, _ writer: inout JSONWriter) {
        writer.raw("{\"event_id\": \"")
        writer.hexadecimal(id.high)
        writer.hexadecimal(id.low)
        writer.raw("\", \"event_type\": ")
        writer.text(record.name)
        let time = moments.text(record.start)
        writer.raw(", \"event_time\": ")
        writer.seconds(time)
        writer.raw(", \"emit_time\": ")
        writer.seconds(record.isEmittedAtOnce ? time : moments.text(record.emitTime))
    }

    /// Comma-separated so far: ends with the ids, the type again and the section.
    @inline(__always)
    private mutating func tail(_ record: borrowing RecordView, _ writer: inout JSONWriter) {
        writer.reserve(256 + record.name.count * 6)
        writer.raw(" \"trace_id\": \"0x")
        writer.hexadecimal(record.traceHigh, &trace.high)
        writer.hexadecimal(record.traceLow, &trace.low)
        writer.raw("\", \"span_id\": \"0x")
        writer.hexadecimal(record.id, &span)
        writer.raw("\", \"name\": ")
        writer.text(record.name)
        writer.raw(", \"section\": \"event\"}\n")
    }

    /// `"name": value,`, or null for what no number of JSON can say.
    @inline(__always)
    private mutating func member(_ attribute: borrowing AttributeView, _ writer: inout JSONWriter) {
        if attribute.isNull || attribute.kind == .double && !attribute.double.isFinite {
            if !attribute.isNull { foundNonFinite = true }
            writer.text(attribute.key)
            writer.raw(":null")
        } else {
            if attribute.kind == .list, case .doubles(let numbers) = attribute.value,
                numbers.contains(where: { !$0.isFinite })
            {
                foundNonFinite = true
            }
            writer.member(attribute)
        }
        writer.byte(44)
    }

    /// Puts a brace where the last comma is.
    private func endObject(_ writer: inout JSONWriter) {
        if writer.endsWithComma { writer.truncate(to: writer.count - 1) }
        writer.byte(125)
    }

    // MARK: spans

    private mutating func span(
        _ record: borrowing RecordView, _ writer: inout JSONWriter, listing: Bool = false
    ) {
        writer.raw("{\"name\": ")
        writer.text(record.name)
        writer.raw(", \"span_id\": \"0x")
        writer.hexadecimal(record.id, &self.span)
        writer.raw("\", \"trace_id\": \"0x")
        writer.hexadecimal(record.traceHigh, &trace.high)
        writer.hexadecimal(record.traceLow, &trace.low)
        writer.raw("\", \"parent_span_id\": ")
        if record.parent == 0 {
            writer.raw("null")
        } else {
            writer.raw("\"0x")
            writer.hexadecimal(record.parent)
            writer.byte(34)
        }
        let start = record.start, end = record.end
        let startText = moments.text(start), endText = moments.text(end)
        writer.raw(", \"start_ns\": ")
        writer.nanoseconds(startText)
        writer.raw(", \"end_ns\": ")
        writer.nanoseconds(endText)
        writer.raw(", \"start_time_s\": ")
        writer.seconds(startText)
        writer.raw(", \"end_time_s\": ")
        writer.seconds(endText)
        writer.raw(", \"duration_ms\": ")
        writer.thousandths((end.nanoseconds - start.nanoseconds + 500) / 1000)
        status(record, &writer)
        writer.raw(", \"attributes\": ")
        if listing {
            writer.verbatim(Self.json(NonFinite.listed(record.attributes)).json)
        } else {
            writer.byte(123)
            record.forEachAttribute { member($0, &writer) }
            endObject(&writer)
        }
        writer.reserve(64)
        writer.raw(", \"section\": \"span\"}\n")
    }

    private func status(_ record: borrowing RecordView, _ writer: inout JSONWriter) {
        switch record.statusCode {
        case 0: writer.raw(", \"status_code\": \"UNSET\", \"status_description\": null")
        case 1: writer.raw(", \"status_code\": \"OK\", \"status_description\": null")
        default:
            writer.raw(", \"status_code\": \"ERROR\", \"status_description\": ")
            if case .error(let message) = record.status, !message.isEmpty {
                writer.text(message)
            } else {
                writer.raw("null")
            }
        }
        writer.reserve(1024 + record.length * 6)
    }
}

/// Which of the values that every event has was written last.
private struct Place {
    static let session = Place(next: RecordLayout.Tag.session)
    /// One past the attributes.
    static let fields = RecordLayout.Tag.eventAttributes + 1
    private var next: UInt8

    private init(next: UInt8) { self.next = next }

    /// Writes the names up to that of `tag`; what lies between says nothing.
    @inline(__always)
    mutating func fill(to tag: UInt8, _ writer: inout JSONWriter) {
        while next < tag {
            name(&writer)
            writer.raw(next == RecordLayout.Tag.eventAttributes ? "{}" : "null")
            next += 1
        }
        if tag < Self.fields {
            name(&writer)
            next = tag + 1
        }
    }

    @inline(__always)
    private func name(_ writer: inout JSONWriter) {
        switch next {
        case RecordLayout.Tag.session: writer.raw(", \"session_id\": ")
        case RecordLayout.Tag.backend: writer.raw(", \"backend\": ")
        case RecordLayout.Tag.task: writer.raw(", \"task_id\": ")
        case RecordLayout.Tag.node: writer.raw(", \"node_id\": ")
        default: writer.raw(", \"attributes\": ")
        }
    }
}
