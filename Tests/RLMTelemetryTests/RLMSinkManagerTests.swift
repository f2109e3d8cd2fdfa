import OneLogger
import OneLoggerTesting
import RLMTelemetry
import Synchronization
import Testing

@Suite(.serialized) struct RLMSinkManagerTests {
    private let start = RLMRunStart("r", task: "t", environment: "e")

    @Test func `a sink that raises in every hook disturbs nobody, and each failure is told with sink and hook`() {
        let lines = Locked<[String]>([])
        let redirection = Diagnostics.redirect { line in
            lines.withLock { if line.hasPrefix("RLM sink 'bad'") { $0.append(line) } }
        }
        defer { Diagnostics.restore(redirection) }
        let bad = NotingSink("bad", fails: true), good = NotingSink("good")
        let manager = RLMSinkManager([bad, good])
        manager.runStarted(start)
        manager.stepFinished("r", RLMStep(1))
        manager.runEnded("r", RLMRunEnd(isCompleted: true))
        #expect(good.noted == ["start r", "step r", "end r"] && bad.noted == good.noted)
        let told = lines.withLock { $0 }
        #expect(told.count == 3)
        for (line, hook) in zip(told, ["runStarted", "stepFinished", "runEnded"]) { #expect(line.contains(hook)) }
    }

    @Test func `failures are counted for ever and told ten times`() {
        let lines = Locked(0)
        let redirection = Diagnostics.redirect { line in
            lines.withLock { if line.hasPrefix("RLM sink 'noisy'") { $0 += 1 } }
        }
        defer { Diagnostics.restore(redirection) }
        let manager = RLMSinkManager([NotingSink("noisy", fails: true)])
        for n in 0..<1000 { manager.stepFinished("r", RLMStep(n)) }
        #expect(lines.withLock { $0 } == 10)
        #expect(manager.statuses().map(\.dropped) == [1000] && manager.statuses()[0].lastError == "Broken()")
    }

    @Test func `sinks are found and removed by their name, all of them`() {
        let manager = RLMSinkManager([NotingSink("a"), NotingSink("b"), NotingSink("a")])
        #expect(manager.sink(named: "a") as? NotingSink === manager.sinks[0] as? NotingSink)
        #expect(manager.remove(named: "a") && !manager.remove(named: "a"))
        #expect(manager.sink(named: "a") == nil && manager.sinks.map(\.name) == ["b"])
        manager.add(NotingSink("c"))
        #expect(manager.sinks.map(\.name) == ["b", "c"])
    }

    @Test func `there is one row per sink, in order, also for one that cannot say how it fares`() {
        let manager = RLMSinkManager([NotingSink("bad", fails: true), RLMRunSink.disabled(), NotingSink("good")])
        let rows = manager.statuses()
        #expect(rows.map(\.name) == ["bad", "opentelemetry", "good"])
        #expect(rows.map(\.isAvailable) == [false, false, true])
        #expect(rows[0].detail.contains("Broken"))
        for row in rows {
            for key in ["name", "enabled", "available", "detail"] { #expect(row.attributes[key] != nil) }
        }
        #expect(manager.status().isAvailable == false && manager.status().isEnabled)
    }

    @Test func `scopes reach every sink once, with the times of the span and its trace`() {
        let bench = Bench(), first = NotingSink("first"), last = NotingSink("last")
        let manager = RLMSinkManager([first, RLMSinkManager([bench.sink], name: "nested"), last])
        manager.withRun(start) { run in
            bench.clock.set(noon + 5)
            run.withStep("look") { _ in bench.clock.set(noon + 9) }
        }
        let spans = bench.recorder.takeSpans()
        #expect(spans.map(\.name) == ["rlm.step", "rlm.run"])
        for sink in [first, last] {
            #expect(sink.noted == ["start r", "step r", "end r"])
            #expect(sink.notedSteps[0].startedAt == spans[0].start && sink.notedSteps[0].finishedAt == spans[0].end)
            #expect(sink.notedSteps[0].traceID == spans[0].context.traceID)
            #expect(sink.notedEnds[0].traceID == spans[0].context.traceID)
        }
    }

    @Test func `a run of a manager without a recorder is timed all the same`() async {
        let sink = NotingSink("only")
        await RLMSinkManager([sink]).withRun(start) { run in await run.withStep { _ in await Task.yield() } }
        let step = sink.notedSteps[0]
        #expect(sink.noted == ["start r", "step r", "end r"])
        #expect(step.number == 1 && step.isSuccess == true)
        #expect(step.startedAt != nil && (step.finishedAt ?? .now) >= (step.startedAt ?? .now))
    }

    @Test func `a sink cannot change what the next one gets`() {
        final class Changing: RLMSink {
            let name = "changing"
            func runStarted(_ run: RLMRunStart) {
                var copy = run
                copy.task = "changed"
                copy.parameters["new"] = 1
            }
            func stepFinished(_ run: String, _ step: RLMStep) {}
            func runEnded(_ run: String, _ end: RLMRunEnd) {}
            func status() -> RLMSinkStatus { RLMSinkStatus(name: name, isEnabled: true, isAvailable: true, detail: "") }
        }
        let bench = Bench()
        RLMSinkManager([Changing(), bench.sink]).withRun(start) { _ in }
        #expect(bench.spans().runs[0].attributes["rlm.task"] == "t")
    }
}
