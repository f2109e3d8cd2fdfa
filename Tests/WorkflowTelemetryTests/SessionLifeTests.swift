import OneLogger
import OneLoggerTestSupport
import OneLoggerTesting
import Testing
import WorkflowTelemetry

/// Begin and end of a session.
@Suite struct SessionLifeTests {
    private func types(_ session: WorkflowSession, _ task: String) -> [String] {
        session.events(taskID: task).map(\.type)
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
        try recorder.shutdown(timeout: .patience)
        let types = store.records.compactMap { if case .typedEvent(let event) = $0 { event.type } else { nil } }
        #expect(types == ["SessionStarted", "TaskStarted", "TaskCanceled", "SessionEnded"])
        #expect(store.spans.map(\.name) == ["task", "session"] && !session.isOpen)
    }
}
