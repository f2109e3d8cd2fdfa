/// Packs ordinary values into the layout that the hot path writes.
extension RecordBuffer {
    /// Appends a span record; `kind` says whether it has begun, ended, or both.
    ///
    /// Attributes, events and links that would make it longer than `limit` bytes are left out, and counted as dropped.
    package mutating func append(
        _ span: SpanRecord, kind: RecordKind, flags: UInt8 = 0, limit: Int = RecordLayout.maximumLength
    ) {
        let start = count, end = start + limit
        var lost = 0
        header(
            kind, flags | span.status.code | (span.parentIsRemote ? RecordLayout.remoteParent : 0), span.name,
            RecordLayout.stamp(span.start), RecordLayout.stamp(span.end), span.context, span.parentID)
        for (key, value) in span.attributes { fit(end, &lost) { $0.append(key, value) } }
        for (tag, attributes) in [
            (RecordLayout.Tag.startAttributes, span.startAttributes),
            (RecordLayout.Tag.stopAttributes, span.stopAttributes),
        ] where !attributes.isEmpty {
            fit(end, &lost, counting: attributes.count) { $0.nested(tag, attributes) }
        }
        for event in span.events {
            fit(end, &lost) { $0.append(event, at: RecordLayout.stamp(event.time ?? span.start)) }
        }
        for link in span.links { fit(end, &lost) { $0.append(link) } }
        fit(end, &lost) { $0.append(span.status) }
        append(kind: span.kind)
        let (dropped, overflow) = span.dropped.addingReportingOverflow(lost)
        append(dropped: overflow ? .max : dropped)
        close(start)
    }

    /// Takes back what reaches past `end`, and counts it.
    ///
    /// Nothing else keeps a length within its 32 bits.
    @inline(never)
    private mutating func fit(
        _ end: Int, _ lost: inout Int, counting number: Int = 1, _ body: (inout RecordBuffer) -> Void
    ) {
        let before = count
        body(&self)
        guard count > end else { return }
        truncate(to: before)
        lost += number
    }

    /// Appends an event that stands alone.
    ///
    /// Attributes that would make it longer than `limit` bytes are dropped.
    package mutating func append(_ record: SpanEventRecord, limit: Int = RecordLayout.maximumLength) {
        let start = count, end = start + limit,
            stamp = RecordLayout.stamp(record.event.time ?? Timestamp(nanoseconds: 0))
        var lost = 0
        header(
            .event, record.isError ? RecordLayout.isError : 0, record.event.name, stamp, stamp, record.span, SpanID(0))
        for (key, value) in record.event.attributes { fit(end, &lost) { $0.append(key, value) } }
        append(dropped: lost)
        close(start)
    }

    // MARK: parts, for those who know ids and stamps themselves

    // Out of line, all of them: most records are written by the hot path, which does not come here.

    @inline(never)
    package mutating func header(
        _ kind: RecordKind, _ flags: UInt8, _ name: String, _ start: UInt64, _ end: UInt64, _ context: SpanContext,
        _ parent: SpanID
    ) {
        reserve(RecordLayout.header)
        append(UInt32(0))
        append(kind.rawValue)
        append(flags)
        append(UInt16(0))
        append(start)
        append(end)
        append(context.spanID.value)
        append(parent.value)
        append(context.traceID.high)
        append(context.traceID.low)
        let before = count
        append(text: name, limit: RecordLayout.maximumName)
        overwrite(UInt16(count - before), at: before - RecordLayout.header + 6)
    }

    /// Writes the length of the record that begins at `start`.
    package mutating func close(_ start: Int) { overwrite(UInt32(count - start), at: start) }

    @inline(never)
    package mutating func append(_ key: String, _ value: AttributeValue) {
        switch value {
        case .int(let number): fixed(RecordLayout.Tag.int, key, UInt64(bitPattern: Int64(number)))
        case .double(let number): fixed(RecordLayout.Tag.double, key, number.bitPattern)
        case .bool(let truth): fixed(RecordLayout.Tag.bool, key, truth ? 1 : 0)
        case .string(let text): sized(RecordLayout.Tag.string, key) { $0.append(text: text) }
        case .strings(let texts):
            sized(RecordLayout.Tag.strings, key) { buffer in
                for text in texts { buffer.withSize { $0.append(text: text) } }
            }
        case .bools(let truths):
            sized(RecordLayout.Tag.bools, key) { for truth in truths { $0.append(UInt8(truth ? 1 : 0)) } }
        case .ints(let numbers):
            sized(RecordLayout.Tag.ints, key) { for number in numbers { $0.append(Int64(number)) } }
        case .doubles(let numbers):
            sized(RecordLayout.Tag.doubles, key) { for number in numbers { $0.append(number) } }
        }
    }

    @inline(never)
    package mutating func append(_ event: Event, at stamp: UInt64) {
        let tag = event.name == Event.errorName ? RecordLayout.Tag.error : RecordLayout.Tag.event
        sized(tag, event.name) { buffer in
            buffer.append(stamp)
            for (key, value) in event.attributes { buffer.append(key, value) }
        }
    }

    @inline(never)
    package mutating func append(_ link: SpanLink) {
        sized(RecordLayout.Tag.link, "") { buffer in
            buffer.append(link.context.traceID.high)
            buffer.append(link.context.traceID.low)
            buffer.append(link.context.spanID.value)
            buffer.append(UInt8(link.context.isSampled ? 1 : 0) | UInt8(link.context.isRemote ? 2 : 0))
            for (key, value) in link.attributes { buffer.append(key, value) }
        }
    }

    @inline(never)
    package mutating func append(_ status: SpanStatus) {
        guard case .error(let message) = status, !message.isEmpty else { return }
        sized(RecordLayout.Tag.statusMessage, "") { $0.append(text: message) }
    }

    package mutating func append(kind: SpanKind) {
        if kind != .internal { fixed(RecordLayout.Tag.kind, "", UInt64(kind.rawValue)) }
    }

    package mutating func append(dropped: Int) {
        if dropped > 0 { fixed(RecordLayout.Tag.dropped, "", UInt64(dropped)) }
    }

    @inline(never)
    package mutating func nested(_ tag: UInt8, _ attributes: Attributes) {
        nested(tag) { buffer in for (key, value) in attributes { buffer.append(key, value) } }
    }

    /// An entry that holds what `body` appends.
    package mutating func nested(_ tag: UInt8, _ body: (inout RecordBuffer) -> Void) { sized(tag, "", body) }

    /// A field of a typed event that says nothing.
    package mutating func append(null key: String) { fixed(RecordLayout.Tag.null, key, 0) }

    @inline(never)
    private mutating func key(_ tag: UInt8, _ key: String) {
        append(tag)
        let place = count
        append(UInt8(0))
        append(text: key, limit: RecordLayout.maximumKey)
        overwrite(UInt8(count - place - 1), at: place)
    }

    @inline(never)
    private mutating func fixed(_ tag: UInt8, _ key: String, _ value: UInt64) {
        self.key(tag, key)
        append(value)
    }

    @inline(never)
    private mutating func sized(_ tag: UInt8, _ key: String, _ body: (inout RecordBuffer) -> Void) {
        self.key(tag, key)
        withSize(body)
    }

    private mutating func withSize(_ body: (inout RecordBuffer) -> Void) {
        let place = count
        append(UInt32(0))
        body(&self)
        overwrite(UInt32(truncatingIfNeeded: count - place - 4), at: place)  // too much is taken back as a whole
    }
}
