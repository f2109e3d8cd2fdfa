import Foundation
import OneLogger
import OneLoggerTesting
import Testing
import WorkflowTelemetry

@Suite struct LifecycleTests {
    private func types(_ session: WorkflowSession, _ task: String) -> [String] {
        session.events(taskID: task).map(\.type)
    }

    @Test func `a whole life gives every event once, one span of the run, and four separate waits`() throws {
        let fixture = try Fixture(), session = fixture.session
        session.taskCreated("t", executable: "train", type: "function", backend: "pool", dependsOn: ["a", "b"])
        fixture.at(1)
        session.taskResolved("t")
        fixture.at(3)
        session.taskSubmitted("t")
        session.taskQueued("t")
        fixture.at(6)
        session.taskStarted("t")
        fixture.at(10)
        session.taskCompleted("t")

        let events = session.events(taskID: "t")
        #expect(
            events.map(\.type) == [
                "TaskCreated", "asyncflow.TaskResolved", "TaskSubmitted", "TaskQueued", "TaskStarted", "TaskCompleted",
            ])
        #expect(Set(events.map(\.context)).count == 1 && Set(events.map(\.id)).count == 6)
        #expect(events.allSatisfy { $0.backend == "pool" && $0.sessionID == "s" && $0.time == $0.emitTime })
        #expect(events[0].attributes.map(\.key) == ["executable", "task_type", "depends_on"])
        #expect(events[1].attributes == ["executable": "train", "task_type": "function"])
        #expect(events[5][field: "duration_seconds"] == 4.0)

        let span = try #require(session.spans(taskID: "t").first)
        #expect(span.name == "task" && span.context == events[0].context && span.status == .ok)
        #expect(span.context == session.spanContext(ofTask: "t"))
        #expect(span.parentID == session.context.spanID && span.context.traceID == session.context.traceID)
        #expect(span.start.nanoseconds == 1_006 * second && span.end.nanoseconds == 1_010 * second)
        #expect(span.attributes["status"] == "completed" && span.attributes["incomplete_lifecycle"] == nil)
        let info = session.tasks()[0]
        #expect(info.dependencyWait == 1 && info.dispatch == 2 && info.queueWait == 3 && info.execution == 4)
        let counts = session.taskCount
        #expect(counts.submitted == 1 && counts.completed == 1 && counts.failed == 0 && counts.running == 0)
    }

    @Test func `a task that was never seen to start is incomplete, and runs no time`() throws {
        let fixture = try Fixture(), session = fixture.session
        session.taskCreated("a")
        fixture.at(2)
        session.taskCompleted("a")
        session.taskFailed("b", errorType: "ValueError")
        for id in ["a", "b"] {
            let last = try #require(session.events(taskID: id).last)
            #expect(last.attributes["incomplete_lifecycle"] == true && last[field: "duration_seconds"] == 0.0)
            #expect(session.spans(taskID: id)[0].attributes["incomplete_lifecycle"] == true)
            #expect(session.spans(taskID: id)[0].duration == .zero)
        }
        #expect(session.summary().durations == nil && session.taskCount.running == 0)
        #expect(session.events(taskID: "b").last?.attributes["error_type"] == "ValueError")
    }

    @Test func `how a task ends shows in its event, its span and the counts`() throws {
        let fixture = try Fixture(), session = fixture.session
        for id in ["ok", "bad", "gone"] { session.taskStarted(id) }
        #expect(session.taskCount.running == 3)
        fixture.at(1)
        session.taskCompleted("ok")
        session.taskFailed("bad", errorType: "ValueError")
        session.taskCanceled("gone")
        #expect(session.spans(taskID: "ok")[0].status == .ok)
        #expect(session.spans(taskID: "bad")[0].status == .error("ValueError"))
        #expect(session.spans(taskID: "bad")[0].attributes["error_type"] == "ValueError")
        #expect(session.spans(taskID: "gone")[0].status == .cancelled)
        let counts = session.taskCount
        #expect(counts.completed == 1 && counts.failed == 1 && counts.canceled == 1 && counts.running == 0)
        let durations = try #require(session.summary().durations)
        #expect(durations.total == 3 && durations.mean == 1 && durations.min == 1 && durations.max == 1)
    }

    @Test func `what comes twice counts once, and a second end is forgotten`() throws {
        let fixture = try Fixture(), session = fixture.session
        for _ in 0..<3 { session.taskSubmitted("t") }
        for _ in 0..<2 { session.taskStarted("t") }
        session.taskCompleted("t")
        session.taskFailed("t")
        session.taskCompleted("t")
        #expect(types(session, "t") == ["TaskSubmitted", "TaskStarted", "TaskCompleted"])
        #expect(session.spans(taskID: "t").count == 1)
        let counts = session.taskCount
        #expect(counts.submitted == 1 && counts.completed == 1 && counts.failed == 0 && counts.running == 0)
    }

    @Test func `a step that comes after the end is recorded once and starts nothing`() throws {
        let fixture = try Fixture(), session = fixture.session
        session.taskCompleted("t")
        session.taskStarted("t")
        session.taskStarted("t")
        #expect(types(session, "t") == ["TaskCompleted", "TaskStarted"])
        #expect(session.taskCount.running == 0 && session.taskCount.started == 1)
        #expect(session.tasks().count == 1)
    }

    @Test func `given times count, also when they come in any order`() throws {
        let fixture = try Fixture(), session = fixture.session
        func time(_ seconds: UInt64) -> Timestamp { Timestamp(nanoseconds: seconds * second) }
        session.taskStarted("t", at: time(990))
        session.taskSubmitted("t", at: time(980))
        session.taskCompleted("t", at: time(995))
        let span = session.spans(taskID: "t")[0], events = session.events(taskID: "t")
        #expect(span.start == time(990) && span.end == time(995))
        #expect(session.tasks()[0].queueWait == 10 && session.tasks()[0].execution == 5)
        #expect(events[0].time == time(990) && events[0].emitTime == time(1_000))
        session.taskStarted("back", at: time(995))
        session.taskCompleted("back", at: time(990))
        #expect(session.tasks()[1].execution == 0 && session.spans(taskID: "back")[0].duration == .zero)
    }

    @Test func `a stop gives every open task an end, then ends the session, once`() async throws {
        let fixture = try Fixture(), session = fixture.session
        session.taskCreated("waiting")
        session.taskStarted("running")
        fixture.at(5)
        await session.stopPatiently()
        await session.stopPatiently()
        #expect(types(session, "waiting") == ["TaskCreated", "TaskCanceled"])
        let last = try #require(session.events(taskID: "running").last)
        #expect(last.attributes["incomplete_lifecycle"] == true && last.attributes["reason"] == "session_ended")
        #expect(last[field: "duration_seconds"] == 5.0)
        let ends = session.events(type: "SessionEnded")
        #expect(ends.count == 1 && ends[0][field: "duration_seconds"] == 5.0 && ends[0].context == session.context)
        #expect(session.spans(name: "session").count == 1 && session.spans(name: "task").count == 2)
        #expect(session.taskCount.running == 0 && session.taskCount.canceled == 2)
        #expect(session.duration == 5 && !session.isOpen)
        session.taskCreated("late")
        #expect(session.tasks().count == 2)
    }

    @Test func `events begin with SessionStarted and have ids, the session's where nothing else claims them`()
        async throws
    {
        let fixture = try Fixture(), session = fixture.session
        fixture.clock.recorder.emit(QualityChecked(score: 1))
        session.taskStarted("t")
        fixture.clock.recorder.emit(QualityChecked(score: 2), taskID: "t")
        session.taskCompleted("t")
        fixture.clock.recorder.emit(QualityChecked(score: 3), taskID: "t")
        await session.stopPatiently()
        let events = session.events()
        #expect(events.first?.type == "SessionStarted" && events.last?.type == "SessionEnded")
        #expect(events.allSatisfy { $0.context.isValid && $0.context.traceID == session.context.traceID })
        let custom = events.filter { $0.type == "myapp.QualityChecked" }
        let task = session.spanContext(ofTask: "t")
        #expect(custom.map(\.context) == [session.context, task, task])
    }

    @Test func `lifecycle events given to the recorder are decided by the session`() throws {
        let fixture = try Fixture(), session = fixture.session, recorder = fixture.clock.recorder
        recorder.emit(
            TaskCreated(), backend: "dask", taskID: "t",
            attributes: ["executable": "f", "task_type": "function", "depends_on": .strings(["x"])])
        recorder.emit(TaskStarted(), taskID: "t")
        fixture.at(2)
        recorder.emit(TaskFailed(errorType: "KeyError"), taskID: "t")
        recorder.emit(TaskCompleted(), taskID: "t")
        #expect(types(session, "t") == ["TaskCreated", "TaskStarted", "TaskFailed"])
        #expect(session.tasks()[0].errorType == "KeyError" && session.tasks()[0].backend == "dask")
        #expect(session.events(taskID: "t")[0].attributes["depends_on"] == .strings(["x"]))
        #expect(session.events(taskID: "t")[2][field: "duration_seconds"] == 2.0)
    }

    @Test func `permutations of 10,000 lives with drops and duplicates never count below zero, nor end a task twice`()
        async throws
    {
        let fixture = try Fixture(), session = fixture.session
        var random = SystemRandomNumberGenerator(), steps: [(TaskTransition, String)] = []
        for task in 0..<10_000 {
            for step in TaskTransition.allCases {
                if Int.random(in: 0..<10, using: &random) == 0 { continue }
                steps.append((step, "t\(task)"))
                if Int.random(in: 0..<10, using: &random) == 0 { steps.append((step, "t\(task)")) }
            }
        }
        steps.shuffle(using: &random)
        var ends: [String: Int] = [:], lowest = 0
        let store = Locked<[EventRecord]>([])
        session.subscribe(capacity: 1_000_000) { (event: EventRecord) throws in store.withLock { $0.append(event) } }
        for (step, id) in steps {
            switch step {
            case .created: session.taskCreated(id)
            case .resolved: session.taskResolved(id)
            case .submitted: session.taskSubmitted(id)
            case .queued: session.taskQueued(id)
            case .started: session.taskStarted(id)
            case .completed: session.taskCompleted(id)
            case .failed: session.taskFailed(id)
            case .canceled: session.taskCanceled(id)
            }
            lowest = min(lowest, session.taskCount.running)
        }
        await session.stopPatiently()
        for event in store.withLock({ $0 }) where ["TaskCompleted", "TaskFailed", "TaskCanceled"].contains(event.type) {
            ends[event.taskID ?? "", default: 0] += 1
        }
        let tasks = Set(steps.map(\.1))
        #expect(lowest == 0 && session.taskCount.running == 0)
        #expect(ends.count == tasks.count && ends.values.allSatisfy { $0 == 1 })
        let counts = session.taskCount
        #expect(counts.completed + counts.failed + counts.canceled == tasks.count)
    }

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

    @Test func `a second session on a recorder is an error, a next one is not`() async throws {
        let fixture = try Fixture()
        let error = #expect(throws: TelemetryError.self) {
            try WorkflowSession.start(on: fixture.clock.recorder)
        }
        #expect("\(error as Any)".contains("a session is open on this recorder"))
        await fixture.session.stop()
        let next = try WorkflowSession.start(on: fixture.clock.recorder)
        #expect(next.id.hasPrefix("session.") && next.context.traceID != fixture.session.context.traceID)
        await next.stop()
        #expect(fixture.session.context.isValid)
    }

    @Test func `leaving withSession stops it, also by an error`() async throws {
        let clock = ManualClock(), keep = Locked<WorkflowSession?>(nil)
        await #expect(throws: Boom.self) {
            try await WorkflowSession.withSession(on: clock.recorder) { session in
                keep.withLock { $0 = session }
                throw Boom()
            }
        }
        #expect(keep.withLock { $0?.isOpen } == false)
    }

    @Test func `tasks that begin while the session stops have an end too, or never were`() async throws {
        let fixture = try Fixture(), session = fixture.session, begun = Locked(0), isDone = Locked(false)
        let isStarted = startThread(isMuted: false) {
            var number = 0
            while session.isOpen || number == 0 {
                session.taskStarted("t\(number)")
                number += 1
                begun.withLock { $0 = number }
            }
            isDone.withLock { $0 = true }
        }
        #expect(isStarted && eventually { begun.withLock { $0 } > 100 })
        await session.stopPatiently()
        #expect(eventually { isDone.withLock { $0 } })
        let counts = session.taskCount
        #expect(counts.running == 0 && counts.canceled == counts.started && counts.started > 100)
    }

    @Test func `the end of the recorder ends the session`() throws {
        let store = InMemoryExporter.Store()
        let recorder = Recorder(RecorderOptions(), exporters: [ExporterSlot(InMemoryExporter(store))])
        let session = try WorkflowSession.start(on: recorder)
        session.taskStarted("t")
        try recorder.shutdown()
        let types = store.records.compactMap { if case .typedEvent(let event) = $0 { event.type } else { nil } }
        #expect(types == ["SessionStarted", "TaskStarted", "TaskCanceled", "SessionEnded"])
        #expect(store.spans.map(\.name) == ["task", "session"] && !session.isOpen)
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
}
