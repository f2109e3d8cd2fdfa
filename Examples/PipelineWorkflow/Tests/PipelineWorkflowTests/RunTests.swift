import Foundation
import OneLogger
import OneLoggerJSONL
import OneLoggerTesting
import Testing

/// The program itself: six pipelines with threads and worker processes, to their end, and killed on the way.
@Suite(.serialized) struct RunTests {
    private final class Run {
        let folder: URL
        let process = Process()
        let output = Pipe()

        init(epochs: Int) throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("pipeline-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let here = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            var program = here.appendingPathComponent("PipelineWorkflow")
            if !FileManager.default.fileExists(atPath: program.path) {
                program = package.appendingPathComponent(".build/debug/PipelineWorkflow")
            }
            process.executableURL = program
            process.arguments = [package.appendingPathComponent("pipeline.yaml").path, "\(epochs)"]
            process.currentDirectoryURL = folder
            process.standardOutput = output
            try process.run()
        }

        deinit { try? FileManager.default.removeItem(at: folder) }

        func contents(_ name: String) throws -> JSONLContents {
            try JSONLReader.contents(ofFile: folder.appendingPathComponent(name).path)
        }

        func text(_ name: String) -> String {
            (try? String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)) ?? ""
        }

        /// False when it did not come to that within a minute.
        func reaches(_ text: String, times: Int = 1) -> Bool {
            for _ in 0..<6_000 {
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

    @Test func `six pipelines of four tasks leave both recordings whole`() throws {
        let run = try Run(epochs: 200)
        let text = String(decoding: run.output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        run.process.waitUntilExit()
        #expect(run.process.terminationStatus == 0)
        #expect(text.contains("24 tasks completed, 0 failed, 0 took too long\n6 data sets checked, 6 models evaluated"))
        for name in ["telemetry.jsonl", "session.telemetry.jsonl"] {
            let contents = try run.contents(name), events = events(contents)
            #expect(contents.problems == [])
            for type in ["TaskCreated", "asyncflow.TaskResolved", "TaskSubmitted", "TaskQueued", "TaskStarted", "TaskCompleted"] {
                #expect(events[type]?.count == 24, "\(type) in \(name)")
            }
            let spans = contents.records.spans
            #expect(spans.filter { $0.name == "task" }.count == 24 && spans.filter { $0.name == "workflow" }.count == 6)
            #expect(Set(spans.map(\.context.traceID)).count == 1)
        }
    }

    @Test func `SIGTERM on the way loses nothing: every task that was created has its end`() throws {
        let run = try Run(epochs: 5_000_000)
        #expect(run.reaches("\"TaskStarted\"", times: 8))
        run.process.terminate()
        run.process.waitUntilExit()
        #expect(run.process.terminationReason == .uncaughtSignal)
        let contents = try run.contents("session.telemetry.jsonl"), events = events(contents)
        let ends = ["TaskCompleted", "TaskFailed", "TaskCanceled"].flatMap { events[$0] ?? [] }
        #expect(contents.problems == [] && events["SessionEnded"]?.count == 1)
        #expect(Set(ends.compactMap(\.taskID)) == Set((events["TaskCreated"] ?? []).compactMap(\.taskID)))
        #expect(ends.count == 24 && contents.records.spans.contains { $0.name == "session" })
    }

    @Test func `SIGKILL leaves every line whole that was there`() throws {
        let run = try Run(epochs: 5_000_000)
        #expect(run.reaches("\"TaskStarted\"", times: 8))
        kill(run.process.processIdentifier, SIGKILL)
        run.process.waitUntilExit()
        let contents = try run.contents("session.telemetry.jsonl")
        #expect(contents.problems.allSatisfy { $0.kind == .torn })
        #expect(events(contents)["TaskCreated"]?.count == 24)
    }
}
