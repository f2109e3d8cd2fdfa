import OneLogger
import OneLoggerTestSupport
import OneLoggerTesting
import RLMTelemetry
import Testing

@Suite struct RLMStatusTests {
    @Test func `a sink that is off says so, and its hooks do nothing`() {
        let sink = RLMRunSink.disabled()
        sink.runStarted(RLMRunStart("r", task: "t", environment: "e"))
        sink.stepFinished("r", RLMStep(1))
        sink.runEnded("r", RLMRunEnd(isCompleted: true))
        #expect(
            sink.status().attributes == [
                "name": "opentelemetry", "enabled": false, "available": false, "detail": "disabled",
                "service_name": "rlm-code", "metrics_enabled": true, "exported": 0, "dropped": 0,
            ])
        #expect(sink.traceID(forRun: "r") == nil && sink.openRunCount == 0)
    }

    @Test func `a sink that could not be set up gives the reason, and its hooks do nothing`() {
        let sink = RLMRunSink.broken(RLMOptions(), "setup failed: no socket")
        sink.runStarted(RLMRunStart("r", task: "t", environment: "e"))
        let status = sink.status()
        #expect(status.isEnabled && !status.isAvailable && status.detail == "setup failed: no socket")
        #expect(sink.openRunCount == 0)
    }

    @Test func `without an exporter spans are made and nothing is sent`() {
        let bench = Bench()
        bench.run([])
        let status = bench.sink.status()
        #expect(status.isAvailable && status.detail == "in-memory (no exporter)" && status.exported == 0)
        #expect(bench.sink.traceID(forRun: "r") != nil)
    }

    @Test func `available says whether the last delivery got through, and what was lost is counted`() throws {
        let store = InMemoryExporter.Store()
        let recorder = Recorder(exporters: [ExporterSlot(InMemoryExporter(store), name: "otlp")])
        let sink = RLMRunSink(recorder)
        recorder.add(sink)
        func step(_ n: Int) {
            sink.withRun(RLMRunStart("r\(n)", task: "t", environment: "e")) { _ in }
            sink.flush(timeout: .patience)
        }
        #expect(sink.status().isAvailable && sink.status().detail == "otlp", "nothing was tried yet")
        step(1)
        let exported = sink.status().exported
        #expect(exported > 0 && sink.status().isAvailable && sink.status().lastError == nil)
        store.fail(with: .unavailable(destination: "otlp", errno: 111, reason: "refused"))
        step(2)
        #expect(!sink.status().isAvailable && sink.status().dropped > 0)
        #expect(sink.status().lastError?.contains("refused") == true && sink.status().exported == exported)
        store.fail(with: nil)
        step(3)
        #expect(sink.status().isAvailable && sink.status().exported > exported)
        #expect(sink.status().lastError != nil, "what went wrong last stays known")
        sink.shutdown(timeout: .patience)
        #expect(sink.status().isAvailable, "the application's recorder goes on")
        try recorder.shutdown(timeout: .patience)
        #expect(!sink.status().isAvailable && sink.status().detail == "shut down")
    }

    @Test func `with a dead collector hooks throw nothing, and a shutdown ends in time and says what was lost`() throws
    {
        let store = InMemoryExporter.Store()
        store.fail(with: .unavailable(destination: "otlp", errno: 111, reason: "refused"))
        let sink = RLMRunSink.owning(
            Recorder(exporters: [ExporterSlot(InMemoryExporter(store), name: "otlp")]), RLMOptions())
        for n in 0..<100 {
            sink.withRun(RLMRunStart("r\(n)", task: "t", environment: "e")) { run in run.withStep { $0.reward = 1 } }
        }
        #expect(sink.shutdown(timeout: .seconds(5)))
        let status = sink.status()
        #expect(status.exported == 0 && status.dropped >= 300 && !status.isAvailable)
    }
}
