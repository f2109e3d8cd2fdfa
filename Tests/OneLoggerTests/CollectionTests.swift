import OneLogger
import OneLoggerTestSupport
import OneLoggerTesting
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// When metrics leave, and which come by themselves.
@Suite struct CollectionTests {
    private func options(_ change: (inout RecorderOptions) -> Void = { _ in }) -> RecorderOptions {
        var options = RecorderOptions()
        options.flushInterval = .seconds(60)
        options.metrics.process = false
        options.metrics.health = false
        change(&options)
        return options
    }

    @Test func `a flush and the shutdown collect, with cumulative values and one start`() throws {
        let store = InMemoryExporter.Store()
        let recorder = Recorder(options(), exporters: [ExporterSlot(InMemoryExporter(store))])
        let counter = recorder.counter("c")
        counter.add(1)
        try recorder.flush(timeout: .patience)
        counter.add(2)
        try recorder.shutdown(timeout: .patience)
        #expect(store.metrics.map(\.value) == [.sum(1), .sum(3)])
        #expect(Set(store.metrics.map(\.start)).count == 1)
        #expect(store.metrics[0].start <= store.metrics[0].time && store.metrics[0].time <= store.metrics[1].time)
        #expect(store.records.outline == ["metric c", "metric c"])
    }

    @Test func `the interval collects without being told`() throws {
        let store = InMemoryExporter.Store()
        let recorder = Recorder(
            options {
                $0.flushInterval = .milliseconds(10)
                $0.metricsInterval = .milliseconds(10)
            }, exporters: [ExporterSlot(InMemoryExporter(store))])
        recorder.counter("c").add(1)
        #expect(eventually { store.metrics.count >= 3 })
        try recorder.shutdown(timeout: .patience)
    }

    @Test func `a recorder that was never used says nothing at its end`() throws {
        let store = InMemoryExporter.Store()
        let recorder = Recorder(RecorderOptions(), exporters: [ExporterSlot(InMemoryExporter(store))])
        try recorder.flush(timeout: .patience)
        try recorder.shutdown(timeout: .patience)
        #expect(store.metrics == [])
    }

    @Test func `more points than a batch holds leave in several, each once`() throws {
        let store = InMemoryExporter.Store()
        let recorder = Recorder(
            options { $0.metrics.seriesLimit = 10_000 }, exporters: [ExporterSlot(InMemoryExporter(store))])
        let counter = recorder.counter("c")
        for i in 0..<4500 { counter.add(1, ["i": .int(i)]) }
        try recorder.shutdown(timeout: .patience)
        #expect(store.metrics.count == 4500 && Set(store.metrics.map(\.attributes)).count == 4500)
    }

    @Test func `spans of every name are timed and counted by status`() throws {
        struct Boom: Error {}
        let clock = ManualClock(options(), now: 1_000_000_000)
        let recorder = clock.recorder
        recorder.timedSpan("epoch") { _ in
            recorder.timedSpan("step") { _ in clock.set(1_500_000_000) }
            recorder.timedSpan("step") { span in span.setStatus(.ok) }
            try? recorder.timedSpan("step") { _ in throw Boom() }
            try? recorder.timedSpan("step") { _ in throw CancellationError() }
        }
        let manual = recorder.start("manual")
        clock.set(2_500_000_000)
        manual.stop()
        _ = recorder.takeRecords()
        #expect(
            recorder.shownMetrics == [
                "span.duration{span.name=epoch}=1 values, 0.5",
                "span.count{span.name=epoch span.status=unset}=1.0",
                "span.duration{span.name=manual}=1 values, 1.0",
                "span.count{span.name=manual span.status=unset}=1.0",
                "span.duration{span.name=step}=4 values, 0.5",
                "span.count{span.name=step span.status=unset}=1.0",
                "span.count{span.name=step span.status=ok}=1.0",
                "span.count{span.name=step span.status=error}=1.0",
                "span.count{span.name=step span.status=cancelled}=1.0",
            ])
    }

    @Test func `only the names that are asked for are timed, and summarised ones always`() {
        let recorder = ManualClock(
            options {
                $0.metrics.spans = .only(["b"])
                $0.filter = .summarise(["c"])
            }
        ).recorder
        for _ in 0..<2 {
            recorder.timedSpan("a") { _ in }
            recorder.timedSpan("b") { _ in }
            recorder.timedSpan("c") { _ in }
        }
        _ = recorder.takeRecords()
        let names = recorder.metrics().filter { $0.name == "span.duration" }.map(\.attributes)
        #expect(names == [["span.name": "b"], ["span.name": "c"]])
    }

    @Test func `names made at run time are bounded`() {
        let recorder = ManualClock(options()).recorder
        for i in 0..<2500 { recorder.timedSpan("dynamic-\(i)") { _ in } }
        _ = recorder.takeRecords()
        let durations = recorder.metrics().filter { $0.name == "span.duration" }
        #expect(durations.count == 2000)
        guard case .histogram(let rest)? = durations.last?.value else { return }
        #expect(durations.last?.attributes == ["otel.metric.overflow": true] && rest.count == 501)
    }

    @Test func `the process and the recorder measure themselves`() throws {
        let store = InMemoryExporter.Store()
        let recorder = Recorder(
            options {
                $0.metrics.process = true
                $0.metrics.health = true
            }, exporters: [ExporterSlot(InMemoryExporter(store), name: "store")])
        recorder.timedSpan("x") { _ in }
        try recorder.flush(timeout: .patience)
        try recorder.flush(timeout: .patience)
        func value(_ name: String, _ attributes: Attributes = [:]) -> Double {
            let point = recorder.metrics().first { $0.name == name && $0.attributes == attributes }
            switch point?.value {
            case .sum(let value), .upDownSum(let value), .gauge(let value): return value
            case .histogram(let values): return values.sum
            default: return -1
            }
        }
        #expect(value("onelogger.recorded") == 1 && value("onelogger.dropped") == 0)
        #expect(value("onelogger.exported", ["exporter": "store"]) == 1)
        #expect(value("onelogger.lost", ["exporter": "store"]) == 0)
        #expect(value("onelogger.exporter.state", ["exporter": "store"]) == 0)
        #expect(value("onelogger.export.duration", ["exporter": "store"]) > 0)
        #expect(value("process.cpu.time", ["cpu.mode": "user"]) > 0 && value("process.memory.usage") > 1e6)
        let age = value("process.start_time") - Double(store.metrics.last?.time.nanoseconds ?? 0) / 1e9
        #expect(age < 1 && age > -86_400)
        try recorder.shutdown(timeout: .patience)
    }

    @Test func `the last collection knows what became of the last records`() throws {
        let store = InMemoryExporter.Store()
        let recorder = Recorder(
            options { $0.metrics.health = true }, exporters: [ExporterSlot(InMemoryExporter(store), name: "store")])
        for _ in 0..<5 { recorder.timedSpan("x") { _ in } }
        _ = recorder.start("open")  // announced, and ended by the shutdown
        try recorder.shutdown(timeout: .patience)
        let last = store.metrics.filter { $0.attributes["exporter"] == "store" }
        #expect(last.first { $0.name == "onelogger.exported" }?.value == .sum(7))
        guard case .histogram(let durations) = last.first(where: { $0.name == "onelogger.export.duration" })?.value
        else { return #expect(Bool(false), "there must be a distribution") }
        #expect(durations.count > 0 && durations.sum > 0 && durations.bounds.first == 1e-6)
    }

    @Test func `an exporter that hangs does not keep the last collection from the others for long`() throws {
        let store = InMemoryExporter.Store(), door = Door()
        defer { door.open() }
        let hanging = Hanging(door: door, store: InMemoryExporter.Store())
        let recorder = Recorder(
            options { $0.metrics.health = true },
            exporters: [ExporterSlot(hanging, name: "slow"), ExporterSlot(InMemoryExporter(store), name: "fast")])
        recorder.timedSpan("x") { _ in }
        // It hangs until the other one has the last collection, and no longer.
        let opener = Threads.start {
            _ = eventually {
                store.metrics.contains { $0.name == "onelogger.exported" && $0.attributes["exporter"] == "fast" }
            }
            door.open()
        }
        try recorder.shutdown(timeout: .patience)
        pthread_join(opener, nil)
        let exported = store.metrics.filter { $0.name == "onelogger.exported" }
        #expect(exported.first { $0.attributes["exporter"] == "fast" }?.value == .sum(1))
        #expect(exported.first { $0.attributes["exporter"] == "slow" }?.value == .sum(0))
    }

    @Test func `exemplars name the span, one per bucket and collection`() throws {
        let recorder = ManualClock(options { $0.metrics.exemplars = true }, now: 77).recorder
        let counter = recorder.counter("c"), histogram = recorder.histogram("h", buckets: .explicit([1, 2]))
        let exponential = recorder.histogram("e", buckets: .exponential()), gauge = recorder.gauge("g")
        counter.add(1)
        #expect(recorder.metrics()[0].exemplars == [], "nothing runs")
        var context: SpanContext?
        recorder.timedSpan("step") { span in
            context = span.context
            counter.add(2)
            counter.add(3)
            gauge.record(1)
            for value in [0.5, 0.6, 5] {
                histogram.record(value)
                exponential.record(value)
            }
        }
        let points = recorder.metrics().filter { !$0.name.hasPrefix("span.") }
        let span = try #require(context)
        func example(_ value: Double) -> MetricPoint.Exemplar {
            MetricPoint.Exemplar(value: value, time: Timestamp(nanoseconds: 77), span: span)
        }
        #expect(points.map(\.name) == ["c", "h", "e", "g"])
        #expect(points[0].exemplars == [example(2)])
        #expect(points[1].exemplars == [example(0.5), example(5)])
        #expect(points[2].exemplars.count == 2 && points[3].exemplars == [])
        recorder.timedSpan("next") { _ in histogram.record(0.7) }
        #expect(recorder.metrics()[1].exemplars.map(\.value) == [0.7, 5], "a newer one replaces an older one")
    }

    @Test func `an unsampled span is no example, and an asynchronous one is`() async {
        let unsampled = ManualClock(
            options {
                $0.metrics.exemplars = true
                $0.sampling = .ratio(0)
            }
        ).recorder
        let counter = unsampled.counter("c")
        unsampled.timedSpan("x") { _ in counter.add(1) }
        #expect(unsampled.metrics().flatMap { $0.exemplars } == [])

        let recorder = ManualClock(options { $0.metrics.exemplars = true }).recorder
        let other = recorder.counter("c")
        await recorder.timedSpan("x") { (_: inout TimedSpan) async in
            await Task.yield()
            other.add(1)
        }
        #expect(recorder.metrics().first?.exemplars.count == 1)
    }
}
