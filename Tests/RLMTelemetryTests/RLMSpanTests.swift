import OneLogger
import OneLoggerTesting
import RLMTelemetry
import Testing

@Suite struct RLMSpanTests {
    @Test func `a run of two steps is three spans in one trace, the steps below the run`() {
        let bench = Bench()
        bench.run([RLMStep(1), RLMStep(2)])
        let spans = bench.recorder.takeSpans()
        #expect(SpanTree(spans).description == "rlm.run\n├─ rlm.step\n╰─ rlm.step")
        #expect(Set(spans.map(\.context.traceID)).count == 1 && spans.count == 3)
        #expect(spans.allSatisfy { $0.kind == .internal })
    }

    @Test func `the spans carry the documented attributes`() {
        let bench = Bench()
        bench.sink.runStarted(
            RLMRunStart(
                "r1", task: "add", environment: "dspy", maxSteps: 5, model: "m", parameters: ["branch_width": 2],
                depth: 1, extras: ["team": "blue"]))
        let usage = RLMUsage(calls: 2, promptTokens: 30, completionTokens: 4)
        bench.sink.stepFinished(
            "r1",
            RLMStep(
                1, action: "run_code", isSuccess: true, reward: 0.5, usage: usage, depth: 1,
                branch: RLMBranch(width: 3, selected: 2), startedAt: Timestamp(nanoseconds: noon),
                extras: ["role": "planner"]))
        bench.sink.runEnded("r1", RLMRunEnd(isCompleted: true, runPath: "runs/r1.jsonl", usage: usage))
        let (runs, steps) = bench.spans()
        #expect(
            runs.first?.attributes == [
                "rlm.run_id": "r1", "rlm.task": "add", "rlm.environment": "dspy", "rlm.max_steps": 5, "rlm.model": "m",
                "rlm.params.branch_width": 2, "rlm.depth": 1, "team": "blue", "rlm.completed": true,
                "rlm.total_steps": 1, "rlm.total_reward": 0.5, "rlm.run_path": "runs/r1.jsonl",
                "rlm.usage.total_calls": 2, "rlm.usage.prompt_tokens": 30, "rlm.usage.completion_tokens": 4,
            ])
        #expect(
            steps.first?.attributes == [
                "rlm.run_id": "r1", "rlm.step": 1, "rlm.action_type": "run_code", "rlm.reward": 0.5,
                "rlm.cumulative_reward": 0.5, "rlm.success": true, "rlm.depth": 1, "rlm.branch.width": 3,
                "rlm.branch.selected_index": 2, "rlm.usage.total_calls": 2, "rlm.usage.prompt_tokens": 30,
                "rlm.usage.completion_tokens": 4, "role": "planner",
            ])
    }

    @Test func `what is not given has the documented defaults, and parameters fill typed properties`() {
        let bench = Bench()
        bench.sink.runStarted(RLMRunStart("a", task: "", environment: ""))
        bench.sink.stepFinished("a", RLMStep())
        bench.sink.runEnded("a", RLMRunEnd(isCompleted: false))
        bench.sink.runStarted(
            RLMRunStart("b", task: "", environment: "", parameters: ["max_steps": 9, "model": "big", "depth": 2]))
        bench.sink.runEnded("b", RLMRunEnd(isCompleted: true, steps: 7, totalReward: -1))
        let (runs, steps) = bench.spans()
        #expect(runs[0].attributes["rlm.max_steps"] == 0 && runs[0].attributes["rlm.model"] == "unknown")
        #expect(runs[1].attributes["rlm.max_steps"] == 9 && runs[1].attributes["rlm.model"] == "big")
        #expect(runs[1].attributes["rlm.depth"] == 2 && runs[1].attributes["rlm.params.model"] == nil)
        #expect(runs[1].attributes["rlm.total_steps"] == 7 && runs[1].attributes["rlm.total_reward"] == .double(-1))
        #expect(
            steps[0].attributes == [
                "rlm.run_id": "a", "rlm.step": 0, "rlm.action_type": "unknown", "rlm.reward": 0.0,
                "rlm.cumulative_reward": 0.0, "rlm.success": false, "rlm.start_inferred": true,
            ])
    }

    @Test func `an extra never replaces a documented attribute`() {
        let bench = Bench()
        bench.sink.runStarted(RLMRunStart("a", task: "t", environment: "e", extras: ["rlm.run_id": "forged"]))
        bench.sink.stepFinished("a", RLMStep(1, extras: ["rlm.step": 99]))
        bench.sink.runEnded("a", RLMRunEnd(isCompleted: true, extras: ["rlm.completed": false]))
        let (runs, steps) = bench.spans()
        #expect(runs[0].attributes["rlm.run_id"] == "a" && runs[0].attributes["rlm.completed"] == true)
        #expect(steps[0].attributes["rlm.step"] == 1)
    }

    @Test func `a step lasts from its start to its end, or since the step before it, which it says`() {
        let bench = Bench()
        bench.sink.runStarted(RLMRunStart("a", task: "t", environment: "e"))
        bench.clock.set(noon + 150)
        bench.sink.stepFinished("a", RLMStep(1))
        bench.clock.set(noon + 350)
        bench.sink.stepFinished("a", RLMStep(2))
        bench.sink.stepFinished(
            "a",
            RLMStep(3, startedAt: Timestamp(nanoseconds: noon + 360), finishedAt: Timestamp(nanoseconds: noon + 460)))
        let steps = bench.spans().steps
        #expect(steps.map(\.duration) == [.nanoseconds(150), .nanoseconds(200), .nanoseconds(100)])
        #expect(steps.map { $0.attributes["rlm.start_inferred"] } == [true, true, nil])
    }

    @Test func `a step's status follows its success and its error`() {
        let bench = Bench(), long = String(repeating: "x", count: 300)
        bench.run([
            RLMStep(1, isSuccess: true), RLMStep(2, error: long, isSuccess: false), RLMStep(3, isSuccess: false),
            RLMStep(4), RLMStep(5, error: "no", isSuccess: nil), RLMStep(6, error: "ignored", isSuccess: true),
            RLMStep(7, error: "", isSuccess: false),
        ])
        let steps = bench.spans().steps
        #expect(
            steps.map(\.status) == [
                .ok, .error(String(repeating: "x", count: 200)), .unset, .unset, .error("no"), .ok, .unset,
            ])
        #expect(steps.map { $0.attributes["rlm.error_truncated"] } == [nil, true, nil, nil, nil, nil, nil])
    }

    @Test func `a run's status says whether it completed`() {
        let bench = Bench()
        bench.run("good", [])
        bench.run("bad", [], RLMRunEnd(isCompleted: false, error: "out of steps"))
        let runs = bench.spans().runs
        #expect(runs.map(\.status) == [.ok, .error("Run did not complete")])
        #expect(runs[1].attributes["rlm.error"] == "out of steps")
    }

    @Test func `code comes before output, and empty texts leave no event`() {
        let bench = Bench()
        bench.run([RLMStep(1, code: "1+1", output: "2"), RLMStep(2, code: "", output: ""), RLMStep(3, output: "only")])
        let steps = bench.spans().steps
        #expect(steps[0].events.map(\.name) == ["code_execution", "output"])
        #expect(steps[0].events.map(\.attributes) == [["code": "1+1"], ["output": "2"]])
        #expect(steps[1].events.isEmpty)
        #expect(steps[2].events.map(\.name) == ["output"])
    }

    @Test func `a final answer is one event of the run, and none without an answer`() {
        let bench = Bench()
        bench.run("a", [RLMStep(1)], RLMRunEnd(isCompleted: true, finalAnswer: "42"))
        bench.run("b", [RLMStep(1)], RLMRunEnd(isCompleted: true, finalAnswer: ""))
        let records = bench.recorder.takeRecords(), runs = records.spans.filter { $0.name == "rlm.run" }
        #expect(runs.map { $0.events.map(\.name) } == [["final_answer"], []])
        #expect(runs.first?.events.first?.attributes == ["answer": "42"])
        #expect(records.looseEvents.isEmpty, "what backends for spans alone would not get")
    }

    @Test func `steps and ends of runs that never started leave nothing`() {
        let bench = Bench()
        bench.sink.stepFinished("nobody", RLMStep(1))
        bench.sink.runEnded("nobody", RLMRunEnd(isCompleted: true))
        #expect(bench.recorder.takeRecords().isEmpty)
        bench.run([])
        bench.sink.stepFinished("r", RLMStep(1))
        #expect(bench.recorder.takeSpans().map(\.name) == ["rlm.run"])
    }

    @Test func `an ambient span is the parent, otherwise a run is a root`() {
        let bench = Bench()
        bench.recorder.timedSpan("job") { _ in bench.run("inside", []) }
        bench.run("outside", [])
        let spans = bench.recorder.takeSpans()
        #expect(
            SpanTree(spans.filter { $0.context.traceID == spans[0].context.traceID }).description == "job\n╰─ rlm.run")
        #expect(spans.last?.parentID.isValid == false)
    }

    @Test func `a hook leaves the thread's own spans as they were`() {
        let bench = Bench()
        bench.recorder.timedSpan("job") { job in
            bench.sink.runStarted(RLMRunStart("r", task: "t", environment: "e"))
            bench.sink.stepFinished("r", RLMStep(1))
            bench.recorder.timedSpan("own") { _ in }
        }
        let spans = bench.recorder.takeSpans()
        let job = spans.first { $0.name == "job" }, own = spans.first { $0.name == "own" }
        #expect(own?.parentID == job?.context.spanID && own?.context.traceID == job?.context.traceID)
        #expect(job?.events.isEmpty == true && job?.status == .unset)
    }
}
