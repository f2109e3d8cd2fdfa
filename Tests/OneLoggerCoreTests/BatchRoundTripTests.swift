import OneLoggerCore
import OneLoggerTestSupport
import Testing

@Suite struct BatchRoundTripTests {
    @Test(arguments: 0..<20 as Range<UInt64>)
    func `random records of every shape come back as they were`(seed: UInt64) {
        var random = RandomRecords(seed: seed)
        let records = random.many(80) { $0.record() }
        let batch = Batch(records, resource: Resource(serviceName: "s"))
        let back = batch.records
        #expect(batch.count == records.count)
        #expect(back.count == records.count)
        for (place, (before, after)) in zip(records, back).enumerated() {
            #expect(before == after, "record \(place)")
        }
        #expect(batch.resource.serviceName == "s")
    }

    @Test func `notices come first, then spans and events, then metrics, each in order`() {
        var random = RandomRecords(seed: 99)
        let time = Timestamp(nanoseconds: 9), span = random.record(), event = random.record()
        let points: [Record] = (0..<2).map {
            .metric(MetricPoint(name: "m\($0)", start: time, time: time, value: .sum(1)))
        }
        let errors: [Record] = (0..<2).map {
            .telemetryDataError(TelemetryDataError(.noTelemetryData, "e\($0)", firstTime: time, time: time))
        }
        let batch = Batch([points[0], span, errors[0], points[1], errors[1], event])
        #expect(batch.records == errors + [span, event] + points)
        #expect(batch.count == 2)
        #expect(!batch.isEmpty)
    }

    @Test func `numbers keep every bit, NaN and minus zero too`() throws {
        let numbers = [
            Double.nan, -.nan, .signalingNaN, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -.infinity,
        ]
        let attributes = Attributes(
            numbers.enumerated().map { (key: "d\($0.offset)", value: .double($0.element)) } + [
                (key: "all", value: .doubles(numbers))
            ])
        let event = try #require(
            firstEvent(of: Batch(events: [SpanEventRecord(Event("n", attributes), span: context)])))
        for (place, number) in numbers.enumerated() {
            #expect(try event.attributes.double("d\(place)")?.bitPattern == number.bitPattern)
        }
        guard case .doubles(let list)? = event.attributes["all"] else {
            Issue.record("the list is gone")
            return
        }
        #expect(list.map(\.bitPattern) == numbers.map(\.bitPattern))
    }

    @Test func `a text of a mebibyte, one of no bytes and lists without elements survive`() throws {
        let long = String(repeating: "0123456789abcde🐢", count: 1 << 16)
        let attributes: Attributes = [
            "long": .string(long), "none": "", "": "no name", "s": .strings([]), "b": .bools([]), "i": .ints([]),
            "d": .doubles([]), "texts": .strings(["", long, ""]),
        ]
        let event = try #require(firstEvent(of: Batch(events: [SpanEventRecord(Event("", attributes), span: context)])))
        #expect(event.attributes == attributes)
        #expect(event.attributes.map(\.key) == attributes.map(\.key))
        #expect(event.name.isEmpty)
    }

    @Test(arguments: [
        (String(repeating: "k", count: 300), 255), (String(repeating: "é", count: 150), 254),
        (String(repeating: "漢", count: 100), 255), (String(repeating: "🐢", count: 100), 252),
        ("x" + String(repeating: "🐢", count: 100), 253), (String(repeating: "k", count: 255), 255),
    ])
    func `names of attributes and of a span's events are cut at 255 bytes, between two characters`(
        key: String, bytes: Int
    ) throws {
        let cut = String(decoding: Array(key.utf8.prefix(bytes)), as: UTF8.self)
        let event = Event(key, [key: 1], at: Timestamp(nanoseconds: 5))
        let batch = Batch(spans: [span(events: [event], attributes: [key: "v"])])
        guard case .span(let back)? = batch.records.first else {
            Issue.record("the span is gone")
            return
        }
        #expect(back.attributes.map(\.key) == [cut])
        #expect(back.events == [Event(cut, [cut: 1], at: Timestamp(nanoseconds: 5))])
        #expect(!cut.contains("\u{FFFD}"))
    }

    @Test(arguments: [("n", 65_535), ("é", 65_534), ("漢", 65_535), ("🐢", 65_532)])
    func `names of records are cut at 65,535 bytes, between two characters`(character: String, bytes: Int) throws {
        let name = String(repeating: character, count: 70_000)
        let cut = String(decoding: Array(name.utf8.prefix(bytes)), as: UTF8.self)
        let event = try #require(firstEvent(of: Batch(events: [SpanEventRecord(Event(name), span: context)])))
        #expect(event.name == cut)
        guard case .span(let back)? = Batch([.span(span(name))]).records.first else {
            Issue.record("the span is gone")
            return
        }
        #expect(back.name == cut)
    }

    @Test func `an end before its start becomes the start`() {
        var record = span()
        record.start = Timestamp(nanoseconds: 100)
        record.end = Timestamp(nanoseconds: 99)
        let batch = Batch(spans: [record])
        batch.forEach { view in
            #expect(view.end == view.start)
            #expect(view.start.nanoseconds == 100)
        }
        #expect(batch.count == 1)
    }

    @Test func `an event without a time happens at its span's start`() {
        guard case .span(let back)? = Batch(spans: [span(events: [Event("x")])]).records.first else {
            Issue.record("the span is gone")
            return
        }
        #expect(back.events.first?.time == back.start)
    }

    private let context = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3))

    private func span(_ name: String = "s", events: [Event] = [], attributes: Attributes = [:]) -> SpanRecord {
        SpanRecord(
            name, context: context, start: Timestamp(nanoseconds: 1), end: Timestamp(nanoseconds: 2),
            attributes: attributes,
            events: events)
    }

    private func firstEvent(of batch: Batch) -> Event? {
        guard case .event(let record)? = batch.records.first else { return nil }
        return record.event
    }
}
