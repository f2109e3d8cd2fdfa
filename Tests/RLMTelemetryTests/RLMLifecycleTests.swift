import OneLogger
import OneLoggerTestSupport
import OneLoggerTesting
import RLMTelemetry
import Testing

@Suite struct RLMLifecycleTests {
    @Test func `runs that nobody ended fail at the shutdown, newest first`() throws {
        let store = InMemoryExporter.Store()
        let recorder = Recorder(exporters: [ExporterSlot(InMemoryExporter(store))])
        let sink = RLMRunSink(recorder)
        recorder.add(sink)
        sink.runStarted(RLMRunStart("outer", task: "t", environment: "e"))
        sink.stepFinished("outer", RLMStep(1, reward: 0.25))
        sink.runStarted(RLMRunStart("inner", task: "t", environment: "e", parentRun: "outer"))
        #expect(sink.openRunCount == 2)
        try recorder.shutdown(timeout: .patience)
        let runs = store.spans.filter { $0.name == "rlm.run" }
        #expect(runs.map { $0.attributes["rlm.run_id"] } == ["inner", "outer"])
        #expect(runs.allSatisfy { $0.status == .error("Run did not end") })
        #expect(runs.allSatisfy { $0.attributes["onelogger.unfinished"] == "shutdown" })
        #expect(runs[1].attributes["rlm.total_steps"] == 1 && runs[1].attributes["rlm.total_reward"] == 0.25)
        let known = Set(store.spans.map(\.context.spanID))
        #expect(store.spans.allSatisfy { !$0.parentID.isValid || known.contains($0.parentID) }, "an orphan")
        #expect(sink.openRunCount == 0)
    }

    @Test func `hooks after the shutdown do nothing`() throws {
        let bench = Bench()
        bench.run("before", [])
        try bench.recorder.shutdown(timeout: .patience)
        bench.run("after", [RLMStep(1)])
        #expect(bench.sink.openRunCount == 0 && bench.sink.traceID(forRun: "after") == nil)
        #expect(bench.recorder.health.telemetryErrors == 0)
    }

    @Test func `a run that is started twice loses nothing`() {
        let bench = Bench()
        bench.sink.runStarted(RLMRunStart("r", task: "first", environment: "e"))
        bench.run("r", task: "second", [])
        let runs = bench.spans().runs
        #expect(runs.map { $0.attributes["rlm.task"] } == ["first", "second"])
        #expect(runs.map(\.status) == [.error("Run was started again"), .ok])
    }

    @Test func `open runs have a limit, and the oldest makes room`() {
        var options = RLMOptions()
        options.openRuns = 2
        let bench = Bench(options)
        for id in ["a", "b", "c"] { bench.sink.runStarted(RLMRunStart(id, task: "t", environment: "e")) }
        let runs = bench.spans().runs
        #expect(runs.map { $0.attributes["rlm.run_id"] } == ["a"] && runs[0].status == .error("Run did not end"))
        #expect(bench.sink.openRunCount == 2)
    }

    @Test func `a run's trace is known while it is open and afterwards`() {
        let bench = Bench()
        #expect(bench.sink.traceID(forRun: "r") == nil)
        bench.sink.runStarted(RLMRunStart("r", task: "t", environment: "e"))
        let open = bench.sink.traceID(forRun: "r")
        bench.sink.runEnded("r", RLMRunEnd(isCompleted: true))
        let text = bench.sink.traceID(forRun: "r")?.description ?? ""
        #expect(bench.sink.traceID(forRun: "r") == open && bench.spans().runs[0].context.traceID == open)
        #expect(text.count == 32 && text.allSatisfy { "0123456789abcdef".contains($0) })
    }

    @Test func `the traces that are remembered have a limit, and what was asked for lately stays`() {
        var options = RLMOptions()
        options.rememberedRuns = 3
        let bench = Bench(options)
        for id in ["a", "b", "c"] { bench.run(id, []) }
        _ = bench.sink.traceID(forRun: "a")
        bench.run("d", [])
        #expect(["a", "b", "c", "d"].map { bench.sink.traceID(forRun: $0) != nil } == [true, false, true, true])
        for n in 0..<1000 {
            bench.run("x\(n)", [])
            _ = bench.sink.traceID(forRun: "x\(n)")
        }
        #expect(bench.sink.traceID(forRun: "x996") == nil && bench.sink.traceID(forRun: "x997") != nil)
        options.rememberedRuns = 0
        let forgetful = Bench(options)
        forgetful.run("a", [])
        #expect(forgetful.sink.traceID(forRun: "a") == nil)
    }

    @Test func `a delegated run hangs under its parent run, in one trace, whether that is open or over`() {
        let bench = Bench()
        bench.sink.runStarted(RLMRunStart("outer", task: "t", environment: "e"))
        bench.run("outer-child", [])
        bench.sink.runStarted(RLMRunStart("typed", task: "t", environment: "e", parentRun: "outer"))
        bench.sink.runStarted(RLMRunStart("named", task: "t", environment: "e", parameters: ["parent_run_id": "outer"]))
        for id in ["named", "typed", "outer"] { bench.sink.runEnded(id, RLMRunEnd(isCompleted: true)) }
        bench.sink.runStarted(RLMRunStart("late", task: "t", environment: "e", parentRun: "outer"))
        bench.sink.runEnded("late", RLMRunEnd(isCompleted: true))
        let runs = bench.spans().runs, outer = bench.sink.context(forRun: "outer")
        for id in ["typed", "named", "late"] {
            let run = runs.first { $0.attributes["rlm.run_id"] == .string(id) }
            #expect(run?.parentID == outer?.spanID && run?.context.traceID == outer?.traceID, "\(id)")
            #expect(run?.attributes["rlm.parent_run_id"] == "outer")
        }
        #expect(bench.sink.traceID(forRun: "outer-child") != outer?.traceID)
    }

    @Test func `hooks of many runs from many threads get along`() async {
        let bench = Bench()
        await withTaskGroup { group in
            for worker in 0..<8 {
                group.addTask {
                    let id = "run \(worker)"
                    bench.sink.runStarted(RLMRunStart(id, task: "t", environment: "e"))
                    for n in 1...100 { bench.sink.stepFinished(id, RLMStep(n, reward: 1)) }
                    bench.sink.runEnded(id, RLMRunEnd(isCompleted: true))
                }
            }
        }
        let (runs, steps) = bench.spans()
        #expect(runs.count == 8 && steps.count == 800)
        #expect(
            runs.allSatisfy { $0.attributes["rlm.total_reward"] == 100.0 && $0.attributes["rlm.total_steps"] == 100 })
        for run in runs { #expect(steps.filter { $0.parentID == run.context.spanID }.count == 100) }
    }

    @Test func `two sinks with two services stay apart`() throws {
        let stores = [InMemoryExporter.Store(), InMemoryExporter.Store()]
        let sinks = stores.enumerated().map { place, store in
            var options = RecorderOptions()
            options.resource.serviceName = "service-\(place)"
            let recorder = Recorder(options, exporters: [ExporterSlot(InMemoryExporter(store))])
            let sink = RLMRunSink(recorder)
            recorder.add(sink)
            return sink
        }
        sinks[0].withRun(RLMRunStart("a", task: "t", environment: "e")) { run in
            run.withStep { _ in
                sinks[1].withRun(RLMRunStart("b", task: "t", environment: "e")) { _ in }
            }
        }
        for sink in sinks { try sink.recorder.shutdown(timeout: .patience) }
        #expect(stores.map { $0.spans.map(\.name) } == [["rlm.step", "rlm.run"], ["rlm.run"]])
        #expect(stores.map(\.resource.serviceName) == ["service-0", "service-1"])
        #expect(sinks.map { $0.status().serviceName } == ["service-0", "service-1"])
        #expect(stores[1].spans[0].parentID.isValid == false)
    }
}
