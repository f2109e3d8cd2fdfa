import OneLogger
import OneLoggerTestSupport
import OneLoggerTesting
import RLMTelemetry
import Testing

@Suite struct RLMScopeTests {
    private let start = RLMRunStart("r", task: "t", environment: "e")

    @Test func `a step lasts as long as its body, and spans hang where they were opened`() {
        let bench = Bench()
        let answer = bench.sink.withRun(start) { run in
            bench.recorder.timedSpan("prepare") { _ in }
            bench.clock.set(noon + 50)
            run.withStep("run_code") { step in
                bench.clock.set(noon + 200)
                bench.recorder.timedSpan("llm.call") { _ in }
                step.reward = 0.5
            }
            bench.recorder.timedSpan("clean up") { _ in bench.clock.set(noon + 600) }
            return 42
        }
        let spans = bench.recorder.takeSpans()
        #expect(answer == 42)
        #expect(
            SpanTree(spans).description == """
                rlm.run
                ├─ prepare
                ├─ rlm.step
                │  ╰─ llm.call
                ╰─ clean up
                """)
        let step = spans.first { $0.name == "rlm.step" }, run = spans.first { $0.name == "rlm.run" }
        #expect(step?.duration == .nanoseconds(150) && run?.duration == .nanoseconds(600))
        #expect(step?.attributes["rlm.start_inferred"] == nil)
        #expect(step?.status == .ok && step?.attributes["rlm.step"] == 1 && run?.attributes["rlm.total_reward"] == 0.5)
    }

    @Test func `in a task the same holds, child tasks included`() async {
        let bench = Bench()
        await bench.sink.withRun(start) { run in
            await bench.recorder.timedSpan("prepare") { _ in await Task.yield() }
            await run.withStep("run_code") { step in
                step.reward = 1
                await withTaskGroup { group in
                    group.addTask { await bench.recorder.timedSpan("llm.call") { _ in await Task.yield() } }
                }
            }
        }
        #expect(
            SpanTree(bench.recorder.takeSpans()).description == """
                rlm.run
                ├─ prepare
                ╰─ rlm.step
                   ╰─ llm.call
                """)
    }

    @Test func `what was open before a scope is open again after it`() {
        let bench = Bench()
        bench.recorder.timedSpan("job") { _ in
            bench.sink.withRun(start) { _ in }
            bench.recorder.timedSpan("after") { _ in }
        }
        #expect(SpanTree(bench.recorder.takeSpans()).description == "job\n├─ after\n╰─ rlm.run")
    }

    @Test func `nested runs hang under the step that started them, or under the run`() {
        let bench = Bench()
        bench.sink.withRun(start) { run in
            run.withStep("delegate") { _ in
                bench.sink.withRun(RLMRunStart("child", task: "t", environment: "e")) { $0.withStep { _ in } }
            }
            bench.sink.withRun(RLMRunStart("second", task: "t", environment: "e")) { _ in }
        }
        let spans = bench.recorder.takeSpans()
        #expect(
            SpanTree(spans) { $0.name == "rlm.run" ? $0.attributes["rlm.run_id"]?.description ?? "" : "" }.description
                == """
                rlm.run r
                ├─ rlm.run second
                ╰─ rlm.step
                   ╰─ rlm.run child
                      ╰─ rlm.step
                """)
    }

    @Test func `a body that throws ends its step and its run, both failed, and the error arrives unchanged`() throws {
        let bench = Bench()
        #expect(throws: Boom.self) {
            try bench.sink.withRun(start) { (run) throws(Boom) in
                try run.withStep { (_) throws(Boom) in throw Boom() }
            }
        }
        let (runs, steps) = bench.spans()
        #expect(steps[0].status == .error("Boom()") && steps[0].attributes["error.type"] == "Boom")
        #expect(steps[0].attributes["rlm.success"] == false && steps[0].events.isEmpty)
        #expect(runs[0].status == .error("Run did not complete") && runs[0].attributes["rlm.error"] == "Boom()")
        #expect(bench.sink.openRunCount == 0)
    }

    @Test func `an asynchronous body that throws does the same, and a cancelled step has not failed`() async {
        let bench = Bench()
        await #expect(throws: CancellationError.self) {
            try await bench.sink.withRun(start) { run in
                try await run.withStep { _ in
                    await Task.yield()
                    throw CancellationError()
                }
            }
        }
        let (runs, steps) = bench.spans()
        #expect(steps[0].status == .cancelled && runs[0].status == .error("Run did not complete"))
    }

    @Test func `a body that concludes decides what comes of the run`() {
        let bench = Bench()
        bench.sink.withRun(start) { run in
            run.stepFinished(RLMStep(action: "look", reward: 0.25))
            run.withStep { $0.error = "wall" }
            run.conclude(RLMRunEnd(isCompleted: false, totalReward: 9, finalAnswer: "none"))
        }
        let records = bench.recorder.takeRecords()
        #expect(records.spans.last?.events.map(\.attributes) == [["answer": "none"]])
        #expect(records.spans.map(\.status) == [.unset, .error("wall"), .error("Run did not complete")])
        #expect(records.spans.prefix(2).map { $0.attributes["rlm.step"] } == [1, 2])
        #expect(records.spans.last?.attributes["rlm.total_reward"] == 9.0)
    }

    @Test func `a run that a shutdown ended stays ended`() throws {
        let store = InMemoryExporter.Store()
        let recorder = Recorder(exporters: [ExporterSlot(InMemoryExporter(store))])
        let sink = RLMRunSink(recorder)
        recorder.add(sink)
        try sink.withRun(start) { run in try run.withStep { _ in _ = try recorder.shutdown(timeout: .patience) } }
        #expect(store.spans.filter { $0.name == "rlm.run" }.map(\.status) == [.error("Run did not end")])
        #expect(recorder.health.telemetryErrors == 0)
    }

    @Test func `scopes work on a sink that is off`() {
        let value = RLMRunSink.disabled().withRun(start) { run in
            run.withStep { _ in run.traceID == nil ? 7 : 0 }
        }
        #expect(value == 7)
    }

    @MainActor @Test func `a body stays on its actor`() async {
        let bench = Bench()
        var count = 0
        await bench.sink.withRun(start) { run in
            count += 1
            await run.withStep { _ in
                await Task.yield()
                MainActor.assertIsolated()
                count += 1
            }
        }
        #expect(count == 2)
    }
}
