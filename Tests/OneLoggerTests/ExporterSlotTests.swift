import OneLogger
import OneLoggerTestSupport
import OneLoggerTesting
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite struct ExporterSlotTests {
    let down = ExportError.unavailable(destination: "nowhere", errno: 111, reason: "refused")

    /// Options under which nothing is drained unless the test says so.
    var quiet: RecorderOptions {
        var options = RecorderOptions()
        options.flushInterval = .seconds(60)
        options.announce = .nothing
        return options
    }

    @Test func `every exporter gets every record, flush after flush, and is closed once`() throws {
        let a = InMemoryExporter.Store(), b = InMemoryExporter.Store()
        let r = Recorder(quiet, exporters: [ExporterSlot(InMemoryExporter(a)), ExporterSlot(InMemoryExporter(b))])
        r.timedSpan("one") { _ in }
        let report = try r.flush(timeout: .patience)
        #expect(report.isComplete && report.exported == 2 && report.lost == 0 && report.pending.isEmpty)
        #expect(a.flushes == 1 && !a.isClosed)
        r.timedSpan("two") { _ in }
        try r.shutdown(timeout: .patience)
        for store in [a, b] {
            #expect(store.spans.map(\.name) == ["one", "two"] && store.isClosed)
            #expect(store.resource.pid == Int(getpid()) && !store.resource.host.isEmpty)
        }
        #expect(r.health.exporters.map(\.state) == [.closed, .closed])
    }

    @Test func `an exporter that owns what is not Sendable is given away`() throws {
        final class Handle { var uses = 0 }
        struct Owner: Exporter, ~Copyable {
            let store: InMemoryExporter.Store
            var handle = Handle()
            mutating func export(_ batch: Batch) throws(ExportError) {
                handle.uses += 1
                var inner = InMemoryExporter(store)
                try inner.export(batch)
            }
        }
        let store = InMemoryExporter.Store()
        let r = Recorder(quiet, exporters: [ExporterSlot(Owner(store: store), name: "owner")])
        r.timedSpan("x") { _ in }
        try r.shutdown(timeout: .patience)
        #expect(store.spans.count == 1 && r.health.exporters[0].name == "owner")
    }

    @Test func `a failing exporter harms nobody else and is disabled after five failures in a row`() throws {
        let good = InMemoryExporter.Store(), bad = InMemoryExporter.Store()
        bad.fail(with: down)
        let r = Recorder(
            quiet, exporters: [ExporterSlot(InMemoryExporter(good)), ExporterSlot(InMemoryExporter(bad), name: "bad")])
        for i in 0..<7 {
            r.timedSpan("s\(i)") { _ in }
            try r.flush(timeout: .patience)
            let health = r.health.exporters[1]
            #expect(health.consecutiveFailures == min(i + 1, 5), "a disabled exporter is not tried")
            #expect(health.state == (i < 4 ? .failing : .disabled))
        }
        #expect(good.spans.count == 7)
        #expect(r.health.exporters[1].lost == 7 && r.health.exporters[1].lastError == down)
        try r.shutdown(timeout: .patience)
    }

    @Test func `a success resets the count of failures`() throws {
        let store = InMemoryExporter.Store()
        let r = Recorder(quiet, exporters: [ExporterSlot(InMemoryExporter(store))])
        for round in 0..<20 {
            store.fail(with: round % 3 == 0 ? down : nil)
            r.timedSpan("s") { _ in }
            try r.flush(timeout: .patience)
        }
        let health = r.health.exporters[0]
        #expect(health.failures == 7 && health.state != .disabled && health.exported == 13 && health.lost == 7)
        try r.shutdown(timeout: .patience)
    }

    @Test func `a backend that is back gets one notice per incident, with the count, before the records`() throws {
        let store = InMemoryExporter.Store(), other = InMemoryExporter.Store()
        let r = Recorder(
            quiet, exporters: [ExporterSlot(InMemoryExporter(store)), ExporterSlot(InMemoryExporter(other))])
        store.fail(with: down)
        for _ in 0..<3 {
            r.timedSpan("lost") { _ in }
            try r.flush(timeout: .patience)
        }
        store.fail(with: nil)
        for _ in 0..<2 {
            r.timedSpan("kept") { _ in }
            try r.flush(timeout: .patience)
        }
        try r.shutdown(timeout: .patience)
        #expect(store.records.outline == ["error no_telemetry_data", "span kept", "span kept"])
        guard case .telemetryDataError(let notice) = store.records[0] else { return }
        #expect(notice.lostRecords == 3 && notice.message.contains("refused"))
        #expect(!other.records.outline.contains { $0.hasPrefix("error") })
    }

    @Test func `a disabled exporter is probed again, and works again`() throws {
        var options = quiet
        options.disableAfter = 1
        options.probeAfter = .milliseconds(1)
        let store = InMemoryExporter.Store()
        let r = Recorder(options, exporters: [ExporterSlot(InMemoryExporter(store))])
        store.fail(with: down)
        r.timedSpan("lost") { _ in }
        try r.flush(timeout: .patience)
        #expect(r.health.exporters[0].state == .disabled)
        store.fail(with: nil)
        while r.health.exporters[0].state == .disabled {
            r.timedSpan("probe") { _ in }
            try r.flush(timeout: .patience)
        }
        try r.shutdown(timeout: .patience)
        #expect(store.records.outline.first == "error no_telemetry_data" && store.spans.count >= 1)
        let health = r.health
        #expect(health.recorded == health.exporters[0].exported + health.exporters[0].lost)
    }

    @Test func `an exporter says once that it fails and once that it works again`() throws {
        let lines = Locked<[String]>([])
        let redirection = Diagnostics.redirect { line in lines.withLock { $0.append(line) } }
        defer { Diagnostics.restore(redirection) }
        let store = InMemoryExporter.Store(), name = "spoken of"
        let r = Recorder(quiet, exporters: [ExporterSlot(InMemoryExporter(store), name: name)])
        store.fail(with: down)
        for _ in 0..<4 {
            r.timedSpan("lost") { _ in }
            try r.flush(timeout: .patience)
        }
        store.fail(with: nil)
        for _ in 0..<4 {
            r.timedSpan("kept") { _ in }
            try r.flush(timeout: .patience)
        }
        try r.shutdown(timeout: .patience)
        let mine = lines.withLock { $0.filter { $0.contains(name) } }
        #expect(mine.count == 2 && mine[0].contains("refused") && mine[1].contains("works again; 4 records"))
    }

    @Test func `a hanging exporter cannot hang a flush or a shutdown, and its loss is counted`() throws {
        let door = Door(), store = InMemoryExporter.Store(), good = InMemoryExporter.Store()
        let r = Recorder(
            quiet,
            exporters: [
                ExporterSlot(Hanging(door: door, store: store), name: "hanging"), ExporterSlot(InMemoryExporter(good)),
            ])
        for _ in 0..<3 { r.timedSpan("s") { _ in } }
        try r.flush(timeout: .zero)
        #expect(eventually { good.spans.count == 3 })
        let flushed = try r.flush(timeout: .milliseconds(20))
        #expect(!flushed.isComplete && flushed.pending.contains("hanging"))
        r.timedSpan("t") { _ in }
        try r.flush(timeout: .zero)
        #expect(eventually { good.spans.count == 4 })
        let report = try r.shutdown(timeout: .milliseconds(20))
        #expect(report.pending.contains("hanging") && !report.isComplete)
        let health = r.health
        #expect(health.exporters[0].lostToShutdown == 4 && health.exporters[0].exported == 0)
        #expect(health.recorded == 4)
        door.open()
    }

    @Test func `what a slow exporter's inbox cannot hold is lost for it alone`() throws {
        let door = Door(), slow = InMemoryExporter.Store(), fast = InMemoryExporter.Store()
        let r = Recorder(
            quiet,
            exporters: [
                ExporterSlot(Hanging(door: door, store: slow), inboxBytes: 64 << 10),
                ExporterSlot(InMemoryExporter(fast)),
            ])
        let text = String(repeating: "x", count: 30_000)
        for _ in 0..<10 {
            r.timedSpan("s") { $0["text"] = text }
            _ = try r.flush(timeout: .zero)
        }
        door.open()
        try r.shutdown(timeout: .seconds(30))
        let health = r.health
        #expect(fast.spans.count == 10 && health.exporters[1].lost == 0)
        #expect(health.exporters[0].lostToFullInbox > 0)
        #expect(health.exporters[0].exported + health.exporters[0].lost == 10)
    }

    @Test func `an exporter that cannot be opened is tried again with each batch`() throws {
        let attempts = Locked(0), store = InMemoryExporter.Store()
        let slot = ExporterSlot(name: "late") { (_: ExporterContext) throws(ExportError) -> InMemoryExporter in
            let attempt = attempts.withLock { count in
                count += 1
                return count
            }
            if attempt < 3 { throw .unavailable(destination: "late", errno: 2, reason: "no such directory") }
            return InMemoryExporter(store)
        }
        let r = Recorder(quiet, exporters: [slot])
        for i in 0..<4 {
            r.timedSpan("s\(i)") { _ in }
            try r.flush(timeout: .patience)
        }
        try r.shutdown(timeout: .patience)
        #expect(store.spans.map(\.name) == ["s1", "s2", "s3"])
        #expect(r.health.exporters[0].lost == 1)
    }

    @Test func `an exporter's own spans are not recorded, so that nothing feeds itself`() throws {
        struct Talkative: Exporter, Sendable {
            let box: Mutex2
            mutating func export(_ batch: Batch) throws(ExportError) {
                box.recorder?.timedSpan("inside") { _ in }
                box.count(batch.count)
            }
        }
        final class Mutex2: Sendable {
            private let state = Locked<(Recorder?, Int)>((nil, 0))
            var recorder: Recorder? { state.withLock { $0.0 } }
            var total: Int { state.withLock { $0.1 } }
            func set(_ r: Recorder) { state.withLock { $0.0 = r } }
            func count(_ n: Int) { state.withLock { $0.1 += n } }
        }
        let box = Mutex2()
        let r = Recorder(quiet, exporters: [ExporterSlot(Talkative(box: box))])
        box.set(r)
        r.timedSpan("outside") { _ in }
        for _ in 0..<3 { try r.flush(timeout: .patience) }
        try r.shutdown(timeout: .patience)
        #expect(box.total == 1 && r.health.recorded == 1)
    }

    @Test func `a processor's own spans are not recorded, on whichever thread it runs`() throws {
        struct Talkative: RecordProcessor {
            let recorder: @Sendable () -> Recorder?
            func process(_ records: [Record]) -> [Record] {
                recorder()?.timedSpan("inside") { _ in }
                return records
            }
        }
        let box = Locked<Recorder?>(nil), store = InMemoryExporter.Store()
        var options = quiet
        options.processors = [Talkative { box.withLock { $0 } }]
        let r = Recorder(options, exporters: [ExporterSlot(InMemoryExporter(store))])
        box.withLock { $0 = r }
        r.timedSpan("outside") { _ in }
        for _ in 0..<3 { try r.flush(timeout: .patience) }
        r.timedSpan("outside") { _ in }
        try r.shutdown(timeout: .patience)
        box.withLock { $0 = nil }
        #expect(store.spans.map(\.name) == ["outside", "outside"] && r.health.recorded == 2)
    }

    @Test func `a part of a batch can be lost, and the exporter stays healthy`() throws {
        let store = InMemoryExporter.Store()
        let r = Recorder(quiet, exporters: [ExporterSlot(InMemoryExporter(store))])
        for lost in [3, 0, 99, -1] {
            store.fail(with: .partial(destination: "quota", lost: lost, reason: "too many"))
            for _ in 0..<10 { r.timedSpan("s") { _ in } }
            try r.flush(timeout: .patience)
            let health = r.health.exporters[0]
            #expect(health.state == .healthy && health.failures == 0)
            #expect(health.exported + health.lost == r.health.recorded)
        }
        // 99 takes what was counted as exported before, and never more than that.
        #expect(r.health.exporters[0].exported == 10 && r.health.exporters[0].lostToFailure == 30)
        try r.shutdown(timeout: .patience)
    }

    @Test func `a closing exporter is told the deadline, and what it loses then is counted`() throws {
        struct Listening: Exporter, Sendable {
            let notice: ShutdownNotice, told: Locked<ContinuousClock.Instant?>
            mutating func export(_ batch: Batch) throws(ExportError) {}
            consuming func close() throws(ExportError) {
                told.withLock { [notice] told in told = notice.deadline }
                throw .partial(destination: "disk", lost: 2, reason: "kept, and gone")
            }
        }
        let told = Locked<ContinuousClock.Instant?>(nil)
        let slot = ExporterSlot(name: "listening") { (context) throws(ExportError) in
            Listening(notice: context.shutdown, told: told)
        }
        let r = Recorder(quiet, exporters: [slot])
        for _ in 0..<5 { r.timedSpan("s") { _ in } }
        let before = ContinuousClock.now
        let report = try r.shutdown(timeout: .seconds(30))
        let deadline = try #require(told.withLock { $0 })
        #expect(deadline > before && deadline <= ContinuousClock.now + .seconds(30))
        #expect(report.exported == 3 && report.lost == 2)
    }
}
