import Foundation
import OneLogger
import OneLoggerBootstrap
import OneLoggerJSONL
import OneLoggerTestSupport
import OneLoggerTesting
import Testing
import WorkflowTelemetry

@Suite struct SessionStartTests {
    private let folder = TemporaryFolder()

    private struct Refused: Error {}

    private func events(_ name: String) throws -> [EventRecord] {
        try folder.contents(name).records.compactMap { if case .typedEvent(let event) = $0 { event } else { nil } }
    }

    @Test func `a session without configuration records in memory and looks at the machine`() async throws {
        let session = try await WorkflowSession.start()
        await session.runTask("t", executable: "f") { await Task.yield() }
        #expect(throws: Refused.self) { try session.runTask("u") { () throws(Refused) in throw Refused() } }
        #expect(eventually { !session.events(type: "ResourceUpdate").isEmpty })
        await session.stop(timeout: .seconds(300))
        #expect(session.taskCount.completed == 1 && session.taskCount.failed == 1)
        #expect(session.spans(name: "task").count == 2 && session.tasks()[1].errorType == "Refused")
        #expect(session.context.traceparent?.hasPrefix("00-") == true && session.id.hasPrefix("session."))
        #expect(session.summary().resources.values.contains { $0.node?.cpuPercent != nil })
        #expect(session.events().last?.type == "SessionEnded")
    }

    @Test func `nil polls nothing`() async throws {
        let session = try await WorkflowSession.start(resourcePollInterval: nil)
        await session.stop(timeout: .seconds(300))
        #expect(session.events().map(\.type) == ["SessionStarted", "SessionEnded"])
    }

    @Test func `a checkpoint path gives a file named after the session, with lines while it runs`() async throws {
        let session = try await WorkflowSession.start(
            id: "a/b é..", resourcePollInterval: 0.1, checkpointPath: folder.path, checkpointInterval: 0.2)
        session.taskStarted("t")
        #expect(eventually { !folder.names.isEmpty })
        let name = try #require(folder.names.first)
        #expect(name.hasPrefix("a_b__...") && name.hasSuffix(".telemetry.jsonl") && folder.names.count == 1)
        let seconds = Int(name.dropFirst("a_b__...".count).prefix { $0.isNumber })
        #expect(abs((seconds ?? 0) - time(nil)) < 3_600)
        // Everything of these is there before the session ends.
        #expect(try eventually { try events(name).contains { $0.type == "TaskStarted" } })
        #expect(try eventually { try events(name).count { $0.type == "ResourceUpdate" } >= 3 })
        #expect(
            try eventually {
                try folder.contents(name).records.contains { if case .metric = $0 { true } else { false } }
            })
        await session.stop(timeout: .seconds(300))
        let contents = try folder.contents(name)
        let last = try events(name).last
        #expect(contents.problems == [] && last?.type == "SessionEnded")
        #expect(contents.records.spans.last?.name == "session")
    }

    @Test func `a file that is there is continued`() async throws {
        // Two sessions of one name within a second, or files that look like theirs.
        let start = time(nil)
        for second in start...start + 300 { folder.write("{\"mine\":1}\n", to: "s.\(second).telemetry.jsonl") }
        let session = try await WorkflowSession.start(
            id: "s", resourcePollInterval: nil, checkpointPath: folder.path)
        await session.stop(timeout: .seconds(300))
        let texts = try folder.names.map { try String(contentsOfFile: folder($0), encoding: .utf8) }
        #expect(texts.count == 301 && texts.allSatisfy { $0.hasPrefix("{\"mine\":1}\n") })
        #expect(texts.count { $0.contains("SessionEnded") } == 1)
    }

    @Test func `intervals that cannot be meant are refused, and leaving withSession stops it`() async throws {
        for interval in [0, 0.001, -1, .nan, 1e9] {
            let error = await #expect(throws: TelemetryError.self) {
                try await WorkflowSession.start(resourcePollInterval: interval)
            }
            #expect("\(error as Any)".contains("resourcePollInterval is \(interval). Give 0.01 to 86400 seconds."))
            await #expect(throws: TelemetryError.self) {
                try await WorkflowSession.start(checkpointPath: folder.path, checkpointInterval: interval)
            }
        }
        let session = try await WorkflowSession.withSession(resourcePollInterval: nil) { session in
            #expect(session.isOpen)
            return session
        }
        #expect(!session.isOpen && folder.names == [])
    }

    @Test func `a checkpoint path that cannot be a folder costs the file alone, and the exporter's health says why`()
        async throws
    {
        folder.write("mine", to: "file")
        for path in [folder("file"), folder("file/deeper"), "/proc/nothing/here", "\(folder.path)/\u{0}"] {
            let session = try await WorkflowSession.start(id: "s", resourcePollInterval: nil, checkpointPath: path)
            await session.runTask("t") { await Task.yield() }
            await session.stop(timeout: .seconds(300))
            #expect(session.taskCount.completed == 1 && session.spans(name: "task").count == 1)
            let health = try #require(session.recorder.health.exporters.first { $0.name == "checkpoint" })
            #expect(health.exported == 0 && health.lastError != nil, "\(path)")
        }
        #expect(try String(contentsOfFile: folder("file"), encoding: .utf8) == "mine")
    }

    @Test func `a checkpoint path may go up, and a session's name may not`() async throws {
        defer { for name in ["a", "b"] { try? FileManager.default.removeItem(atPath: folder(name)) } }
        let session = try await WorkflowSession.start(
            id: "../../up", resourcePollInterval: nil, checkpointPath: folder("a/../b"))
        await session.stop(timeout: .seconds(300))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder("b"))
        #expect(names.count == 1 && names[0].hasPrefix(".._.._up.") && folder.names.sorted() == ["a", "b"])
    }

    @Test func `two sessions of one name, one after another, lose nothing of each other`() async throws {
        for _ in 0..<2 {
            let session = try await WorkflowSession.start(
                id: "s", resourcePollInterval: nil, checkpointPath: folder.path)
            await session.stop(timeout: .seconds(300))
        }
        let ends = try folder.names.flatMap { try events($0) }.filter { $0.type == "SessionEnded" }
        #expect(ends.count == 2 && Set(ends.map(\.context)).count == 2)
    }

    @Test func `exporters are given what the session records`() async throws {
        let store = InMemoryExporter.Store()
        let session = try await WorkflowSession.start(
            resourcePollInterval: nil, exporters: [ExporterSlot(InMemoryExporter(store))])
        session.runTask("t") {}
        await session.stop(timeout: .seconds(300))
        #expect(store.spans.map(\.name) == ["task", "session"])
    }

    @Test func `an installed recorder is used, and its configuration decides about polling`() async throws {
        let file = folder.write(
            """
            exporters: [{type: jsonl, config: {path: FOLDER/out.jsonl, schema: tal}}]
            recorders: [{type: resources, config: {interval_s: 0.1, adapters: [host]}}]
            """, to: "a.yaml")
        let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardErrorContent]) {
            [file = file as String] in
            let recorder = try Recorder.bootstrap(config: file)
            let session = try await WorkflowSession.start(id: "s")
            guard session.recorder === recorder else { exit(1) }
            do {
                _ = try await WorkflowSession.start()
                exit(2)
            } catch {}
            guard eventually({ !session.events(type: "ResourceUpdate").isEmpty }) else { exit(4) }
            await session.stop(timeout: .seconds(300))
            guard recorder.isRecording else { exit(3) }
            try recorder.shutdown(timeout: .patience)
            exit(0)
        }
        let errors = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(!errors.contains("onelogger: "))
        #expect(try folder.contents("out.jsonl").records.spans.map(\.name) == ["session"])
    }
}
