import Foundation
import OneLogger
import OneLoggerTestSupport
import OneLoggerTesting
import Testing
import WorkflowTelemetry

/// What a session gives to read in the process.
@Suite struct SessionReadingTests {
    @Test func `a type that is made at run time is recorded like a declared one`() throws {
        let fixture = try Fixture(), session = fixture.session
        let checked = try defineEvent("myapp.Checked", ["score": .double(), "label": .string("unknown")])
        session.taskStarted("t")
        fixture.clock.recorder.emit(try checked(["score": 1]), taskID: "t")
        #expect(throws: TelemetryError.self) { try checked(["score": "high"]) }
        #expect(throws: TelemetryError.self) { try defineEvent("Checked", [:]) }
        let event = try #require(session.events(type: "myapp.Checked").first)
        #expect(event.fields == [.init("score", 1.0), .init("label", "unknown")])
        #expect(event.context == session.spanContext(ofTask: "t"))
    }

    @Test func `what is kept is bounded, and no number depends on it`() async throws {
        let fixture = try Fixture(), session = fixture.session
        for i in 0..<12_000 {
            session.taskStarted("t\(i)")
            session.taskCompleted("t\(i)")
            if i % 500 == 0 { _ = session.spans(taskID: "t\(i)") }
        }
        #expect(session.spans().count + session.events().count <= 10_000 && session.forgotten > 20_000)
        #expect(session.taskCount.completed == 12_000 && session.tasks().count == 10_000)
        #expect(session.tasks().last?.id == "t11999" && session.tasks().first?.id == "t2000")
    }

    @Test func `memory does not grow with the tasks that have ended`() async throws {
        await #expect(processExitsWith: .exitCode(0)) {
            let session = try WorkflowSession.start(on: Recorder(RecorderOptions(), exporters: []))
            func run(_ tasks: Range<Int>) -> Int {
                for number in tasks {
                    session.taskCreated("task.\(number)", executable: "train", backend: "pool")
                    session.taskStarted("task.\(number)")
                    session.taskCompleted("task.\(number)")
                    if number % 1_000 == 0 { _ = session.spans(name: "nothing") }
                }
                let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
                let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
                return Int(line.filter(\.isNumber)) ?? 0
            }
            let before = run(0..<20_000), after = run(20_000..<60_000)
            guard before > 0, session.taskCount.completed == 60_000 else { exit(1) }
            // 40,000 tasks that are kept take more than 60 MB.
            exit(after - before < 30_000 ? 0 : 2)
        }
    }

    @Test func `a summary has the documented names, percentiles and the last of every node`() async throws {
        let fixture = try Fixture(), session = fixture.session, recorder = fixture.clock.recorder
        for i in 1...100 {
            fixture.at(0)
            session.taskStarted("t\(i)")
            fixture.at(Double(i))
            session.taskCompleted("t\(i)")
        }
        recorder.emit(ResourceUpdate(cpuPercent: 10, memoryPercent: 20), backend: "pool", nodeID: "n1")
        recorder.emit(ResourceUpdate(gpuPercent: 76, gpuID: 1), backend: "pool", nodeID: "n1")
        recorder.emit(ResourceUpdate(cpuPercent: 30), backend: "pool", nodeID: "n1")
        let summary = session.summary(), durations = try #require(summary.durations)
        #expect(abs(durations.p50 / 50 - 1) < 0.03 && abs(durations.p95 / 95 - 1) < 0.03)
        #expect(durations.total == 5_050 && durations.min == 1 && durations.max == 100)
        #expect(summary.resources["pool/n1"]?.node?.cpuPercent == 30)
        #expect(summary.resources["pool/n1"]?.gpus[1]?.gpuPercent == 76)
        let text = summary.json
        for key in [
            "session_id", "duration_seconds", "tasks", "submitted", "completed", "failed", "canceled", "running",
            "duration", "total_seconds", "mean_seconds", "min_seconds", "max_seconds", "p50", "p95", "p99", "resources",
            "pool/n1", "gpus",
        ] { #expect(text.contains("\"\(key)\":")) }
        let points = session.metrics()
        #expect(points.contains { $0.name == "node_gpu_utilization" && $0.value == .gauge(76) })
        #expect(points.contains { $0.name == "tasks_completed" && $0.value == .sum(100) })
        #expect(points.contains { $0.name == "tasks_running" && $0.value == .upDownSum(0) })
        #expect(points.allSatisfy { $0.attributes["task_id"] == nil })
    }

    @Test func `enrichers add to spans and replace nothing of the session's`() throws {
        let fixture = try Fixture(), session = fixture.session
        session.enrichSpans { task in ["team": "vision", "task_id": "hijacked", "of": .string(task.executable)] }
        session.taskCreated("t", executable: "f")
        session.taskCompleted("t")
        let attributes = session.spans(taskID: "t")[0].attributes
        #expect(attributes["team"] == "vision" && attributes["task_id"] == "t" && attributes["of"] == "f")
    }

    @Test func `a gauge of a machine that has vanished has no value any more`() throws {
        let fixture = try Fixture(), session = fixture.session, recorder = fixture.clock.recorder
        func nodes(_ name: String) -> Set<String> {
            Set(
                session.metrics().filter { $0.name == name }.map {
                    if case .string(let node)? = $0.attributes["node_id"] { node } else { "" }
                })
        }
        for turn in 0...30 {
            fixture.at(Double(turn))
            recorder.emit(ResourceUpdate(cpuPercent: 1, gpuPercent: turn < 2 ? 1 : nil), nodeID: "stays")
            if turn < 2 { recorder.emit(ResourceUpdate(cpuPercent: 1), nodeID: "goes") }
            if turn == 0 { recorder.emit(ResourceUpdate(cpuPercent: 1), nodeID: "once") }
            let isGone = turn > 1 + 3 + 10
            #expect(nodes("node_cpu_utilization") == (isGone ? ["stays", "once"] : ["stays", "goes", "once"]))
            #expect(nodes("node_gpu_utilization") == (isGone ? [] : ["stays"]))
        }
        recorder.emit(ResourceUpdate(cpuPercent: 1), nodeID: "goes")
        #expect(nodes("node_cpu_utilization").contains("goes"))
        fixture.at(3_700)
        #expect(nodes("node_cpu_utilization").isEmpty && session.summary().resources.count == 3)
    }
}
