import OneLoggerCore
import Testing

@Suite struct RecordLimitTests {
    private let context = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3))

    private func packed(_ span: SpanRecord, limit: Int) -> SpanRecord? {
        var buffer = RecordBuffer(capacity: 0)
        buffer.append(span, kind: .span, limit: limit)
        #expect(buffer.count <= limit + 20, "a kind and a count of what was dropped always fit")
        guard case .span(let back)? = Batch(buffer, clock: .unix, resource: Resource()).records.first else {
            return nil
        }
        return back
    }

    private func span(_ attributes: Attributes) -> SpanRecord {
        SpanRecord(
            "s", context: context, start: Timestamp(nanoseconds: 1), end: Timestamp(nanoseconds: 2),
            attributes: attributes)
    }

    @Test func `attributes that would make a record too long are left out and counted`() throws {
        let record = span(["a": 1, "big": .string(String(repeating: "x", count: 500)), "b": 2])
        let back = try #require(packed(record, limit: 200))
        #expect(back.attributes == ["a": 1, "b": 2])
        #expect(back.dropped == 1)
    }

    @Test func `events, links and a status message are left out in the same way`() throws {
        let big: Attributes = ["big": .string(String(repeating: "x", count: 500))]
        var record = span([:])
        record.events = [Event("small", at: record.start), Event("big", big, at: record.start)]
        record.links = [SpanLink(context, big)]
        record.startAttributes = big
        record.stopAttributes = ["small": 1]
        record.status = .error(String(repeating: "x", count: 500))
        record.kind = .server
        record.dropped = 10
        let back = try #require(packed(record, limit: 200))
        #expect(back.events.map(\.name) == ["small"])
        #expect(back.links.isEmpty)
        #expect(back.startAttributes.isEmpty)
        #expect(back.stopAttributes == ["small": 1])
        #expect(back.status == .error(""), "it still failed")
        #expect(back.kind == .server)
        #expect(back.dropped == 14)
    }

    @Test func `counting what was dropped does not overflow`() throws {
        var record = span(["big": .string(String(repeating: "x", count: 500))])
        record.dropped = .max
        #expect(try #require(packed(record, limit: 200)).dropped == .max)
        record.dropped = -5
        #expect(try #require(packed(record, limit: 1_000)).dropped == 0)
    }

    @Test func `an event that stands alone keeps what fits`() {
        let attributes: Attributes = ["a": 1, "big": .string(String(repeating: "x", count: 500)), "b": 2]
        var buffer = RecordBuffer(capacity: 0)
        buffer.append(SpanEventRecord(Event("e", attributes), span: context), limit: 200)
        Batch(buffer, clock: .unix, resource: Resource()).forEach { view in
            #expect(view.attributes == ["a": 1, "b": 2])
            #expect(view.dropped == 1)
        }
    }
}
