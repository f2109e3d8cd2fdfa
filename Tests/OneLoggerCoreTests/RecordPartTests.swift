import OneLoggerCore
import OneLoggerText
import Testing

@Suite struct RecordPartTests {
    @Test func `the bits of parts are those of the layout's tags`() {
        func bit(_ tag: UInt8) -> UInt32 { 1 << UInt32(tag) }
        #expect(RecordPart.events == bit(RecordLayout.Tag.event) | bit(RecordLayout.Tag.error))
        #expect(RecordPart.links == bit(RecordLayout.Tag.link))
        #expect(RecordPart.startAttributes == bit(RecordLayout.Tag.startAttributes))
        #expect(RecordPart.stopAttributes == bit(RecordLayout.Tag.stopAttributes))
        #expect(RecordPart.kind == bit(RecordLayout.Tag.kind))
        #expect(RecordPart.dropped == bit(RecordLayout.Tag.dropped))
    }

    @Test func `the packed entries of a record are what lies behind its name`() {
        let span = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3)), time = Timestamp(nanoseconds: 4)
        let batch = Batch(spans: [SpanRecord("name", context: span, start: time, end: time, attributes: ["k": 5])])
        batch.forEach { record in
            let bytes = unsafe Array(record.packedEntries)
            #expect(record.times == (record.start, record.end))
            #expect(bytes == [1, 1, 107, 5, 0, 0, 0, 0, 0, 0, 0])
            let first = unsafe record.packedEntries.baseAddress
            let key = unsafe first.map { unsafe String(copying: AttributeView(packed: $0).key) }
            #expect(key == "k")
        }
    }

    @Test func `spans and stops have ended, starts and events have not`() {
        let context = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3))
        let time = Timestamp(nanoseconds: 4)
        let span = SpanRecord("s", context: context, start: time, end: time)
        let event = SpanEventRecord(Event("e"), span: context)
        var found: [Bool] = []
        Batch([.span(span), .stop(span), .start(span), .event(event)]).forEach { found.append($0.isEndedSpan) }
        #expect(found == [true, true, false, false])
    }

    @Test func `a byte that was written can be replaced`() {
        var writer = JSONWriter()
        writer.raw("a1c")
        writer.overwrite(98, at: 1)
        #expect(writer.string == "abc")
    }
}
