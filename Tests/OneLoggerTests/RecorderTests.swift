import OneLogger
import OneLoggerTesting
import Synchronization
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite struct RecorderTests {
    var quiet: RecorderOptions {
        var options = RecorderOptions()
        options.flushInterval = .seconds(60)
        return options
    }

    func recorder(
        _ change: (inout RecorderOptions) -> Void = { _ in }
    ) -> (recorder: Recorder, store: InMemoryExporter.Store) {
        var options = quiet
        change(&options)
        let store = InMemoryExporter.Store()
        return (Recorder(options, exporters: [ExporterSlot(InMemoryExporter(store))]), store)
    }

    /// Runs `body` while another thread holds the drain, so that nothing can be taken away.
    func holdingDrain(_ r: Recorder, _ body: () -> Void) {
        let isHeld = Mutex(false), isDone = Mutex(false)
        let thread = Threads.start {
            r.timedSpan("first") { _ in }
            r.drain { _ in
                isHeld.withLock { $0 = true }
                while !isDone.withLock({ $0 }) { sched_yield() }
            }
        }
        while !isHeld.withLock({ $0 }) { sched_yield() }
        body()
        isDone.withLock { $0 = true }
        pthread_join(thread, nil)
    }

    // MARK: shutdown

    @Test func `after a shutdown bodies run, nothing is recorded, and a second shutdown does nothing`() throws {
        let (r, store) = recorder()
        r.timedSpan("before") { _ in }
        let first = try r.shutdown()
        let value = r.timedSpan("after") { span in
            let isRecording = span.isRecording
            #expect(!isRecording)
            return 7
        }
        #expect(value == 7 && !r.isRecording)
        #expect(try r.shutdown() == first)
        #expect(store.spans.map(\.name) == ["before"] && store.isClosed)
        #expect(r.health.state == .closed)
    }

    @Test func `a span that ends after the shutdown is counted as lost`() throws {
        let (r, store) = recorder { $0.announce = .nothing }
        try r.timedSpan("open") { _ in
            r.timedSpan("inside") { _ in }
            try r.shutdown()
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
            try r.flush()
            try r.shutdown()
        }
        #expect(store.records.outline.sorted() == ["start job", "start manual", "stop job", "stop manual"])
        #expect(store.spans.allSatisfy { $0.attributes["onelogger.unfinished"] == "shutdown" })
        #expect(store.spans.first { $0.name == "manual" }?.attributes["a"] == 1)
        manual.stop()
        #expect(throws: TelemetryError.self) { try r.flush() }
    }

    @Test func `using a recorder that is shut down is an error, once, and never a recursion`() throws {
        let (r, _) = recorder()
        try r.shutdown()
        let span = r.start("late")
        #expect(!span.isRecording)
        span.stop()
        let error = try #require(throws: TelemetryError.self) { try r.flush() }
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

    // MARK: errors of telemetry

    @Test func `propagate throws the first error with the count of the others, and keeps recording`() throws {
        let (r, store) = recorder()
        for _ in 0..<3 { r.report(.misuse(call: "a", problem: "b", advice: "C.")) }
        #expect(throws: TelemetryError.several(first: .misuse(call: "a", problem: "b", advice: "C."), others: 2)) {
            try r.flush()
        }
        r.timedSpan("after") { _ in }
        try r.shutdown()
        #expect(store.records.outline.filter { $0.hasPrefix("error") }.count == 1, "one notice per incident")
        #expect(store.spans.map(\.name) == ["after"])
    }

    @Test func `disable quietly says it once, delivers what was recorded, closes, and never throws`() throws {
        let lines = Mutex<[String]>([])
        Diagnostics.redirect { line in lines.withLock { $0.append(line) } }
        defer { Diagnostics.redirect(to: nil) }
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
        try r.flush()
        try r.shutdown()
        #expect(lines.withLock { $0.filter { $0.contains("quiet test") }.count } == 1)
    }

    @Test func `a telemetry data error goes to every exporter, and says how much got through before`() throws {
        let a = InMemoryExporter.Store(), b = InMemoryExporter.Store()
        b.fail(with: .rejected(destination: "b", reason: "no"))
        let r = Recorder(quiet, exporters: [ExporterSlot(InMemoryExporter(a)), ExporterSlot(InMemoryExporter(b))])
        r.timedSpan("x") { _ in }
        try r.flush()
        b.fail(with: nil)
        r.telemetryDataError("sensor lost", ["sensor": "gpu0"])
        try r.shutdown()
        #expect(a.records.outline == ["span x", "error incomplete_telemetry_data"])
        #expect(b.records.outline.allSatisfy { $0 == "error no_telemetry_data" } && b.records.count == 2)
        guard case .telemetryDataError(let notice) = a.records[1] else { return }
        #expect(notice.message == "sensor lost" && notice.attributes == ["sensor": "gpu0"])
    }

    @Test func `records lost to a full pool are told to every exporter with their count`() throws {
        let (r, store) = recorder {
            $0.poolBytes = 262_144
            $0.whenFull = .dropNewest
            $0.announce = .nothing
        }
        holdingDrain(r) { for _ in 0..<10_000 { r.timedSpan("s") { $0["k"] = 1 } } }
        try r.flush()
        try r.flush()
        try r.shutdown()
        let health = r.health
        #expect(health.dropped > 0 && health.recorded == 10_001)
        let notices = store.records.compactMap { if case .telemetryDataError(let error) = $0 { error } else { nil } }
        #expect(notices.reduce(0) { $0 + $1.lostRecords } == health.dropped)
        #expect(health.exporters[0].exported + health.lostBeforeExport == 10_000, "the first span went to the test")
    }

    @Test func `a full pool blocks a thread for a bounded time, then drops`() throws {
        let (r, store) = recorder {
            $0.poolBytes = 262_144
            $0.whenFull = .block(upTo: .milliseconds(2))
            $0.announce = .nothing
        }
        holdingDrain(r) { for _ in 0..<10_000 { r.timedSpan("s") { $0["k"] = 1 } } }
        try r.shutdown()
        #expect(r.health.dropped > 0)
        #expect(store.spans.count + r.health.dropped == 10_000)
    }

    // MARK: processors

    @Test func `processors drop, change and derive records, in order, and all is accounted for`() throws {
        struct Enrich: RecordProcessor {
            func process(_ records: [Record]) -> [Record] {
                records.map { record in
                    guard case .span(var span) = record else { return record }
                    span.attributes["host"] = "h"
                    return .span(span)
                }
            }
        }
        struct Drop: RecordProcessor {
            func process(_ records: [Record]) -> [Record] {
                records.filter {
                    if case .span(let span) = $0 { span.attributes["host"] != nil && span.name != "drop" } else { true }
                }
            }
        }
        let (r, store) = recorder {
            $0.processors = [Enrich(), Drop()]
            $0.announce = .nothing
        }
        for name in ["keep", "drop", "keep"] { r.timedSpan(name) { _ in } }
        try r.shutdown()
        #expect(store.spans.map(\.attributes) == [["host": "h"], ["host": "h"]])
        let health = r.health
        #expect(health.recorded == 3 && health.filtered == 1 && health.exporters[0].exported == 2)
    }

    @Test func `a processor that throws loses nothing and is an error of telemetry`() throws {
        struct Broken: RecordProcessor {
            func process(_ records: [Record]) throws -> [Record] { throw Boom() }
        }
        let (r, store) = recorder {
            $0.processors = [Broken()]
            $0.announce = .nothing
        }
        r.timedSpan("kept") { _ in }
        let error = try #require(throws: TelemetryError.self) { try r.shutdown() }
        #expect("\(error)".contains("Broken"))
        #expect(store.spans.map(\.name) == ["kept"])
    }

    @Test func `events above the verbosity are not exported, alone or in their span`() throws {
        let (r, store) = recorder { $0.verbosity = 1 }
        r.timedSpan("short") { span in
            span.event("a", ["verbosity": 1])
            span.event("b", ["verbosity": 2])
            span.event("c")
        }
        let manual = r.start("manual")
        manual.event("d", ["verbosity": 1])
        manual.event("e", ["verbosity": 2])
        manual.stop()
        try r.shutdown()
        #expect(store.spans.first { $0.name == "short" }?.events.map(\.name) == ["a", "c"])
        #expect(store.records.outline.contains("event d") && !store.records.outline.contains("event e"))
    }

    @Test func `checkpoint statistics are derived from events`() throws {
        let (r, store) = recorder { $0.processors = [CheckpointStats(every: 2)] }
        let job = r.start("job")
        for seconds in [2.0, 4.0, 3.0] { job.event("save_checkpoint", ["duration_s": .double(seconds)]) }
        job.stop()
        try r.shutdown()
        let updates = store.records.compactMap { record -> Attributes? in
            if case .event(let event) = record, event.event.name == "checkpoint_stats_update" {
                event.event.attributes
            } else {
                nil
            }
        }
        #expect(
            updates == [
                ["count": 2, "min_s": 2.0, "max_s": 4.0, "mean_s": 3.0],
                ["count": 3, "min_s": 2.0, "max_s": 4.0, "mean_s": 3.0],
            ])
        let health = r.health
        #expect(health.recorded == health.exporters[0].exported)
    }

    // MARK: plug-ins

    struct Beat: RecorderPlugin {
        static let configName = "beat"
        let recorder: Recorder
        let fails: Bool
        init(settings: inout Settings, recorder: Recorder) throws(SettingsError) {
            self.recorder = recorder
            fails = settings.bool("fails") ?? false
            try settings.finish()
        }
        func start() throws(TelemetryError) {
            if fails { throw .component(name: "beat", problem: "no pulse") }
            recorder.timedSpan("beat.start") { _ in }
        }
        func stop(deadline: Timestamp) { recorder.timedSpan("beat.stop") { _ in } }
    }

    @Test func `a plug-in starts with the recorder and records until its last flush`() throws {
        let (r, store) = recorder { $0.announce = .nothing }
        var catalog = ComponentCatalog()
        catalog.add(Beat.self)
        var settings = Settings(["fails": false])
        r.add(try catalog.plugin("beat", &settings, r))
        try r.shutdown()
        #expect(store.spans.map(\.name) == ["beat.start", "beat.stop"])
        #expect(r.health.plugins.map(\.name) == ["beat"] && r.health.plugins[0].error == nil)
    }

    @Test func `a plug-in that fails to start shows in health and is an error of telemetry`() throws {
        let (r, _) = recorder()
        var catalog = ComponentCatalog()
        catalog.add(Beat.self)
        var settings = Settings(["fails": true])
        r.add(try catalog.plugin("beat", &settings, r))
        #expect(r.health.plugins[0].error?.contains("no pulse") == true)
        #expect(throws: TelemetryError.self) { try r.shutdown() }
    }

    // MARK: clock

    @Test func `a counter that changes its rate is left, and no duration is lost`() throws {
        let (r, store) = recorder { $0.announce = .nothing }
        r.timedSpan("outer") { _ in
            r.timedSpan("before") { _ in }
            r.leaveCounter()
            r.timedSpan("after") { _ in }
        }
        try r.shutdown()
        #expect(r.health.clock == "monotonic")
        let spans = store.spans
        #expect(spans.map(\.name) == ["before", "after", "outer"])
        let outer = spans[2]
        for inner in spans.prefix(2) {
            #expect(inner.start >= outer.start.advanced(by: .microseconds(-5)))
            #expect(inner.end <= outer.end.advanced(by: .microseconds(5)))
            #expect(inner.duration < .seconds(60))
        }
    }

    @Test func `counter times agree with the wall clock`() throws {
        let (r, store) = recorder { $0.announce = .nothing }
        func wall() -> Timestamp {
            var t = timespec()
            unsafe clock_gettime(CLOCK_REALTIME, &t)
            return Timestamp(nanoseconds: UInt64(t.tv_sec) * 1_000_000_000 + UInt64(t.tv_nsec))
        }
        let before = wall()
        r.timedSpan("x") { _ in }
        let after = wall()
        try r.shutdown()
        let span = store.spans[0]
        #expect(
            span.start >= before.advanced(by: .milliseconds(-5)) && span.end <= after.advanced(by: .milliseconds(5)))
    }
}

/// Derives statistics from `save_checkpoint` events: every so many of them, and once more at the end.
struct CheckpointStats: RecordProcessor {
    private let every: Int
    private let state = Kept()

    final class Kept: Sendable {
        let summary = Mutex(MetricSummarizer<Double>())
        let last = Mutex<SpanEventRecord?>(nil)
    }

    init(every: Int) { self.every = every }

    func process(_ records: [Record]) throws -> [Record] {
        var result: [Record] = []
        for record in records {
            result.append(record)
            guard case .event(let event) = record, event.event.name == "save_checkpoint",
                let seconds = try event.event.attributes.double("duration_s")
            else { continue }
            state.last.withLock { $0 = event }
            let count = state.summary.withLock { summary in
                summary.add(seconds)
                return summary.count
            }
            if count % every == 0, let update = update() { result.append(update) }
        }
        return result
    }

    func finish() throws -> [Record] {
        state.summary.withLock { $0.count } % every == 0 ? [] : update().map { [$0] } ?? []
    }

    private func update() -> Record? {
        state.summary.withLock { summary in
            guard let last = state.last.withLock({ $0 }), let min = summary.min, let max = summary.max,
                let mean = summary.average
            else { return nil }
            let attributes: Attributes = [
                "count": .int(summary.count), "min_s": .double(min), "max_s": .double(max), "mean_s": .double(mean),
            ]
            return .event(
                SpanEventRecord(Event("checkpoint_stats_update", attributes, at: last.event.time), span: last.span))
        }
    }
}
