import OneLogger
import OneLoggerCore
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
        try recorder.flush()
        recorder.error(span, "while saving")
        span.stop()
        try recorder.shutdown()
        let spans = try requests.messages.withLock { try $0.flatMap { try JSON($0.body).items } }
        #expect(spans.map { $0["events"].elements.compactMap { $0["name"].text } } == [["saved", "exception"]])
    }
}
