import OneLogger
import OneLoggerTesting
import Testing
import WorkflowTelemetry

@Suite struct ScopeTests {
    private func stamp(_ session: WorkflowSession, _ task: String) -> (String?, String?) {
        func text(_ key: String) -> String? {
            if case .string(let text)? = session.events(taskID: task).first?.attributes[key] { text } else { nil }
        }
        return (text("asyncflow.workflow_id"), text("asyncflow.block_id"))
    }

    private func span(_ session: WorkflowSession, _ name: String) throws -> SpanRecord {
        try #require(session.spans(name: name).first)
    }

    @Test func `a workflow stamps tasks and events, across task groups, and its span holds them`() async throws {
        let fixture = try Fixture(), session = fixture.session, recorder = fixture.clock.recorder
        let id = await session.workflowScope("etl-run-42") { id in
            await withTaskGroup(of: Void.self) { group in
                for i in 0..<3 {
                    group.addTask {
                        session.runTask("t\(i)") { recorder.emit(QualityChecked(score: Double(i))) }
                    }
                }
            }
            return id
        }
        #expect(id == "etl-run-42")
        session.taskCreated("outside")
        let workflow = try span(session, "workflow")
        #expect(workflow.attributes["asyncflow.workflow_id"] == "etl-run-42")
        #expect(workflow.attributes["session_id"] == "s" && workflow.parentID == session.context.spanID)
        for i in 0..<3 {
            let task = try #require(session.spans(taskID: "t\(i)").first)
            #expect(task.parentID == workflow.context.spanID)
            #expect(task.attributes["asyncflow.workflow_id"] == "etl-run-42")
            let event = try #require(
                session.events(type: "myapp.QualityChecked").first { $0[field: "score"] == .double(Double(i)) })
            #expect(event.context == task.context && event.attributes["asyncflow.workflow_id"] == "etl-run-42")
        }
        #expect(stamp(session, "outside").0 == nil)
    }

    @Test func `scopes that block stamp and hold as well, also tasks that are made inside`() async throws {
        let fixture = try Fixture(), session = fixture.session
        let task = session.workflowScope("w") { id in
            #expect(session.currentWorkflowID == "w")
            session.taskCreated("direct")
            return Task { session.taskCreated("made") }
        }
        await task.value
        for id in ["direct", "made"] { session.taskCompleted(id) }
        let workflow = try span(session, "workflow")
        for id in ["direct", "made"] {
            #expect(session.spans(taskID: id)[0].parentID == workflow.context.spanID)
            #expect(stamp(session, id).0 == "w")
        }
        #expect(session.currentWorkflowID == nil)
    }

    @Test func `an id made up is wf and eight digits; the inner of two workflows wins`() async throws {
        let fixture = try Fixture(), session = fixture.session
        let outer = session.workflowScope { outer in
            session.taskCreated("o")
            let inner = session.workflowScope { inner in
                session.taskCreated("i")
                return inner
            }
            session.taskCreated("o2")
            #expect(inner != outer)
            #expect(stamp(session, "i").0 == inner)
            return outer
        }
        #expect(outer.hasPrefix("wf-") && outer.utf8.count == 11)
        #expect(stamp(session, "o").0 == outer && stamp(session, "o2").0 == outer)
        let spans = session.spans(name: "workflow")
        #expect(spans[0].parentID == spans[1].context.spanID)
    }

    @Test func `a block inside a workflow keeps its id and adds its own; outside, its own is the workflow's`()
        async throws
    {
        let fixture = try Fixture(), session = fixture.session
        await session.workflowScope("w") { _ in
            await session.block("b") { _ in
                await Task.yield()
                session.taskCreated("in")
            }
        }
        session.block("alone") { _ in session.taskCreated("out") }
        #expect(stamp(session, "in") == ("w", "b") && stamp(session, "out") == ("alone", nil))
        let workflow = try span(session, "workflow"), blocks = session.spans(name: "block")
        #expect(blocks[0].parentID == workflow.context.spanID && blocks[1].parentID == session.context.spanID)
        #expect(blocks[0].attributes["asyncflow.block_id"] == "b")
    }

    @Test func `an id given with the task wins over the scope`() throws {
        let fixture = try Fixture(), session = fixture.session
        session.workflowScope("w") { _ in
            session.taskCreated("t", workflowID: "x")
            session.taskStarted("t")
        }
        session.taskCompleted("t")
        #expect(session.events(taskID: "t").allSatisfy { $0.attributes["asyncflow.workflow_id"] == "x" })
        #expect(session.tasks()[0].workflowID == "x")
    }

    @Test func `a task keeps its workflow when its end is told elsewhere`() throws {
        let fixture = try Fixture(), session = fixture.session
        session.taskCreated("plain")
        session.workflowScope("w") { _ in session.taskCreated("t") }
        session.workflowScope("other") { _ in
            session.taskCompleted("t")
            session.taskCompleted("plain")
        }
        #expect(session.events(taskID: "t").last?.attributes["asyncflow.workflow_id"] == "w")
        #expect(session.events(taskID: "plain").last?.attributes["asyncflow.workflow_id"] == nil)
    }

    @Test func `errors set the status of scopes and pass through`() async throws {
        let fixture = try Fixture(), session = fixture.session
        #expect(throws: Boom.self) { try session.workflowScope("w") { (_) throws(Boom) in throw Boom() } }
        await #expect(throws: Boom.self) { try await session.block("b") { (_) async throws(Boom) in throw Boom() } }
        guard case .error = try span(session, "workflow").status, case .error = try span(session, "block").status else {
            Issue.record("the status must be an error")
            return
        }
    }

    @Test func `annotations land on the innermost span: a task's, a scope's, the session's`() async throws {
        let fixture = try Fixture(), session = fixture.session
        session.annotateCurrentSpan(QualityChecked(score: 1))
        await session.workflowScope("w") { _ in
            session.annotateCurrentSpan(QualityChecked(score: 2))
            await session.runTask("t") {
                await Task.yield()
                session.annotateCurrentSpan(QualityChecked(score: 3))
            }
        }
        let task = session.spans(taskID: "t")[0], workflow = try span(session, "workflow")
        #expect(task.events.map(\.attributes) == [["score": 3.0]])
        #expect(workflow.events.map(\.attributes) == [["score": 2.0]])
        #expect(task.events[0].name == "myapp.QualityChecked")
        await session.stop()
    }

    @Test func `spans inside a task hang under it, and those outside under the session`() async throws {
        let fixture = try Fixture(), session = fixture.session, recorder = fixture.clock.recorder
        await session.runTask("t") { await recorder.timedSpan("inner") { _ in await Task.yield() } }
        session.runTask("u") { recorder.timedSpan("inner.sync") { _ in } }
        recorder.timedSpan("outer") { _ in }
        #expect(try span(session, "inner").parentID == session.spanContext(ofTask: "t").spanID)
        #expect(try span(session, "inner.sync").parentID == session.spanContext(ofTask: "u").spanID)
        #expect(try span(session, "outer").parentID == session.context.spanID)
    }

    @Test func `two sessions do not see each other's scopes`() throws {
        let one = try Fixture("one"), two = try Fixture("two")
        one.session.workflowScope("w") { _ in two.session.taskCreated("t") }
        #expect(stamp(two.session, "t").0 == nil)
    }

    @Test func `a scope of a session that is over runs its body and records nothing`() async throws {
        let fixture = try Fixture(), session = fixture.session
        await session.stop()
        #expect(session.workflowScope("w") { $0 } == "w")
        #expect(session.block("b") { $0 } == "b")
        #expect(session.spans(name: "workflow").isEmpty)
    }
}
