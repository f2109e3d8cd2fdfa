import OneLogger
import OneLoggerTesting
import Testing

struct Boom: Error, Equatable {}

@Suite struct TimedSpanTests {
    @Test func `a manual clock gives exact durations`() {
        let clock = ManualClock(now: 1_000)
        clock.recorder.timedSpan("step") { _ in clock.set(1_250) }
        let span = clock.recorder.takeSpans()[0]
        #expect(span.start.nanoseconds == 1_000 && span.end.nanoseconds == 1_250)
    }

    @Test func `attributes of every kind arrive in order, and a frame may overflow`() {
        let clock = ManualClock()
        let long = String(repeating: "x", count: 5_000)
        clock.recorder.timedSpan("step", attributes: ["a": 1, "b": 2.5, "c": true, "d": "text"]) { span in
            span["e"] = long
            span["f"] = "é"
            span["g"] = Float(0.5)
            span["h"] = [1, 2]
            span["i"] = [0.5]
            span["j"] = ["x", ""]
            span["k"] = [true, false]
            span["l"] = AttributeValue.int(7)
            for i in 0..<100 { span.set("n\(i)", .int(i)) }
        }
        let attributes = clock.recorder.takeSpans()[0].attributes
        #expect(attributes.count == 112)
        #expect(attributes.prefix(4).map(\.value) == [.int(1), .double(2.5), .bool(true), .string("text")])
        #expect(attributes["e"] == .string(long))
        #expect(attributes["f"] == .string("é") && attributes["g"] == .double(0.5))
        #expect(attributes["h"] == .ints([1, 2]) && attributes["i"] == .doubles([0.5]))
        #expect(attributes["j"] == .strings(["x", ""]) && attributes["k"] == .bools([true, false]))
        #expect(attributes["l"] == .int(7) && attributes["n99"] == .int(99))
    }

    @Test func `the last value of an attribute counts, at its first place`() {
        let clock = ManualClock()
        clock.recorder.timedSpan("step", attributes: ["a": 1, "b": 2]) { span in span["a"] = 3 }
        #expect(clock.recorder.takeSpans()[0].attributes.map(\.key) == ["a", "b"])
    }

    @Test func `the body's error keeps its type and is recorded`() throws {
        let clock = ManualClock()
        do {
            try clock.recorder.timedSpan("step") { (span) throws(Boom) in throw Boom() }
            Issue.record("must throw")
        } catch {
            let typed: Boom = error
            #expect(typed == Boom())
        }
        let span = clock.recorder.takeSpans()[0]
        #expect(span.status == .error(""))
        let event = try #require(span.events.first)
        #expect(event.name == "error")
        #expect(event.attributes["exception_type"] == "Boom")
        #expect(event.attributes["error_message"] == "Error in step: ")
    }

    @Test func `an error whose description is empty passes through unchanged`() {
        struct Silent: Error, CustomStringConvertible { var description: String { "" } }
        let clock = ManualClock()
        #expect(throws: Silent.self) { try clock.recorder.timedSpan("step") { _ in throw Silent() } }
        #expect(clock.recorder.takeSpans()[0].events[0].attributes["exception_message"] == .string(""))
    }

    @Test func `cancellation is a status of its own, not an error`() async throws {
        let clock = ManualClock()
        try? clock.recorder.timedSpan("sync") { _ in throw CancellationError() }
        try? await clock.recorder.timedSpan("async") { (_: inout TimedSpan) async throws in throw CancellationError() }
        let spans = clock.recorder.takeSpans()
        #expect(spans.map(\.status) == [.cancelled, .cancelled])
        #expect(spans.allSatisfy { $0.events.isEmpty })
    }

    @Test func `a span's values may not be copied`() {
        struct Token: ~Copyable { var n = 3 }
        let token = ManualClock().recorder.timedSpan("step") { _ in Token() }
        #expect(token.n == 3)
    }

    @Test func `events carry their attributes and times`() {
        var options = RecorderOptions()
        options.announce = .nothing
        let clock = ManualClock(options, now: 10)
        clock.recorder.timedSpan("step") { span in
            span["before"] = 1
            clock.set(20)
            span.event("loaded", ["rows": 3, "fast": true, "kind": "x"])
            span["after"] = 2
            span.event("plain")
            span.event("dynamic \(1)", ["list": .ints([1])])
            span.event(Event("given", ["k": "v"], at: Timestamp(nanoseconds: 5)))
            clock.set(30)
        }
        let span = clock.recorder.takeSpans()[0]
        #expect(span.attributes == ["before": 1, "after": 2])
        #expect(
            span.events == [
                Event("loaded", ["rows": 3, "fast": true, "kind": "x"], at: Timestamp(nanoseconds: 20)),
                Event("plain", at: Timestamp(nanoseconds: 20)),
                Event("dynamic 1", ["list": .ints([1])], at: Timestamp(nanoseconds: 20)),
                Event("given", ["k": "v"], at: Timestamp(nanoseconds: 5)),
            ])
    }

    @Test func `links, kind, status, start and stop attributes arrive`() {
        let clock = ManualClock()
        let other = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3), isSampled: true, isRemote: true)
        clock.recorder.timedSpan(
            "step", parent: .inherit, kind: .client, links: [SpanLink(other, ["why": "retry"])],
            attributes: ["a": 1], startEvent: ["host": "h"]
        ) { span in
            span.link(other)
            span.setStatus(.error("broken"))
            span.setStopAttributes(["code": 2])
        }
        let span = clock.recorder.takeSpans()[0]
        #expect(span.kind == .client && span.status == .error("broken"))
        #expect(span.links == [SpanLink(other, ["why": "retry"]), SpanLink(other)])
        #expect(span.attributes == ["a": 1] && span.startAttributes == ["host": "h"])
        #expect(span.stopAttributes == ["code": 2])
    }

    @Test func `names made at run time of any length arrive`() async {
        let clock = ManualClock()
        let names = ["", "a\(1)", String(repeating: "é", count: 200), String(repeating: "n", count: 70_000)]
        for name in names { clock.recorder.timedSpan(name) { $0["k"] = 1 } }
        for name in names { await clock.recorder.timedSpan(name) { (s: inout TimedSpan) async in s["k"] = 1 } }
        let spans = clock.recorder.takeSpans()
        #expect(spans.map(\.name.utf8.count) == [0, 2, 400, 65_535, 0, 2, 400, 65_535])
        #expect(spans.allSatisfy { $0.attributes == ["k": 1] })
    }

    @Test func `a record larger than a chunk arrives, up to a mebibyte, and what is cut is counted`() {
        let clock = ManualClock()
        let large = String(repeating: "é", count: 200_000)
        clock.recorder.timedSpan("large") { $0["text"] = large }
        clock.recorder.timedSpan("too large") { span in
            span["text"] = String(repeating: "é", count: 1_000_000)
            span["more"] = large
        }
        clock.recorder.timedSpan("after") { _ in }
        let spans = clock.recorder.takeSpans()
        #expect(spans.map(\.name) == ["large", "too large", "after"])
        #expect(spans[0].attributes["text"] == .string(large) && spans[0].dropped == 0)
        guard case .string(let cut)? = spans[1].attributes["text"] else {
            Issue.record("the text must be there")
            return
        }
        #expect(cut.utf8.count > 900_000 && cut.allSatisfy { $0 == "é" })
        #expect(spans[1].dropped > 0)
    }

    @Test func `nothing is evaluated while nothing is recorded`() {
        func never() -> AttributeValue {
            Issue.record("evaluated")
            return 0
        }
        let recorder = Recorder.disabled
        recorder.timedSpan("step", parent: .inherit, attributes: ["a": never()]) { span in
            let isRecording = span.isRecording
            #expect(!isRecording)
            span["k"] = 1
            span.event("e", ["k": .int(Int.random(in: 0...1))])
            span.error(Boom())
        }
        #expect(recorder.takeRecords().isEmpty)
    }

    @Test func `long names of spans that are not recorded leave no trace, whatever is set on them`() async {
        let name = String(repeating: "n", count: 5_000), text = String(repeating: "x", count: 3_000)
        var filtered = RecorderOptions(), unsampled = RecorderOptions(), summarised = RecorderOptions()
        filtered.filter = .exclude([name])
        unsampled.sampling = .ratio(0)
        summarised.filter = .summarise([name])
        for options in [filtered, unsampled, summarised] {
            let r = ManualClock(options).recorder
            func fill(_ span: inout TimedSpan) {
                let isRecording = span.isRecording
                #expect(!isRecording)
                for _ in 0..<50 {
                    span["number"] = 1
                    span["text"] = text
                    span.set(name, .string(text))
                    span.event("event", ["k": 1])
                }
            }
            for _ in 0..<3 {
                r.timedSpan(name) { fill(&$0) }
                r.timedSpan("parent") { _ in r.timedSpan(name) { fill(&$0) } }
                await r.timedSpan(name) { (span: inout TimedSpan) async in fill(&span) }
            }
            #expect(r.takeSpans().allSatisfy { $0.name == "parent" })
        }
    }
}
