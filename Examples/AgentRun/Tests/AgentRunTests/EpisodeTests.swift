import AgentWorld
import OneLogger
import OneLoggerTesting
import RLMTelemetry
import Testing

@Suite struct EpisodeTests {
    private let recorder = ManualClock(now: 1_785_585_600_000_000_000).recorder

    private func run(_ world: GridWorld, maxSteps: Int = 20, mistakeEvery: Int = 0) -> Episode.Result {
        Episode("r", in: world, maxSteps: maxSteps, mistakeEvery: mistakeEvery, recorder: recorder)
            .run(RLMRunSink(recorder))
    }

    @Test func `a run without walls goes straight, and leaves the documented tree`() {
        let result = run(GridWorld(size: 2))
        #expect(result.isSolved && result.steps == 2 && result.reward == 0.95)
        let records = recorder.takeRecords(), spans = records.spans
        #expect(
            SpanTree(spans).description == """
                rlm.run
                ├─ rlm.run
                │  ╰─ rlm.step
                ├─ rlm.step
                │  ╰─ evaluate
                ╰─ rlm.step
                   ╰─ evaluate
                """)
        #expect(spans.allSatisfy { $0.context.traceID == result.traceID })
        let last = spans.last
        #expect(last?.attributes["rlm.total_reward"] == 0.95 && last?.attributes["rlm.completed"] == true)
        let steps = spans.filter { $0.name == "rlm.step" && $0.attributes["rlm.action_type"] == "run_code" }
        #expect(steps.map(\.status) == [.ok, .ok] && steps.map { $0.events.count } == [2, 2])
        #expect(spans.filter { $0.events.map(\.name) == ["final_answer"] }.map(\.name) == ["rlm.run", "rlm.run"])
    }

    @Test func `a wall is a failed step, and the agent finds a way around`() {
        let result = run(GridWorld(size: 3, walls: [.init(0, 1), .init(1, 1)]))
        #expect(result.isSolved)
        let failed = recorder.takeSpans().filter { if case .error = $0.status { true } else { false } }
        #expect(!failed.isEmpty && failed.allSatisfy { $0.name == "rlm.step" })
        #expect(failed.allSatisfy { $0.attributes["rlm.reward"] == .double(-0.5) })
    }

    @Test func `a program without a value is a failed step, and the run goes on`() {
        let result = run(GridWorld(size: 3), mistakeEvery: 2)
        #expect(result.isSolved)
        let spans = recorder.takeSpans()
        #expect(spans.contains { $0.status == .error("the program has no value: divisionByZero") })
    }

    @Test func `a run that gives up has not completed`() {
        let result = run(GridWorld(size: 10), maxSteps: 3)
        #expect(!result.isSolved && result.steps == 3)
        let last = recorder.takeSpans().last
        #expect(last?.status == .error("Run did not complete") && last?.attributes["rlm.completed"] == false)
    }

    @Test func `a seed decides the walls, and there is always a way`() {
        for seed in 0..<20 {
            let world = GridWorld.random(size: 6, seed: UInt64(seed))
            #expect(world.walls == GridWorld.random(size: 6, seed: UInt64(seed)).walls)
            var walker = world
            for direction in [GridWorld.Direction.east, .south] { for _ in 0..<5 { _ = walker.move(direction) } }
            #expect(walker.isSolved)
        }
    }
}
