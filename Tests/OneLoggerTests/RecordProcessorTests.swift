import OneLogger
import OneLoggerTestSupport
import OneLoggerTesting
import Synchronization
import Testing

@Suite struct RecordProcessorTests {
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
        try r.shutdown(timeout: .patience)
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
        let error = try #require(throws: TelemetryError.self) { try r.shutdown(timeout: .patience) }
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
        try r.shutdown(timeout: .patience)
        #expect(store.spans.first { $0.name == "short" }?.events.map(\.name) == ["a", "c"])
        #expect(store.records.outline.contains("event d") && !store.records.outline.contains("event e"))
    }

    @Test func `checkpoint statistics are derived from events`() throws {
        let (r, store) = recorder { $0.processors = [CheckpointStats(every: 2)] }
        let job = r.start("job")
        for seconds in [2.0, 4.0, 3.0] { job.event("save_checkpoint", ["duration_s": .double(seconds)]) }
        job.stop()
        try r.shutdown(timeout: .patience)
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
}

/// Derives statistics from `save_checkpoint` events: every so many of them, and once more at the end.
struct CheckpointStats: RecordProcessor {
    private let every: Int
    private let state = Kept()

    final class Kept: Sendable {
        let summary = Locked(MetricSummarizer<Double>())
        let last = Locked<SpanEventRecord?>(nil)
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
