import OneLogger
import OneLoggerTestSupport
import OneLoggerTesting
import Testing
import WorkflowTelemetry

/// Single tasks: what their steps mean, in whatever order they are told.
@Suite struct TaskLifeTests {
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
}
