import OneLogger
import OneLoggerTestSupport
import OneLoggerTesting
import Synchronization
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// Each test runs in a process of its own, because forking a process full of other tests' threads proves little.
@Suite struct ForkTests {
    /// Runs `body` in a child and gives its exit status.
    static func inChild(_ body: () -> Bool) -> Int32 {
        let child = patientFork()
        if child == 0 {
            _exit(body() ? 0 : 1)
        }
        var status: Int32 = 0
        unsafe waitpid(child, &status, 0)
        return status
    }

    @Test func `a child has its own pid, new ids, no record of its parent, and exporters as configured`() async {
        await #expect(processExitsWith: .success) {
            let stores = Locked<[InMemoryExporter.Store]>([])
            let contexts = Locked<[ExporterContext]>([])
            let slot = ExporterSlot(name: "memory") {
                (context: ExporterContext) throws(ExportError) -> InMemoryExporter in
                let store = InMemoryExporter.Store()
                stores.withLock { $0.append(store) }
                contexts.withLock { $0.append(context) }
                return InMemoryExporter(store)
            }
            var options = RecorderOptions()
            options.flushInterval = .seconds(60)
            let r = Recorder(options, exporters: [slot])
            r.timedSpan("pending") { _ in }
            var parentIDs: Set<SpanID> = []
            r.timedSpan("before") { _ = parentIDs.insert($0.context.spanID) }
            let open = r.start("open in the parent")
            let status = r.timedSpan("around") { (around) -> Int32 in
                let parent = around.context
                return ForkTests.inChild {
                    var ids: Set<SpanID> = []
                    r.timedSpan("in child") { _ = ids.insert($0.context.spanID) }
                    r.timedSpan("in child") { _ = ids.insert($0.context.spanID) }
                    open.stop()
                    _ = try? r.shutdown(timeout: .patience)
                    guard let store = stores.withLock({ $0.last }), let context = contexts.withLock({ $0.last }) else {
                        return false
                    }
                    let spans = store.spans
                    return spans.map(\.name) == ["in child", "in child"]
                        && spans.allSatisfy { $0.parentID == parent.spanID && $0.context.traceID == parent.traceID }
                        && ids.count == 2 && ids.isDisjoint(with: parentIDs)
                        && store.resource.pid == Int(getpid()) && context.isReopening
                        && context.resource.pid == Int(getpid()) && r.health.recorded == 2
                }
            }
            open.stop()
            _ = try? r.shutdown(timeout: .patience)
            let mine = stores.withLock { $0[0] }
            let names = Set(mine.spans.map(\.name))
            let isWhole = names == ["pending", "before", "around", "open in the parent"] && mine.spans.count == 4
            exit(status == 0 && isWhole ? 0 : 1)
        }
    }

    @Test func `a child counts from zero, with a later start, and its parent goes on`() async {
        await #expect(processExitsWith: .success) {
            var options = RecorderOptions()
            options.metrics.process = false
            options.metrics.health = false
            let r = Recorder(options, exporters: [])
            let counter = r.counter("c"), histogram = r.histogram("h")
            let exponential = r.histogram("e", buckets: .exponential()), gauge = r.gauge("g")
            func values() -> [MetricPoint.Value] { r.metrics().map(\.value) }
            counter.add(5)
            counter.add(7, ["a": 1])
            histogram.record(1)
            exponential.record(1)
            gauge.record(3)
            let before = r.metrics()[0].start
            let status = ForkTests.inChild {
                guard values() == [.sum(0), .sum(0)] else { return false }
                counter.add(1)
                gauge.record(4)
                exponential.record(8)
                let points = r.metrics()
                return points.map(\.value).prefix(2) == [.sum(1), .sum(0)] && points.last?.value == .gauge(4)
                    && points.count == 4 && points[0].start > before
            }
            counter.add(1)
            let isWhole = values().prefix(2) == [.sum(6), .sum(7)] && values().last == .gauge(3)
            exit(status == 0 && isWhole ? 0 : 1)
        }
    }

    @Test func `fifty children fork while another thread records, and none hangs`() async {
        await #expect(processExitsWith: .success) {
            let slot = ExporterSlot(name: "memory") { (_: ExporterContext) throws(ExportError) -> InMemoryExporter in
                InMemoryExporter(InMemoryExporter.Store())
            }
            var options = RecorderOptions()
            options.flushInterval = .milliseconds(1)
            options.poolBytes = 1 << 20  // a pass, which a fork waits for, is long in a debug build
            options.announce = .nothing  // a pass may come between a root's announcement and its end
            let r = Recorder(options, exporters: [slot])
            // What the language's runtime sets up at a first use, no thread may be setting up when the process forks.
            let rehearsal = Recorder(options, exporters: [])
            rehearsal.timedSpan("rehearsal") { $0.event("e") }
            rehearsal.start("rehearsal").stop()
            _ = try? rehearsal.shutdown(timeout: .patience)
            _ = r.health
            let rounds = Atomic<Int>(0)
            let isBusy = Atomic<Bool>(true)
            let threads = (0..<2).map { i in
                Threads.start {
                    while isBusy.load(ordering: .relaxed) {
                        if i == 0 { r.timedSpan("busy") { $0.event("e") } } else { r.start("manual").stop() }
                        rounds.add(1, ordering: .relaxed)
                    }
                }
            }
            while rounds.load(ordering: .relaxed) < 1_000 { sched_yield() }
            var failures = 0
            for _ in 0..<50 {
                let status = ForkTests.inChild {
                    r.timedSpan("in child") { _ in }
                    let report = try? r.shutdown(timeout: .patience)
                    return report?.exported == 1 && report?.isComplete == true
                }
                if status != 0 { failures += 1 }
            }
            isBusy.store(false, ordering: .relaxed)
            for thread in threads { pthread_join(thread, nil) }
            _ = try? r.shutdown(timeout: .patience)
            exit(failures == 0 ? 0 : 1)
        }
    }

    @Test func `a child that records nothing exits at once, by exit or by exec's failure`() async {
        await #expect(processExitsWith: .success) {
            let store = InMemoryExporter.Store()
            var options = RecorderOptions()
            options.shutdownTimeout = .seconds(600)  // whoever waits for a thread that is not there waits for this
            let r = Recorder(options, exporters: [ExporterSlot(InMemoryExporter(store))])
            r.timedSpan("x") { _ in }
            let child = patientFork()
            if child == 0 {
                exit(0)
            }
            var status: Int32 = 0
            unsafe waitpid(child, &status, 0)
            _ = try? r.shutdown(timeout: .patience)
            exit(status == 0 && store.spans.count == 1 ? 0 : 1)
        }
    }

    @Test func `an exporter that was given open is closed for a child, and its records count as lost`() async {
        await #expect(processExitsWith: .success) {
            let store = InMemoryExporter.Store()
            let r = Recorder(RecorderOptions(), exporters: [ExporterSlot(InMemoryExporter(store))])
            let status = ForkTests.inChild {
                r.timedSpan("in child") { _ in }
                _ = try? r.shutdown(timeout: .patience)
                let health = r.health
                return store.spans.isEmpty && health.recorded == 1 && health.exporters[0].lost == 1
            }
            _ = try? r.shutdown(timeout: .patience)
            exit(status == 0 ? 0 : 1)
        }
    }

    @Test func `a child that records delivers on SIGTERM, and its parent lives on`() async {
        await #expect(processExitsWith: .success) {
            var ends: [Int32] = [0, 0]
            guard unsafe pipe(&ends) == 0 else { exit(9) }
            let writer = ends[1]
            struct Piped: Exporter, Sendable {
                let end: Int32
                mutating func export(_ batch: Batch) throws(ExportError) {
                    for line in batch.records.outline where line.hasPrefix("span") { unsafe _ = write(end, "s", 1) }
                }
            }
            let slot = ExporterSlot(name: "piped") { (_: ExporterContext) throws(ExportError) in Piped(end: writer) }
            var options = RecorderOptions()
            options.flushInterval = .seconds(60)
            let r = Recorder(options, exporters: [slot])
            Signals.watch()
            let child = patientFork()
            if child == 0 {
                r.timedSpan("in child") { _ in }
                kill(getpid(), SIGTERM)
                while true { pause() }
            }
            var status: Int32 = 0
            unsafe waitpid(child, &status, 0)
            close(writer)
            var byte: UInt8 = 0
            let count = unsafe read(ends[0], &byte, 1)
            r.timedSpan("in parent") { _ in }
            exit(status & 0x7f == SIGTERM && count == 1 && r.isRecording ? 0 : 1)
        }
    }

    @Test func `a child that does not record dies by a signal at once, and its parent lives on`() async {
        await #expect(processExitsWith: .success) {
            let r = Recorder(RecorderOptions(), exporters: [])
            Signals.watch()
            let child = patientFork()
            if child == 0 {
                kill(getpid(), SIGTERM)
                while true { pause() }
            }
            var status: Int32 = 0
            unsafe waitpid(child, &status, 0)
            exit(status & 0x7f == SIGTERM && r.isRecording ? 0 : 1)
        }
    }
}
