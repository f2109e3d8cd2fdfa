import OneLogger
import OneLoggerTestSupport
import OneLoggerTesting
import Testing
import WorkflowTelemetry

/// Steps that come twice, late, in any order or not at all.
@Suite struct TaskOrderTests {
    private func types(_ session: WorkflowSession, _ task: String) -> [String] {
        session.events(taskID: task).map(\.type)
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

    @Test func `a step that comes 65,000 tasks after the end still begins no new task`() throws {
        let session = try WorkflowSession.start(on: Recorder(RecorderOptions(), exporters: []))
        for number in 0..<65_000 { session.taskCompleted("t\(number)") }
        for number in 0..<100 {
            session.taskStarted("t\(number)")
            session.taskFailed("t\(number)")
        }
        #expect(session.taskCount.running == 0 && session.taskCount.failed == 0)
        #expect(session.taskCount.completed == 65_000 && session.taskCount.started == 100)
    }

    @Test func `no ended task is forgotten while there is memory, however alike their ids are`() throws {
        let fixture = try Fixture(), session = fixture.session
        // given: tasks whose spans' ids begin alike, of which there are enough among some thousands
        let ids = (0..<40_000).map { "t\($0)" }
        let alike = Dictionary(grouping: ids) { session.spanContext(ofTask: $0).spanID.value &>> 54 }
        let tasks = try #require(alike.values.max { $0.count < $1.count })
        try #require(tasks.count > 32)
        // when
        for task in tasks { session.taskCompleted(task) }
        for task in tasks { session.taskFailed(task) }
        // then
        #expect(session.taskCount.completed == tasks.count && session.taskCount.failed == 0)
    }

    @Test func `a backend that is told while a task runs leaves no series of running tasks above or below zero`() throws
    {
        let fixture = try Fixture(), session = fixture.session
        session.taskStarted("late")
        session.taskSubmitted("late", backend: "pool")
        session.taskCreated("late", executable: "f", type: "executable")
        func running() -> [MetricPoint.Value] {
            session.metrics().filter { $0.name == "tasks_running" && $0.value != .upDownSum(0) }.map(\.value)
        }
        #expect(running() == [.upDownSum(1)])
        session.taskCompleted("late")
        session.taskStarted("late")
        #expect(running() == [] && session.taskCount.running == 0)
    }

    @Test func `many open tasks end in any order, each once`() throws {
        let fixture = try Fixture(), session = fixture.session
        var random = SystemRandomNumberGenerator()
        for _ in 0..<3 {
            let ids = (0..<3_000).map { "t\($0).\(UInt32.random(in: 0...UInt32.max, using: &random))" }
            for id in ids { session.taskStarted(id) }
            #expect(session.taskCount.running == 3_000)
            for id in ids.shuffled(using: &random) { session.taskCompleted(id) }
            #expect(session.taskCount.running == 0)
        }
        #expect(session.taskCount.completed == 9_000 && session.tasks().allSatisfy { $0.status == .completed })
    }
}
