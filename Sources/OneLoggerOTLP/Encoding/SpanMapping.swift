internal import OneLoggerCore

/// Spans as `Span` messages; `Docs/formats/otlp.md` has the table.
extension MessageWriter where Self: ~Copyable {
    /// One finished span, as an item of `ScopeSpans.spans`, with the events that left before it.
    @inline(__always)
    mutating func span(_ record: borrowing RecordView, _ kept: inout KeptEvents) {
        reserve(record: record.length)
        let item = beginItem(2, isLong: true)
        let kind = spanHead(record)
        let list = beginList("attributes"), first = count
        let (parts, mayRepeat) = attributes(9, of: record)
        if mayRepeat {
            truncate(to: first)
            distinctAttributes(record)
        }
        if record.statusCode == 3 { cancelled(record) }
        endList(list)
        if parts & (RecordPart.rare | RecordPart.ends) != 0 || !kept.isEmpty {
            if parts & RecordPart.kind != 0 { setDigit(at: kind, record.spanKind.rawValue) }
            rareParts(record, parts, kept.isEmpty ? nil : kept.take(record.context))
        }
        if record.statusCode & 1 != record.statusCode >> 1 { status(record) }
        fixed32(16, "flags", SpanFlags.isSampled | SpanFlags.parent(isRemote: record.parentIsRemote))
        self.end(item)
    }

    /// What every span has; where its kind stands.
    @inline(__always)
    mutating func eachSpanHead(_ record: borrowing RecordView) -> Int {
        let (start, end) = record.times
        id(1, "traceId", record.traceHigh, record.traceLow)
        id(2, "spanId", record.id)
        if record.parent != 0 { id(4, "parentSpanId", record.parent) }
        if record.name.count > 0 { text(5, "name", record.name) }
        let kind = digit(6, "kind", SpanKind.internal.rawValue)
        fixed64(7, "startTimeUnixNano", start.nanoseconds)
        fixed64(8, "endTimeUnixNano", end.nanoseconds)
        return kind
    }

    /// The long way round, for the rare record in which two names look alike.
    @inline(never)
    private mutating func distinctAttributes(_ record: borrowing RecordView) {
        record.forEachAttribute { attribute(9, $0) }
    }

    /// OTLP knows no cancelled spans, and a cancelled one has not failed.
    @inline(never)
    private mutating func cancelled(_ record: borrowing RecordView) {
        var isSaid = false
        record.forEachAttribute { isSaid = isSaid || spells($0.key, "onelogger.cancelled") }
        if !isSaid { attribute(9, "onelogger.cancelled", true) }
    }

    @inline(never)
    private mutating func status(_ record: borrowing RecordView) {
        let status = begin(15, "status")
        record.forEachPart(RecordLayout.Tag.statusMessage) { text(2, "message", $0.text) }
        small(3, "code", record.hasFailed ? 2 : 1)
        end(status)
    }

    @inline(never)
    private mutating func rareParts(_ record: borrowing RecordView, _ parts: UInt32, _ kept: KeptEvents.Entry?) {
        if parts & RecordPart.dropped != 0 { small(10, "droppedAttributesCount", UInt32(clamping: record.dropped)) }
        let events = beginList("events")
        if parts & RecordPart.startAttributes != 0 {
            event("span_start", record.start, record, RecordLayout.Tag.startAttributes)
        }
        if let kept {
            for one in kept.events { event(one) }
            // What is written behind them counts on the room that was made for this record alone.
            reserve(record: record.length)
        }
        record.forEachEvent { event($0) }
        if parts & RecordPart.stopAttributes != 0 {
            event("span_stop", record.end, record, RecordLayout.Tag.stopAttributes)
        }
        endList(events)
        if let kept, kept.dropped > 0 { small(12, "droppedEventsCount", UInt32(clamping: kept.dropped)) }
        let links = beginList("links")
        record.forEachLink { link($0) }
        endList(links)
    }

    private mutating func event(_ event: borrowing EventView) {
        let item = beginItem(11, isLong: false)
        fixed64(1, "timeUnixNano", event.time.nanoseconds)
        if event.isError {
            text(2, "name", "exception")
            attributes(3, "attributes", event.event.attributes.namedAsException)
        } else {
            if event.name.count > 0 { text(2, "name", event.name) }
            let list = beginList("attributes")
            event.forEachAttribute { attribute(3, $0) }
            endList(list)
        }
        end(item)
    }

    /// An event that left before its span's end.
    private mutating func event(_ record: SpanEventRecord) {
        reserve(record: 64)
        let item = beginItem(11, isLong: false)
        fixed64(1, "timeUnixNano", record.event.time?.nanoseconds ?? 0)
        let name = record.isError ? "exception" : record.event.name
        if !name.isEmpty { text(2, "name", name) }
        let own = record.event.attributes
        attributes(3, "attributes", record.isError ? own.namedAsException : own)
        end(item)
    }

    /// What was said about the start or the end of a span.
    private mutating func event(_ name: String, _ time: Timestamp, _ record: borrowing RecordView, _ tag: UInt8) {
        let item = beginItem(11, isLong: false)
        fixed64(1, "timeUnixNano", time.nanoseconds)
        text(2, "name", name)
        let list = beginList("attributes")
        record.forEachPart(tag) { part in part.forEachNested { attribute(3, $0) } }
        endList(list)
        end(item)
    }

    private mutating func link(_ link: SpanLink) {
        let item = beginItem(13, isLong: false)
        id(1, "traceId", link.context.traceID.high, link.context.traceID.low)
        id(2, "spanId", link.context.spanID.value)
        attributes(4, "attributes", link.attributes)
        let sampled = link.context.isSampled ? SpanFlags.isSampled : 0
        fixed32(6, "flags", sampled | SpanFlags.parent(isRemote: link.context.isRemote))
        end(item)
    }
}

/// Bits of `Span.flags` and `Link.flags`.
enum SpanFlags {
    /// The flag of W3C Trace Context.
    static var isSampled: UInt32 { 1 }

    /// Whether the parent, or the linked span, is in another process; OTLP has a third state for "not known".
    @inline(__always)
    static func parent(isRemote: Bool) -> UInt32 { isRemote ? 0x300 : 0x100 }
}

extension RecordPart {
    /// What is known about the start or the end alone.
    static var ends: UInt32 { startAttributes | stopAttributes }
}

extension Attributes {
    /// The attributes of an application's error under the names of the semantic conventions, which want a type or a
    /// message; what carries such a name already stays.
    var namedAsException: Attributes {
        var result = Attributes()
        for (key, value) in self {
            let name = Self.exceptionNames[key] ?? key
            if name == key || self[name] == nil { result[name] = value }
        }
        if result["exception.message"] == nil || result["exception.message"] == "" {
            result["exception.message"] = self["error_message"] ?? result["exception.message"]
        }
        return result
    }

    private static var exceptionNames: [String: String] {
        [
            "exception_type": "exception.type", "exception_message": "exception.message",
            "exception_traceback": "exception.stacktrace",
        ]
    }
}
