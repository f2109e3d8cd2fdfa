import Foundation
import OneLogger
import OneLoggerJSONL
import OneLoggerTesting
import Synchronization
import Testing

/// The program itself: six pipelines with threads and worker processes, to their end, and killed on the way.
@Suite(.serialized) struct RunTests {
    private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private final class Run {
        let folder: URL
        let process = Process()
        let output = Pipe()

        init(epochs: Int, trace: Bool = false, environment: [String: String] = [:]) throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("pipeline-\(UUID().uuidString)")
            let here = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            var program = here.appendingPathComponent("PipelineWorkflow")
            if !FileManager.default.fileExists(atPath: program.path) {
                program = package.appendingPathComponent(".build/debug/PipelineWorkflow")
            }
            process.executableURL = program
            process.arguments =
                ["--config", package.appendingPathComponent("pipeline.yaml").path, "--epochs", "\(epochs)"]
                + (trace ? ["--trace"] : [])
            process.environment = ProcessInfo.processInfo.environment.merging(
                environment.merging(["PIPELINE_OUT": folder.path]) { $1 }
            ) { $1 }
            process.standardOutput = output
            try process.run()
        }

        deinit {
            if process.isRunning { process.terminate() }
            try? FileManager.default.removeItem(at: folder)
        }

        func contents(_ name: String) throws -> JSONLContents {
            try JSONLReader.contents(ofFile: folder.appendingPathComponent(name).path)
        }

        func text(_ name: String) -> String {
            (try? String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)) ?? ""
        }

        /// Everything that it printed, once it has ended.
        func finish() -> String {
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            return text
        }

        /// False when it did not come to that within five minutes.
        func reaches(_ text: String, times: Int = 1) -> Bool {
            for _ in 0..<30_000 {
                if self.text("session.telemetry.jsonl").components(separatedBy: text).count > times { return true }
                usleep(10_000)
            }
            return false
        }
    }

    private func events(_ contents: JSONLContents) -> [String: [EventRecord]] {
        let all = contents.records.compactMap { if case .typedEvent(let event) = $0 { event } else { nil } }
        return Dictionary(grouping: all, by: \.type)
    }

    /// The values of a metric in Prometheus's text format, added up.
    private func sum(_ metric: String, _ text: String) -> Double {
        text.components(separatedBy: "\n").filter { $0.hasPrefix("\(metric){") || $0.hasPrefix("\(metric) ") }
            .compactMap { Double($0.components(separatedBy: " ").last ?? "") }.reduce(0, +)
    }

    @Test func `six pipelines of four tasks leave both recordings whole, and metrics`() throws {
        let run = try Run(epochs: 200), text = run.finish()
        #expect(run.process.terminationStatus == 0)
        #expect(text.contains("24 tasks completed, 0 failed, 0 took too long\n6 data sets checked, 6 models evaluated"))
        for name in ["telemetry.jsonl", "session.telemetry.jsonl"] {
            let contents = try run.contents(name), events = events(contents)
            #expect(contents.problems == [])
            for type in [
                "TaskCreated", "asyncflow.TaskResolved", "TaskSubmitted", "TaskQueued", "TaskStarted", "TaskCompleted",
            ] {
                #expect(events[type]?.count == 24, "\(type) in \(name)")
            }
            let spans = contents.records.spans, tasks = spans.filter { $0.name == "task" }
            let workflows = spans.filter { $0.name == "workflow" }
            #expect(tasks.count == 24 && workflows.count == 6 && Set(spans.map(\.context.traceID)).count == 1)
            for workflow in workflows {
                let own = tasks.filter { $0.parentID == workflow.context.spanID }
                let id = workflow.attributes["asyncflow.workflow_id"]
                #expect(own.count == 4 && own.allSatisfy { $0.attributes["asyncflow.workflow_id"] == id })
            }
            let custom = events["pipeline.ModelEvaluated"] ?? []
            #expect(custom.count == 6 && custom.allSatisfy { $0.attributes["asyncflow.workflow_id"] != nil })
        }
        let metrics = run.text("pipeline.prom")
        #expect(sum("tasks_completed_total", metrics) == 24 && sum("tasks_running", metrics) == 0)
        #expect(sum("task_duration_seconds_count", metrics) == 24)
    }

    @Test func `a collector gets the spans, the metrics and the events`() throws {
        let root = Self.package.deletingLastPathComponent().deletingLastPathComponent()
        let receiver = Process(), lines = Pipe()
        receiver.executableURL = root.appendingPathComponent(".build/venv/bin/python")
        receiver.arguments = [root.appendingPathComponent("Tests/Helpers/otlp_receiver.py").path, "0", "0"]
        receiver.standardOutput = lines
        try receiver.run()
        defer { kill(receiver.processIdentifier, SIGKILL) }
        var first = ""
        while !first.contains("\n") {
            let part = lines.fileHandleForReading.availableData
            try #require(!part.isEmpty, "the receiver ended; `make test` installs what it needs")
            first += String(decoding: part, as: UTF8.self)
        }
        let ports = try JSONSerialization.jsonObject(with: Data(first.utf8)) as? [String: Int]
        let run = try Run(
            epochs: 200,
            environment: ["PIPELINE_OTLP": "true", "PIPELINE_COLLECTOR": "http://127.0.0.1:\(ports?["http"] ?? 0)"])
        _ = run.finish()
        #expect(run.process.terminationStatus == 0)
        kill(receiver.processIdentifier, SIGKILL)
        var counts: [String: Int] = [:]
        for line in lines.fileHandleForReading.readDataToEndOfFile().split(separator: UInt8(ascii: "\n")) {
            let request = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
            let signal = request?["signal"] as? String ?? ""
            for name in request?["names"] as? [String] ?? [] { counts["\(signal) \(name)", default: 0] += 1 }
        }
        #expect(counts["traces task"] == 24 && counts["traces workflow"] == 6 && counts["traces session"] == 1)
        #expect(counts["logs TaskCompleted"] == 24 && counts["logs pipeline.ModelEvaluated"] == 6)
        #expect(counts["metrics tasks_completed"] ?? 0 > 0 && counts["metrics node_cpu_utilization"] ?? 0 > 0)
    }

    @Test func `SIGTERM on the way loses nothing: every task that was created has its end`() throws {
        let run = try Run(epochs: 5_000_000)
        try #require(run.reaches("\"TaskStarted\"", times: 8))
        run.process.terminate()
        run.process.waitUntilExit()
        #expect(run.process.terminationReason == .uncaughtSignal)
        for name in ["telemetry.jsonl", "session.telemetry.jsonl"] {
            let contents = try run.contents(name), events = events(contents)
            let ends = ["TaskCompleted", "TaskFailed", "TaskCanceled"].flatMap { events[$0] ?? [] }
            #expect(contents.problems == [] && events["SessionEnded"]?.count == 1)
            #expect(Set(ends.compactMap(\.taskID)) == Set((events["TaskCreated"] ?? []).compactMap(\.taskID)))
            #expect(ends.count == 24 && contents.records.spans.contains { $0.name == "session" })
        }
    }

    @Test func `SIGKILL loses at most what is younger than a second, and leaves no broken line but the last`() throws {
        // A machine that is busy for that long just then is no proof: one of several runs is.
        var longest: [Double] = []
        for _ in 0..<5 {
            let run = try Run(epochs: 5_000_000, trace: true)
            try #require(run.reaches("\"TaskStarted\"", times: 8) && run.reaches("\"ResourceUpdate\"", times: 20))
            kill(run.process.processIdentifier, SIGKILL)
            let killed = Date().timeIntervalSince1970, printed = run.finish()
            let contents = try run.contents("session.telemetry.jsonl")
            #expect(contents.problems.allSatisfy { $0.kind == .torn })
            #expect(events(contents)["TaskCreated"]?.count == 24)
            let kept = Set(events(contents).values.joined().map { "\($0.id)" })
            var oldest = killed
            for line in printed.split(separator: "\n") {
                let words = line.split(separator: " ")
                guard words.count == 2, let time = Double(words[1]), !kept.contains(String(words[0])) else { continue }
                oldest = min(oldest, time)
            }
            #expect(printed.split(separator: "\n").count > 40)
            longest.append(killed - oldest)
            if killed - oldest <= 1 { return }
        }
        Issue.record("events that were \(longest) seconds old were lost")
    }
}
