import OneLogger
import OneLoggerTestSupport
import OneLoggerTesting
import Synchronization
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite struct OnErrorTests {
    @Test func `propagate throws the first error with the count of the others, and keeps recording`() throws {
        let (r, store) = recorder()
        for _ in 0..<3 { r.report(.misuse(call: "a", problem: "b", advice: "C.")) }
        #expect(throws: TelemetryError.several(first: .misuse(call: "a", problem: "b", advice: "C."), others: 2)) {
            try r.flush(timeout: .patience)
        }
        r.timedSpan("after") { _ in }
        try r.shutdown(timeout: .patience)
        #expect(store.records.outline.filter { $0.hasPrefix("error") }.count == 1, "one notice per incident")
        #expect(store.spans.map(\.name) == ["after"])
    }

    @Test func `disable quietly says it once, delivers what was recorded, closes, and never throws`() throws {
        let lines = Locked<[String]>([])
        let redirection = Diagnostics.redirect { line in lines.withLock { $0.append(line) } }
        defer { Diagnostics.restore(redirection) }
        let (r, store) = recorder { $0.onError = .disableQuietly }
        r.timedSpan("before") { _ in }
        let open = r.start("open")
        for _ in 0..<3 { r.report(.misuse(call: "quiet test", problem: "b", advice: "C.")) }
        #expect(!r.isRecording)
        r.timedSpan("after") { span in
            let isRecording = span.isRecording
            #expect(!isRecording)
        }
        while !store.isClosed { sched_yield() }
        #expect(store.spans.map(\.name).sorted() == ["before", "open"])
        #expect(store.records.outline.filter { $0.hasPrefix("error") } == ["error no_telemetry_data"])
        open.stop()
        try r.flush(timeout: .patience)
        try r.shutdown(timeout: .patience)
        #expect(lines.withLock { $0.filter { $0.contains("quiet test") }.count } == 1)
    }

    @Test func `a telemetry data error goes to every exporter, and says how much got through before`() throws {
        let a = InMemoryExporter.Store(), b = InMemoryExporter.Store()
        b.fail(with: .rejected(destination: "b", reason: "no"))
        let r = Recorder(quiet, exporters: [ExporterSlot(InMemoryExporter(a)), ExporterSlot(InMemoryExporter(b))])
        r.timedSpan("x") { _ in }
        try r.flush(timeout: .patience)
        b.fail(with: nil)
        r.telemetryDataError("sensor lost", ["sensor": "gpu0"])
        try r.shutdown(timeout: .patience)
        #expect(a.records.outline == ["span x", "error incomplete_telemetry_data"])
        #expect(b.records.outline.allSatisfy { $0 == "error no_telemetry_data" } && b.records.count == 2)
        guard case .telemetryDataError(let notice) = a.records[1] else { return }
        #expect(notice.message == "sensor lost" && notice.attributes == ["sensor": "gpu0"])
    }
}
