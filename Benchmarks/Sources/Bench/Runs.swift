import OneLogger
import RLMTelemetry

/// What a step of an agent's run costs without texts: as a hook, in a scope, and for the local lines.
func runs() {
    // No path to a file: what is timed is the hook, and the thread that writes is someone else's time.
    let r = recorder(), drained = drain(r), sink = RLMRunSink(r)
    sink.runStarted(RLMRunStart("run_20260801_120000_000001", task: "t", environment: "bench"))
    harness.run("rlm.step", between: drained) { n in
        for i in 0..<n {
            work(i)
            sink.stepFinished(
                "run_20260801_120000_000001", RLMStep(i, action: "run_code", isSuccess: true, reward: 0.5))
        }
    }
    startsAndEnds(sink, drained)
    sink.withRun(RLMRunStart("scoped", task: "t", environment: "bench")) { run in
        harness.run("rlm.step.scope", between: drained) { n in
            for i in 0..<n {
                run.withStep("run_code") { step in
                    work(i)
                    step.reward = 0.5
                }
            }
        }
    }
    localLines()
}

/// The hooks of whole runs, each by itself; what they need of the other one is not timed.
private func startsAndEnds(_ sink: RLMRunSink, _ drained: () -> Void) {
    let ids = (0..<512).map { "run_20260801_120000_\(100_000 + $0)" }
    func start(_ id: String) { sink.runStarted(RLMRunStart(id, task: "", environment: "bench")) }
    func end(_ id: String) { sink.runEnded(id, RLMRunEnd(isCompleted: true)) }
    func endAll() {
        for id in ids { end(id) }
        drained()
    }
    func startAll() {
        drained()
        for id in ids { start(id) }
    }
    harness.run("rlm.run.start", between: endAll) { n in
        for i in 0..<n {
            work(i)
            start(ids[i])
        }
    }
    startAll()
    harness.run("rlm.run.end", between: startAll) { n in
        for i in 0..<n {
            work(i)
            end(ids[i])
        }
    }
    endAll()
}

private func localLines() {
    let local = LocalJSONLSink(directory: "/dev/null/none")
    let wait: () -> Void = { local.flush() }
    harness.run("rlm.step.lines", bursts: 200, between: wait) { n in
        for i in 0..<n {
            work(i)
            local.stepFinished(
                "run_20260801_120000_000001", RLMStep(i, action: "run_code", isSuccess: true, reward: 0.5))
        }
    }
}
