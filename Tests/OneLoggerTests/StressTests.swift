import OneLogger
import OneLoggerTestSupport
import OneLoggerTesting
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// Counts spans by their thread, and notices what comes twice or out of order.
final class Counter: Sendable {
    private struct State {
        var last: [Int: Int] = [:]
        var total = 0
        var wrong = 0
    }
    private let state = Locked(State())
    var total: Int { state.withLock { $0.total } }
    var wrong: Int { state.withLock { $0.wrong } }

    func add(_ batch: Batch) {
        state.withLock { state in
            batch.forEach { record in
                var thread = -1, index = -1
                record.forEachAttribute { attribute in
                    if attribute.key.count == 1 { thread = attribute.int } else { index = attribute.int }
                }
                state.total += 1
                if index <= state.last[thread] ?? -1 { state.wrong += 1 }
                state.last[thread] = index
            }
        }
    }

    struct Exporter: OneLogger.Exporter, Sendable {
        let counter: Counter
        mutating func export(_ batch: Batch) throws(ExportError) { counter.add(batch) }
    }
}

@Suite(.serialized) struct StressTests {
    /// Long runs under the sanitizers and by hand: `ONELOGGER_STRESS=10`.
    static let scale = unsafe getenv("ONELOGGER_STRESS").flatMap { unsafe Int(String(cString: $0)) } ?? 1

    @Test(arguments: [BackPressure.block(upTo: .seconds(30)), .dropNewest, .overwriteOldest])
    func `every record of many threads is delivered once and in order, or counted as lost`(policy: BackPressure) throws
    {
        var options = RecorderOptions()
        options.poolBytes = 12 * 65_536
        options.whenFull = policy
        options.flushInterval = .milliseconds(1)
        options.announce = .nothing
        let counter = Counter()
        let recorder = Recorder(
            options, exporters: [ExporterSlot(Counter.Exporter(counter: counter), inboxBytes: 1 << 30)])
        let long = 4, each = 20_000 * Self.scale, short = 200 * Self.scale, few = 20
        Threads.run(long) { thread in
            for i in 0..<each {
                recorder.timedSpan("work") { span in
                    span["t"] = thread
                    span["ix"] = i
                }
            }
        }
        for from in stride(from: 0, to: short, by: 8) {
            Threads.run(8) { thread in
                for i in 0..<few {
                    recorder.timedSpan("short") { span in
                        span["t"] = 1000 + from + thread
                        span["ix"] = i
                    }
                }
            }
        }
        Threads.run(2) { _ in for _ in 0..<50 { _ = try? recorder.flush(timeout: .patience) } }
        try recorder.shutdown(timeout: .seconds(60))
        let health = recorder.health, exporter = health.exporters[0]
        let expected = long * each + short * few
        #expect(counter.wrong == 0)
        #expect(health.recorded == expected)
        #expect(counter.total == exporter.exported)
        #expect(exporter.exported + exporter.lost + health.lostBeforeExport == expected)
        #expect(health.threads <= 1, "threads that ended have left nothing behind")
        if case .block = policy { #expect(counter.total == expected) }
    }

    @Test func `ten thousand short threads cost no more memory than the pool allows`() throws {
        var options = RecorderOptions()
        options.poolBytes = 1 << 20
        options.flushInterval = .milliseconds(5)
        options.announce = .nothing
        options.whenFull = .block(upTo: .seconds(30))
        let counter = Counter()
        let recorder = Recorder(options, exporters: [ExporterSlot(Counter.Exporter(counter: counter))])
        let count = 1_000 * Self.scale
        for from in stride(from: 0, to: count, by: 8) {
            Threads.run(8) { thread in
                recorder.timedSpan("short") { span in
                    span["t"] = from + thread
                    span["ix"] = 0
                }
            }
            #expect(recorder.health.poolBytes <= 1 << 20 + 65_536)
        }
        try recorder.shutdown(timeout: .seconds(60))
        #expect(counter.total == count && counter.wrong == 0)
    }

    @Test func `asynchronous spans that hop threads, with events and roots, are all delivered`() async throws {
        var options = RecorderOptions()
        options.flushInterval = .milliseconds(1)
        options.whenFull = .block(upTo: .seconds(30))
        let store = InMemoryExporter.Store()
        let recorder = Recorder(options, exporters: [ExporterSlot(InMemoryExporter(store), inboxBytes: 1 << 30)])
        let count = 500 * Self.scale
        await withTaskGroup { group in
            for i in 0..<count {
                group.addTask {
                    await recorder.timedSpan("root") { (span: inout TimedSpan) async in
                        span.event("first", ["i": .int(i)])
                        await Task.yield()
                        recorder.timedSpan("leaf") { $0["i"] = i }
                        await Task.yield()
                        span.event("last")
                        span["i"] = i
                    }
                }
            }
        }
        try recorder.shutdown(timeout: .seconds(60))
        let records = store.records, spans = records.spans
        let roots = spans.filter { $0.name == "root" }, leaves = spans.filter { $0.name == "leaf" }
        #expect(Set(roots.compactMap { $0.attributes["i"] }).count == count && roots.count == count)
        #expect(leaves.count == count)
        let byID = Dictionary(uniqueKeysWithValues: roots.map { ($0.context.spanID, $0) })
        #expect(leaves.allSatisfy { byID[$0.parentID]?.attributes["i"] == $0.attributes["i"] })
        let loose = records.filter { if case .event = $0 { true } else { false } }.count
        #expect(loose + roots.reduce(0) { $0 + $1.events.count } == 2 * count)
        let starts = records.filter { if case .start = $0 { true } else { false } }.count
        let stops = records.filter { if case .stop = $0 { true } else { false } }.count
        #expect(starts == stops)
        let health = recorder.health
        #expect(health.recorded == health.exporters[0].exported)
    }

    @Test func `manual spans of many threads end once each`() throws {
        var options = RecorderOptions()
        options.flushInterval = .milliseconds(1)
        options.whenFull = .block(upTo: .seconds(30))
        let store = InMemoryExporter.Store()
        let recorder = Recorder(options, exporters: [ExporterSlot(InMemoryExporter(store), inboxBytes: 1 << 30)])
        let open = Locked<[ManualSpan]>([])
        Threads.run(4) { thread in
            for i in 0..<500 * Self.scale {
                let span = recorder.start("s", attributes: ["t": .int(thread), "i": .int(i)])
                span.event("e")
                open.withLock { $0.append(span) }
                // Another thread's span as often as not.
                open.withLock { $0.randomElement() != nil ? $0.remove(at: $0.count / 2) : nil }?.stop()
            }
        }
        try recorder.shutdown(timeout: .seconds(60))
        let outline = store.records.outline, count = 2_000 * Self.scale
        for kind in ["start s", "event e", "stop s"] { #expect(outline.filter { $0 == kind }.count == count) }
        #expect(recorder.health.telemetryErrors == 0)
    }
}
