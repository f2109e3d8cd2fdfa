package import OneLoggerCore
package import OneLoggerText

/// Turns records into lines of JSON and numbers them.
///
/// Works straight from the packed records and allocates nothing per span once the writer's memory is large enough;
/// lists and links may allocate. The form of each line is described in `Docs/formats/jsonl.md`.
package struct JSONLineEncoder: Sendable {
    /// The number of the last line; the next one gets one more.
    package var count: Int
    private var countText = DecimalText(0)
    /// The end of every line: the process and the newline.
    private let ending: ShortText
    private var moments = MomentCache()
    private var traceHigh = HexadecimalText(), traceLow = HexadecimalText(), parent = HexadecimalText()

    /// Numbers lines from `count + 1`.
    package init(count: Int = 0, pid: Int) {
        self.count = count
        var writer = JSONWriter(capacity: 64)
        writer.raw(",\"pid\":")
        writer.integer(max(pid, 0))
        writer.raw("}\n")
        ending = ShortText(writer)
    }

    /// Appends the line of a span or an event.
    @inline(__always)
    package mutating func append(_ record: borrowing RecordView, to writer: inout JSONWriter) {
        guard record.kind == .span else { return appendSlowly(record, to: &writer) }
        reserve(record, &writer)
        span(record, &writer, .span)
    }

    @inline(__always)
    private func reserve(_ record: borrowing RecordView, _ writer: inout JSONWriter) {
        // A byte becomes at most six, and every entry occupies more packed than its punctuation does here.
        writer.reserve(record.length * 6 + 1024)
    }

    /// The same for all other kinds, and for those who are not in a hurry: the other one is large, and a part of whoever calls it.
    @inline(never)
    mutating func appendSlowly(_ record: borrowing RecordView, to writer: inout JSONWriter) {
        reserve(record, &writer)
        switch record.kind {
        case .span, .start, .stop: announced(record, &writer, record.kind)
        case .event: event(record, &writer)
        case .typedEvent: typedEvent(record, &writer)
        }
    }

    /// Ends a line.
    @inline(__always)
    mutating func finish(_ writer: inout JSONWriter) {
        count += 1
        writer.raw(",\"count\":")
        countText.advance(to: UInt64(truncatingIfNeeded: count))
        writer.decimal(countText)
        writer.short(ending)
    }

    @inline(never)
    private mutating func announced(_ record: borrowing RecordView, _ writer: inout JSONWriter, _ kind: RecordKind) {
        span(record, &writer, kind)
    }

    /// All three kinds of span lines; the common kind is known at compile time, so that its copy holds its own parts only.
    @inline(__always)
    private mutating func span(_ record: borrowing RecordView, _ writer: inout JSONWriter, _ kind: RecordKind) {
        let (startTime, endTime) = record.times
        switch kind {
        case .start: writer.raw("{\"type\":\"start\",\"id\":\"")
        case .stop: writer.raw("{\"type\":\"stop\",\"id\":\"")
        default: writer.raw("{\"type\":\"complete\",\"id\":\"")
        }
        writer.hexadecimal(record.id)
        writer.raw("\",\"name\":")
        writer.text(record.name)
        writer.raw(",\"trace_id\":\"")
        writer.hexadecimal(record.traceHigh, &traceHigh)
        writer.hexadecimal(record.traceLow, &traceLow)
        if record.parent != 0 {
            writer.raw("\",\"parent_id\":\"")
            writer.hexadecimal(record.parent, &parent)
        }

        let beforeAttributes = writer.count
        writer.raw("\",\"attributes\":{")
        let firstAttribute = writer.count
        let (parts, mayRepeat) = record.forEachSetAttribute { attribute in
            if kind != .start, attribute.key.count == 13, spells(attribute.key, "duration_msec") { return }
            writer.reservedMember(attribute)
            writer.byte(44)
        }
        if mayRepeat {
            writer.truncate(to: firstAttribute)
            distinctAttributes(record, &writer, kind)
        }
        let duration = DecimalText(endTime.nanoseconds &- startTime.nanoseconds)
        if kind != .start {
            writer.raw("\"duration_msec\":")
            writer.millionths(duration)
            writer.byte(125)
        } else if writer.count > firstAttribute {
            writer.truncate(to: writer.count &- 1)
            writer.byte(125)
        } else {
            writer.truncate(to: beforeAttributes)
            writer.byte(34)
        }

        let start = moments.text(startTime), end = moments.text(endTime)
        if kind != .stop || parts & RecordPart.startAttributes != 0 {
            writer.raw(",\"start_event\":{\"name\":\"span_start\",\"attributes\":{")
            if parts & RecordPart.startAttributes != 0 { nested(record, RecordLayout.Tag.startAttributes, &writer) }
            writer.raw("\"timestamp_msec\":")
            writer.milliseconds(start)
            writer.raw("}}")
        }
        if kind != .start {
            writer.raw(",\"stop_event\":{\"name\":\"span_stop\",\"attributes\":{")
            if parts & RecordPart.stopAttributes != 0 { nested(record, RecordLayout.Tag.stopAttributes, &writer) }
            writer.raw("\"timestamp_msec\":")
            writer.milliseconds(end)
            writer.raw("}}")
        }
        writer.raw(",\"start_ns\":")
        writer.nanoseconds(start)
        if kind != .start {
            writer.raw(",\"end_ns\":")
            writer.nanoseconds(end)
            writer.raw(",\"duration_ns\":")
            writer.decimal(duration)
            if record.statusCode == 0 {
                writer.raw(",\"status\":\"unset\"")
            } else {
                status(record, &writer)
            }
        }
        if parts & RecordPart.rare != 0 || record.parentIsRemote { rare(record, &writer, parts) }
        finish(&writer)
    }
}

extension JSONLineEncoder {
    /// The long way round, for the rare record in which two names look alike.
    @inline(never)
    private func distinctAttributes(_ record: borrowing RecordView, _ writer: inout JSONWriter, _ kind: RecordKind) {
        record.forEachAttribute { attribute in
            if kind != .start, spells(attribute.key, "duration_msec") { return }
            writer.member(attribute)
            writer.byte(44)
        }
    }
}
