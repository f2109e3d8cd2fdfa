import OneLogger
import OneLoggerTesting
import RLMTelemetry
import Testing

@Suite struct RLMContentTests {
    @Test func `texts are cut at the documented limits, and say so`() {
        let bench = Bench(), long = String(repeating: "a", count: 1500)
        bench.run(
            task: String(repeating: "t", count: 700), [RLMStep(1, code: long, output: long)],
            RLMRunEnd(isCompleted: false, finalAnswer: long, error: long))
        let records = bench.recorder.takeRecords()
        let run = records.spans.first { $0.name == "rlm.run" }, step = records.spans.first { $0.name == "rlm.step" }
        #expect(run?.attributes["rlm.task"] == .string(String(repeating: "t", count: 500)))
        #expect(run?.attributes["rlm.task_truncated"] == true)
        let thousand = AttributeValue.string(String(repeating: "a", count: 1000))
        #expect(
            step?.events.map(\.attributes) == [
                ["code": thousand, "truncated": true], ["output": thousand, "truncated": true],
            ])
        #expect(run?.events.map(\.attributes) == [["answer": thousand, "truncated": true]])
        #expect(run?.attributes["rlm.error"] == .string(String(repeating: "a", count: 200)))
        #expect(run?.attributes["rlm.error_truncated"] == true)
    }

    @Test func `a text of exactly the limit is whole, and has no marker`() {
        let bench = Bench(), exact = String(repeating: "é", count: 500)
        bench.run(task: exact, [])
        let run = bench.spans().runs[0]
        #expect(run.attributes["rlm.task"] == .string(exact) && run.attributes["rlm.task_truncated"] == nil)
    }

    @Test(arguments: ["e\u{301}", "👍🏽", "🇩🇪", "日", "\r\n"])
    func `no character is cut in two`(character: String) {
        let bench = Bench()
        bench.run(task: String(repeating: character, count: 700), [])
        #expect(bench.spans().runs[0].attributes["rlm.task"] == .string(String(repeating: character, count: 500)))
    }

    @Test func `a character without an end has an end, too`() {
        let bench = Bench(), endless = "e" + String(repeating: "\u{301}", count: 100_000)
        bench.run(task: "ab" + endless, [])
        let run = bench.spans().runs[0]
        #expect(run.attributes["rlm.task"] == "ab" && run.attributes["rlm.task_truncated"] == true)
    }

    @Test func `without content nothing of it leaves, and the rest does`() {
        var options = RLMOptions()
        options.content = .none
        let bench = Bench(options)
        bench.run(
            task: "secret", [RLMStep(1, code: "secret", output: "secret", error: "why", isSuccess: false)],
            RLMRunEnd(isCompleted: true, finalAnswer: "secret"))
        let records = bench.recorder.takeRecords()
        #expect(!"\(records)".contains("secret"))
        #expect(records.spans.map(\.name) == ["rlm.step", "rlm.run"] && records.spans[0].status == .error("why"))
    }

    @Test func `a redaction sees every text before it is cut, and may leave it out`() {
        let bench = Bench(redaction: { content, text in
            content == .output ? nil : "\(content.rawValue): \(text.count)"
        })
        bench.run(
            task: String(repeating: "t", count: 700),
            [RLMStep(1, code: "abc", output: "hidden", error: "e", isSuccess: false)],
            RLMRunEnd(isCompleted: true, finalAnswer: "12345"))
        let spans = bench.recorder.takeSpans()
        #expect(spans.last?.attributes["rlm.task"] == "task: 700")
        #expect(spans.first?.events.map(\.attributes) == [["code": "code: 3"]])
        #expect(spans.first?.status == .error("error: 1"))
        #expect(spans.last?.events.map(\.attributes) == [["answer": "answer: 5"]])
    }

    @Test func `a redaction can be given to a sink that exists`() {
        let bench = Bench()
        bench.sink.redact { _, _ in "gone" }
        bench.run(task: "secret", [])
        bench.sink.redact(with: nil)
        bench.run(task: "open", [])
        #expect(bench.spans().runs.map { $0.attributes["rlm.task"] } == ["gone", "open"])
    }

    @Test func `limits can be chosen`() {
        var options = RLMOptions()
        options.limits.task = 3
        options.limits.code = 1
        let bench = Bench(options)
        bench.run(task: "abcd", [RLMStep(1, code: "xy")])
        let (runs, steps) = bench.spans()
        #expect(runs[0].attributes["rlm.task"] == "abc")
        #expect(steps[0].events.map(\.attributes) == [["code": "x", "truncated": true]])
    }
}
