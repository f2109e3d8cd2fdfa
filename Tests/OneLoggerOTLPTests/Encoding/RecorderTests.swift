import Foundation
import OneLogger
import OneLoggerCore
import OneLoggerTestSupport
import Synchronization
import Testing

@testable import OneLoggerOTLP

/// Keeps the requests that a recorder's batches become.
final class Requests: Sendable {
    let messages = Locked<[OTLPMessage]>([])
}

struct Collector: Exporter, ~Copyable {
    let requests: Requests
    var encoder: OTLPEncoder

    init(requests: Requests, signals: Set<OTLPSignal> = [.traces, .logs]) {
        self.requests = requests
        encoder = OTLPEncoder(format: .json, signals: signals, resource: Resource())
    }

    mutating func export(_ batch: Batch) throws(ExportError) {
        let made = encoder.messages(batch)
        requests.messages.withLock { $0 += made }
    }
}

/// Keeps a recorder's batches as they are.
private struct Keeper: Exporter, ~Copyable {
    final class Batches: Sendable {
        let all = Locked<[Batch]>([])
    }

    let batches: Batches
    mutating func export(_ batch: Batch) throws(ExportError) { batches.all.withLock { $0.append(batch) } }
}

@Suite struct RecorderTests {
    @Test func `a name that is set again stands once, with its last value, in both formats`() throws {
        let batches = Keeper.Batches()
        let recorder = Recorder(RecorderOptions(), exporters: [ExporterSlot(Keeper(batches: batches))])
        recorder.timedSpan("s") { span in
            span["a"] = 1
            span["name.of.more.than.eight"] = "first"
            span["a"] = true
            span[""] = 1
            span["b"] = 5
            span["name.of.more.than.eight"] = 2.5
            span[""] = 2
        }
        try recorder.shutdown(timeout: .patience)
        let check = OfficialCheck()
        let kept = batches.all.withLock { $0 }
        for format in [OTLPFormat.protobuf, .json] {
            let messages = kept.flatMap { OTLPEncoder.messages($0, format, signals: [.traces]) }
            try #require(messages.count == 1)
            try check.add(messages[0], "0")
        }
        #expect(try check.run() == "checked 2")
        let attributes = try check.dump("0", .traces).items[0]["attributes"].elements
        #expect(attributes.map { $0["key"].text ?? "" } == ["a", "name.of.more.than.eight", "", "b"])
        #expect(attributes.map(\.["value"]).map(\.description).joined().contains("2.5"))
    }

    @Test func `a long span tells its start, events and errors as logs and is exported once, without them`() throws {
        // given
        let requests = Requests()
        var options = RecorderOptions()
        options.announce = .nothing
        let recorder = Recorder(options, exporters: [ExporterSlot(Collector(requests: requests))])

        // when a span announces itself, and another one does not
        let span = recorder.start("epoch")
        span.event(Event("saved", ["path": "a"]))
        recorder.error(span, "while saving")
        recorder.timedSpan("short") { span in span.event(Event("seen")) }
        try recorder.flush(timeout: .patience)
        let early = try requests.messages.withLock { try $0.flatMap { try JSON($0.body).items } }
        span.stop()
        _ = try recorder.flush(timeout: .patience)

        // then
        #expect(early.compactMap { $0["eventName"].text } == ["span_start", "saved", "exception"])
        let spans = try requests.messages.withLock { messages in
            try messages.filter { $0.signal == .traces }.flatMap { try JSON($0.body).items }
        }
        #expect(spans.compactMap { $0["name"].text } == ["short", "epoch"])
        #expect(spans[0]["events"].elements.compactMap { $0["name"].text } == ["seen"])
        #expect(spans[1]["events"].isNull)
        #expect(spans[1]["status"]["code"] == JSON(2))
        #expect(early.filter { !$0["eventName"].isNull }.allSatisfy { $0["spanId"] == spans[1]["spanId"] })
    }

    @Test func `the example of the document is what is written`() throws {
        let trace = TraceID(high: 0x4bf9_2f35_77b3_4da6, low: 0xa3ce_929d_0e0e_4736)
        let span = SpanRecord(
            "train.step", context: SpanContext(traceID: trace, spanID: SpanID(0x53ce_929d_0e0e_4736)),
            parentID: SpanID(0x00f0_67aa_0ba9_02b7), start: Timestamp(nanoseconds: 1_795_220_211_888_000_000),
            end: Timestamp(nanoseconds: 1_795_220_211_889_500_250), attributes: ["step": 1, "loss": 0.6931471805599453])
        let body = String(decoding: OTLPEncoder.messages(Batch(spans: [span]), .json)[0].body, as: UTF8.self)
        let page = try String(contentsOfFile: "\(packageFolder)/Docs/formats/otlp.md", encoding: .utf8)
        let example = try #require(page.split(separator: "```json\n").last?.split(separator: "\n").first)
        #expect(body.contains("[" + example + "]"))
    }
}
