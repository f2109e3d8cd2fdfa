import OneLogger
import OneLoggerTestSupport
import OneLoggerTesting
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite struct ShutdownTests {
    @Test func `after a shutdown bodies run, nothing is recorded, and a second shutdown does nothing`() throws {
        let (r, store) = recorder()
        r.timedSpan("before") { _ in }
        let first = try r.shutdown(timeout: .patience)
        let value = r.timedSpan("after") { span in
            let isRecording = span.isRecording
            #expect(!isRecording)
            return 7
        }
        #expect(value == 7 && !r.isRecording)
        #expect(try r.shutdown(timeout: .patience) == first)
        #expect(store.spans.map(\.name) == ["before"] && store.isClosed)
        #expect(r.health.state == .closed)
    }

    @Test func `a recorder that is off has nothing to wait for at its end`() throws {
        var options = RecorderOptions()
        options.isEnabled = false
        let r = Recorder(options, exporters: [ExporterSlot(InMemoryExporter(InMemoryExporter.Store()))])
        r.timedSpan("off") { _ in }
        // Who waited here would wait until the end, and would have no complete report.
        for report in [
            try r.flush(timeout: .patience), try r.shutdown(timeout: .patience),
            try Recorder.disabled.shutdown(timeout: .patience),
        ] {
            #expect(report.isComplete && report.exported == 0 && report.lost == 0 && report.pending.isEmpty)
        }
    }

    @Test func `a span that ends after the shutdown is counted as lost`() throws {
        let (r, store) = recorder { $0.announce = .nothing }
        try r.timedSpan("open") { _ in
            r.timedSpan("inside") { _ in }
            try r.shutdown(timeout: .patience)
        }
        let health = r.health
        #expect(store.spans.map(\.name) == ["inside"])
        #expect(health.late == 1 && health.recorded == 2)
        #expect(health.recorded == health.exporters[0].exported + health.lostBeforeExport)
    }

    @Test func `a shutdown ends open manual spans and announced roots, and says so`() throws {
        let (r, store) = recorder()
        let manual = r.start("manual", attributes: ["a": 1])
        try r.timedSpan("job", attributes: ["rank": 0]) { _ in
            try r.flush(timeout: .patience)
            try r.shutdown(timeout: .patience)
        }
        #expect(store.records.outline.sorted() == ["start job", "start manual", "stop job", "stop manual"])
        #expect(store.spans.allSatisfy { $0.attributes["onelogger.unfinished"] == "shutdown" })
        #expect(store.spans.first { $0.name == "manual" }?.attributes["a"] == 1)
        manual.stop()
        #expect(throws: TelemetryError.self) { try r.flush(timeout: .patience) }
    }

    @Test func `a disabled exporter gets what comes last, and hears what it lost`() throws {
        let (r, store) = recorder {
            $0.disableAfter = 1
            $0.probeAfter = .seconds(60)
        }
        store.fail(with: .unavailable(destination: "x", errno: 0, reason: "down"))
        r.timedSpan("lost") { _ in }
        try r.flush(timeout: .patience)
        #expect(r.health.exporters[0].state == .disabled)
        store.fail(with: nil)
        r.timedSpan("last") { _ in }
        try r.shutdown(timeout: .patience)
        #expect(store.records.outline == ["error no_telemetry_data", "span last"])
        #expect(r.health.exporters[0].exported == 1 && r.health.exporters[0].lost == 1)
    }

    @Test func `using a recorder that is shut down is an error, once, and never a recursion`() throws {
        let (r, _) = recorder()
        try r.shutdown(timeout: .patience)
        let span = r.start("late")
        #expect(!span.isRecording)
        span.stop()
        let error = try #require(throws: TelemetryError.self) { try r.flush(timeout: .patience) }
        #expect("\(error)".hasPrefix("Recorder.start: error: the recorder is shut down."))
    }

    @Test func `dropping the last reference delivers what was recorded`() {
        let store = InMemoryExporter.Store()
        do {
            let r = Recorder(quiet, exporters: [ExporterSlot(InMemoryExporter(store))])
            r.timedSpan("kept") { _ in }
        }
        while !store.isClosed { sched_yield() }
        #expect(store.spans.map(\.name) == ["kept"])
    }

    @Test func `the drainer delivers by itself within its interval`() {
        let store = InMemoryExporter.Store()
        var options = RecorderOptions()
        options.flushInterval = .milliseconds(10)
        let r = Recorder(options, exporters: [ExporterSlot(InMemoryExporter(store))])
        r.timedSpan("job") { _ in
            r.timedSpan("step") { _ in }
            while store.records.count < 2 { sched_yield() }
            #expect(Set(store.records.outline) == ["start job", "span step"])
        }
        while store.records.count < 3 { sched_yield() }
        #expect(store.records.outline.last == "stop job")
    }
}
