import OneLoggerCore
import OneLoggerJSONL
import OneLoggerTestSupport
import Testing

/// Runs of an agent whose process ends.
@Suite(.timeLimit(.minutes(15))) struct RunsAtExitTests {
    private let folder = TemporaryFolder()

    @Test func `a normal exit delivers spans, metrics and lines of runs`() throws {
        let config = folder.write(
            """
            recorder: {shutdown_timeout_s: 30}
            exporters: [{type: jsonl, config: {path: FOLDER/out.jsonl}}]
            recorders: [{type: rlm}]
            """, to: "a.yaml")
        let child = try ChildProcess("OneLoggerTestWorker", ["runs", "100", config, folder("local")])
        #expect(child.finish().end == .exit(0))
        let recording = try folder.recording()
        #expect(recording.ended["rlm.step"] == 100 && recording.ended["rlm.run"] == 2)
        #expect(recording.unfinished == ["rlm.run": "shutdown"])
        let stopped: [SpanRecord] = recording.records.compactMap { record in
            if case .stop(let span) = record { span } else { nil }
        }
        let open = stopped.first { $0.attributes["rlm.run_id"] == "open" }
        #expect(open?.status == .error("Run did not end"))
        let points: [MetricPoint] = recording.records.compactMap { record in
            if case .metric(let point) = record { point } else { nil }
        }
        let steps = points.last { $0.name == "rlm.steps" && $0.attributes["run_id"] == "whole" }
        #expect(steps?.value == .sum(100))
        #expect(folder.text("local/steps/whole.jsonl").split(separator: "\n").count == 100)
        #expect(folder.text("local/runs.jsonl").split(separator: "\n").count == 1)
    }
}
