import Foundation
import OneLogger
import OneLoggerJSONL
import OneLoggerTestSupport
import OneLoggerTesting
import RLMTelemetry
import Testing

/// The documented run of three steps, against the file that shows it.
@Suite struct DocumentedRunTests {
    private let millisecond: UInt64 = 1_000_000

    /// 600 ms; steps of 150, 200 and 100 ms with a reward of 0.5 each.
    private func run(_ bench: Bench) {
        let start = RLMRunStart(
            "run_20260801_120000_000001", task: "Find the sum of 17 and 25", environment: "dspy", maxSteps: 3,
            model: "gpt-4o")
        bench.sink.withRun(start) { run in
            let steps: [(UInt64, UInt64, String, String)] = [
                (50, 200, "a = 17", "17"), (220, 420, "b = 25", "25"), (450, 550, "print(a + b)", "42"),
            ]
            for (begin, end, code, output) in steps {
                bench.clock.set(noon + begin * millisecond)
                run.withStep("run_code") { step in
                    step.code = code
                    step.output = output
                    step.reward = 0.5
                    bench.clock.set(noon + end * millisecond)
                }
            }
            bench.clock.set(noon + 600 * millisecond)
            run.conclude(
                RLMRunEnd(isCompleted: true, finalAnswer: "42", runPath: "runs/run_20260801_120000_000001.jsonl"))
        }
    }

    /// The lines, with ids in the order in which they appear.
    private func lines(_ records: [Record]) throws -> String {
        let folder = TemporaryFolder()
        var exporter = try JSONLExporter(.init(path: folder("run.jsonl")))
        try exporter.export(Batch(records, resource: Resource(serviceName: "rlm-code", host: "host", pid: 1)))
        try exporter.close()
        // The header says when the file was made.
        var text = folder.text("run.jsonl").split(separator: "\n").dropFirst().map { $0 + "\n" }.joined()
        var seen: [String] = []
        for match in text.matches(of: /"([0-9a-f]{32}|[0-9a-f]{16})"/) where !seen.contains(String(match.1)) {
            seen.append(String(match.1))
        }
        for (place, id) in seen.enumerated() {
            let number = String(place + 1)
            text = text.split(separator: id, omittingEmptySubsequences: false)
                .joined(separator: String(repeating: "0", count: id.count - number.count) + number)
        }
        return text
    }

    @Test func `it leaves exactly the documented lines`() throws {
        let bench = Bench()
        run(bench)
        let text = try lines(bench.recorder.takeRecords())
        let file = "\(packageFolder)/Tests/RLMTelemetryTests/Fixtures/documented-run.jsonl"
        let expected = try String(contentsOfFile: file, encoding: .utf8)
        #expect(text == expected, "\(text)")
    }

    @Test func `it lasts 600 ms, its steps 150, 200 and 100, and it earns 1.5`() {
        let bench = Bench()
        run(bench)
        let (runs, steps) = bench.spans()
        #expect(runs.map(\.duration) == [.milliseconds(600)] && runs[0].status == .ok)
        #expect(steps.map(\.duration) == [.milliseconds(150), .milliseconds(200), .milliseconds(100)])
        #expect(steps.map { $0.attributes["rlm.reward"] } == [0.5, 0.5, 0.5])
        #expect(steps.map { $0.attributes["rlm.cumulative_reward"] } == [0.5, 1.0, 1.5])
        #expect(runs[0].attributes["rlm.total_reward"] == 1.5 && runs[0].attributes["rlm.total_steps"] == 3)
    }
}
