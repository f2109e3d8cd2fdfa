import OneLogger
import OneLoggerCore
import OneLoggerTestSupport
import Synchronization
import Testing

@testable import OneLoggerOTLP

/// Events of announced spans where no logs are sent: they travel on their span.
@Suite struct KeptEventsTests {
    private let time = Timestamp(nanoseconds: 1_700_000_000_000_000_000)
    private let context = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3))

    private func encoder(_ format: OTLPFormat, _ signals: Set<OTLPSignal> = [.traces]) -> OTLPEncoder {
        OTLPEncoder(format: format, signals: signals, resource: Resource())
    }

    private func event(_ name: String, _ attributes: Attributes = [:], isError: Bool = false) -> Record {
        .event(SpanEventRecord(Event(name, attributes, at: time), span: context, isError: isError))
    }

    private var span: SpanRecord {
        var span = SpanRecord("epoch", context: context, start: time, end: time, stopAttributes: ["left": 0])
        span.links = [SpanLink(context, ["why": .string(String(repeating: "x", count: 3_000))])]
        return span
    }

    @Test func `without logs, events and errors of an announced span wait for it and travel on it, once`() throws {
        // given what left before the span's end, in other batches, and in its own behind the end
        let text = String(repeating: "é", count: 5_000)
        let check = OfficialCheck()
        for (place, format) in [OTLPFormat.protobuf, .json].enumerated() {
            var encoder = encoder(format)
            #expect(encoder.messages(Batch([event("saved", ["path": .string(text)])])) == [])
            let error: Attributes = ["error_message": "no room", "exception_type": "Full"]
            let last = Batch([.stop(span), event("error", error, isError: true), .span(other)])

            // when
            let messages = encoder.messages(last) + encoder.messages(Batch([.span(span)]))

            // then
            #expect(messages.map(\.recordCount) == [2, 1])
            for (number, message) in messages.enumerated() { try check.add(message, "\(number)") }
            guard place == 1 else { continue }
            let spans = try messages.flatMap { try JSON($0.body).items }
            let names = spans.map { $0["events"].elements.compactMap { $0["name"].text } }
            #expect(names == [["saved", "exception", "span_stop"], [], ["span_stop"]])
            #expect(spans[0]["events"][0].attributes == ["path": JSON(["stringValue": text])])
            #expect(spans[0]["events"][1].attributes["exception.type"] == JSON(["stringValue": "Full"]))
            #expect(spans[0]["events"][1].attributes["exception.message"] == JSON(["stringValue": "no room"]))
            #expect(spans[0]["droppedEventsCount"].isNull)
        }
        #expect(try check.run() == "checked 4")
    }

    private var other: SpanRecord {
        SpanRecord(
            "other", context: SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(9)), start: time, end: time)
    }

    @Test func `what is kept is bounded, and what did not fit is counted on its span`() throws {
        var encoder = encoder(.json)
        for number in 0..<300 { #expect(encoder.messages(Batch([event("\(number)")])) == []) }
        let found = try JSON(encoder.messages(Batch([.stop(span)]))[0].body).items[0]
        #expect(found["events"].elements.count == 128 + 1 && found["events"][127]["name"].text == "127")
        #expect(found["droppedEventsCount"] == JSON(172))
    }

    @Test func `without logs, an event of a declared type travels on its span, whichever comes first`() throws {
        // given one before its span's end, one behind it in the same batch, one that belongs to nobody
        func typed(_ name: String, _ context: SpanContext) -> Record {
            .typedEvent(
                EventRecord(
                    name, id: EventID(high: 1, low: 2), time: time, sessionID: "s", taskID: "t",
                    attributes: ["extra": true], fields: [.init("score", 0.5), .init("note", nil)], context: context))
        }
        let nobody = SpanContext(traceID: TraceID(high: 0, low: 0), spanID: SpanID(0))
        let check = OfficialCheck()
        for format in [OTLPFormat.protobuf, .json] {
            var encoder = encoder(format)
            #expect(encoder.messages(Batch([typed("my.First", context), typed("my.Lost", nobody)])) == [])

            // when
            let messages = encoder.messages(Batch([.span(span), typed("my.Second", context), .span(other)]))

            // then
            #expect(messages.map(\.recordCount) == [2])
            try check.add(messages[0], "0")
            guard format == .json else { continue }
            let spans = try JSON(messages[0].body).items
            let events = spans[0]["events"].elements
            #expect(events.compactMap { $0["name"].text } == ["my.First", "my.Second", "span_stop"])
            #expect(
                events[0].attributes == [
                    "score": JSON(["doubleValue": 0.5]), "session_id": JSON(["stringValue": "s"]),
                    "task_id": JSON(["stringValue": "t"]), "extra": JSON(["boolValue": true]),
                    "event_id": JSON(["stringValue": EventID(high: 1, low: 2).description]),
                ])
            #expect(spans[1]["events"].elements.isEmpty)
        }
        #expect(try check.run() == "checked 2")
    }

    @Test func `events of spans that never end make room for others`() throws {
        var encoder = encoder(.json)
        func context(_ number: Int) -> SpanContext {
            SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(UInt64(number + 1)))
        }
        let events = (0..<200).flatMap { number in
            (0..<100).map { place in
                Record.event(SpanEventRecord(Event("\(place)", at: time), span: context(number)))
            }
        }
        #expect(encoder.messages(Batch(events)) == [])
        let ends = (0..<200).map { number in
            Record.stop(SpanRecord("s", context: context(number), start: time, end: time))
        }
        let counts = try encoder.messages(Batch(ends)).flatMap { try JSON($0.body).items }
            .map { $0["events"].elements.count }
        // 163 whole spans fit into 16,384 events
        #expect(counts == Array(repeating: 0, count: 37) + Array(repeating: 100, count: 163))
    }

    private struct Checked: TelemetryEvent {
        static let eventType: StaticName = "my.Checked"
        var score = 0.5
        func encode(to fields: inout EventFields) { fields["score"] = score }
    }

    @Test func `what a recorder emits within a span is an event of that span when only traces are wanted`() throws {
        let requests = Requests()
        let recorder = Recorder(
            RecorderOptions(), exporters: [ExporterSlot(Collector(requests: requests, signals: [.traces]))])
        recorder.timedSpan("outer") { _ in
            recorder.timedSpan("inner") { _ in recorder.emit(Checked()) }
        }
        try recorder.shutdown(timeout: .patience)
        let spans = try requests.messages.withLock { try $0.flatMap { try JSON($0.body).items } }
        let found = spans.map { ($0["name"].text, $0["events"].elements.compactMap { $0["name"].text }) }
        #expect(found.map(\.0) == ["inner", "outer"] && found.map(\.1) == [["my.Checked"], []])
    }

    @Test func `with logs nothing is kept, and without traces neither`() throws {
        for signals in [Set([OTLPSignal.traces, .logs]), [.metrics]] {
            var encoder = encoder(.json, signals)
            _ = encoder.messages(Batch([event("saved")]))
            let spans = encoder.messages(Batch([.stop(span)])).filter { $0.signal == .traces }
            #expect(try spans.allSatisfy { try JSON($0.body).items[0]["events"].elements.count == 1 })
        }
    }

    @Test func `a recorder's long span has its events when only traces are wanted`() throws {
        let requests = Requests()
        let recorder = Recorder(
            RecorderOptions(), exporters: [ExporterSlot(Collector(requests: requests, signals: [.traces]))])
        let span = recorder.start("epoch")
        span.event(Event("saved", ["path": "a"]))
        try recorder.flush(timeout: .patience)
        recorder.error(span, "while saving")
        span.stop()
        try recorder.shutdown(timeout: .patience)
        let spans = try requests.messages.withLock { try $0.flatMap { try JSON($0.body).items } }
        #expect(spans.map { $0["events"].elements.compactMap { $0["name"].text } } == [["saved", "exception"]])
    }
}
