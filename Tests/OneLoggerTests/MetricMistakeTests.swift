import OneLogger
import OneLoggerTestSupport
import OneLoggerTesting
import Synchronization
import Testing

/// What must not harm: wrong names, wrong values, callbacks that misbehave.
@Suite struct MetricMistakeTests {
    /// What the next flush says.
    private func told(_ recorder: Recorder) -> String {
        do throws(TelemetryError) {
            try recorder.flush(timeout: .patience)
            return ""
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        ("", "the name is empty"), ("1st", "the name '1st' does not begin with a letter from a to z"),
        ("a b", "the name 'a b' contains ' '"), ("größe", "the name 'größe' contains 'ö'"),
        ("a" + String(repeating: "b", count: 255), "has 256 bytes, at most 255 are allowed"),
        ("span.duration", "the name 'span.duration' belongs to a metric of the recorder itself"),
        ("OneLogger_data/complete", "belongs to a metric"), ("process.start_time", "belongs to a metric"),
    ])
    func `a name that OpenTelemetry does not allow is an error, and what is recorded is lost`(
        name: String, problem: String
    ) {
        let recorder = quietRecorder()
        let counter = recorder.counter(name)
        counter.add(1)
        counter.bound(["a": 1]).add(1)
        let told = told(recorder)
        #expect(told.hasPrefix("Recorder.counter: error: ") && told.contains(problem), "\(told)")
        #expect(recorder.metrics() == [])
    }

    @Test func `every allowed kind of name works`() throws {
        let recorder = quietRecorder()
        let longest = "a" + String(repeating: "1", count: 254)
        for name in ["a", "Z9", "a.b-c_d/e", longest, "oneloggers", "span.durations"] { recorder.counter(name).add(1) }
        #expect(recorder.metrics().count == 6)
        try recorder.flush(timeout: .patience)
    }

    @Test func `a unit that is too long or not ASCII is an error`() {
        let recorder = quietRecorder()
        recorder.gauge("g", unit: String(repeating: "s", count: 64)).record(1)
        #expect(told(recorder).contains("the unit has 64 bytes, at most 63 are allowed"))
        recorder.gauge("h", unit: "µs").record(1)
        #expect(told(recorder).contains("the unit 'µs' is not printable ASCII"))
        #expect(recorder.metrics() == [])
    }

    @Test func `a name with another type or unit is an error, and the first one goes on`() {
        let recorder = quietRecorder()
        let first = recorder.counter("c", unit: "By")
        recorder.gauge("c", unit: "By").record(5)
        #expect(told(recorder).contains("'c' is a counter in 'By' already, and now a gauge in 'By'"))
        recorder.counter("c", unit: "s").add(5)
        #expect(told(recorder).contains("'c' is a counter in 'By' already, and now a counter in 's'"))
        recorder.observableCounter("c", unit: "By") { $0.observe(7) }
        #expect(told(recorder).contains("and now observed by callbacks, a counter in 'By'"))
        first.add(1)
        #expect(recorder.shownMetrics == ["c{}=1.0"])
    }

    @Test func `bounds that cannot be used are an error, and those of the unit are taken`() throws {
        let recorder = quietRecorder()
        let wrong: [(HistogramBuckets, String)] = [
            (.explicit([1, 1]), "the bucket bound 1.0 follows 1.0, but bounds must ascend"),
            (.explicit([1, .infinity]), "the bucket bound inf is not finite"),
            (.explicit((0...1024).map(Double.init)), "there are 1025 bucket bounds, at most 1,024 are allowed"),
            (.exponential(maxSize: 3), "maxSize is 3, allowed are 4 to 1,024"),
            (.exponential(maxScale: 21), "maxScale is 21, allowed are -10 to 20"),
        ]
        for (place, (buckets, problem)) in wrong.enumerated() {
            recorder.histogram("h\(place)", unit: "s", buckets: buckets).record(1)
            #expect(told(recorder).contains(problem))
        }
        for point in recorder.metrics() {
            guard case .histogram(let histogram) = point.value else { continue }
            #expect(histogram.bounds == HistogramBuckets.bounds(forUnit: "s"))
        }
        #expect(recorder.metrics().count == 5)
        recorder.histogram("h0", unit: "s", buckets: .explicit([7])).record(1)
        #expect(told(recorder).contains("'h0' has other bucket bounds already"))
    }

    @Test func `a value that cannot be taken is counted, and told once per instrument`() {
        let recorder = quietRecorder { $0.metrics.health = true }
        let counter = recorder.counter("c"), histogram = recorder.histogram("h"), gauge = recorder.gauge("g")
        for _ in 0..<3 {
            counter.add(-1)
            counter.add(Double.nan, ["a": 1])
            histogram.record(Double.infinity)
            gauge.record(Double.nan)
            recorder.upDownCounter("u").add(-Double.infinity)
        }
        counter.add(2)
        let told = told(recorder)
        #expect(told.contains("metric 'c': error: the value -1.0 was refused: a counter only grows. Use an up-down"))
        #expect(told.hasSuffix("(and 3 more)"))
        let points = recorder.metrics()
        #expect(points.first { $0.name == "c" }?.value == .sum(2))
        #expect(!points.contains { $0.name == "h" || $0.name == "g" })
        #expect(points.first { $0.name == "onelogger.refused" }?.value == .sum(15))
    }

    @Test func `callbacks are asked at each reading, and may be taken away`() {
        let recorder = quietRecorder { $0.metrics.seriesLimit = 3 }
        let calls = Atomic<Int>(0)
        let depth = recorder.observableGauge("queue.depth") { observer in
            calls.add(1, ordering: .relaxed)
            observer.observe(17, ["q": "a"])
            observer.observe(18, ["q": "a"])
        }
        recorder.observableCounter("pages") { observer in for i in 1...4 { observer.observe(i, ["i": .int(i)]) } }
        let shown = [
            "queue.depth{q=a}=18.0", "pages{i=1}=1.0", "pages{i=2}=2.0", "pages{otel.metric.overflow=true}=7.0",
        ]
        #expect(recorder.shownMetrics == shown && recorder.shownMetrics == shown)
        depth.stop()
        #expect(recorder.shownMetrics == Array(shown.dropFirst()))
        #expect(calls.load(ordering: .relaxed) == 2)
    }

    @Test func `a callback may throw, register instruments and observe nonsense, and the others go on`() {
        struct Broken: Error {}
        let recorder = quietRecorder()
        let kept = Locked<MetricObserver?>(nil)
        recorder.observableGauge("throws") { observer in
            observer.observe(1)
            throw Broken()
        }
        recorder.observableUpDownCounter("registers") { [weak recorder] observer in
            recorder?.counter("made.inside").add(1)
            observer.observe(Double.nan)
            observer.observe(2)
            kept.withLock { $0 = observer }
        }
        #expect(recorder.shownMetrics.sorted() == ["registers{}=2.0", "throws{}=1.0"])
        kept.withLock { $0 }?.observe(3)
        #expect(recorder.shownMetrics.sorted() == ["made.inside{}=2.0", "registers{}=2.0", "throws{}=1.0"])
        let told = told(recorder)
        #expect(told.hasPrefix("callback of metric 'throws': error: Broken()."))
        #expect(told.hasSuffix("(and 1 more)"), "the second reading tells nothing twice: \(told)")
    }

    @Test func `a callback that blocks is left alone until it returns, and the others go on`() {
        let recorder = quietRecorder()
        let gate = Gate(), left = Gate(), isIn = Atomic<Int>(0)
        recorder.observableGauge("a") { $0.observe(1) }
        recorder.observableGauge("blocks") { observer in
            isIn.add(1, ordering: .relaxed)
            gate.pass()
            observer.observe(2)
            left.open()
        }
        recorder.observableGauge("c") { $0.observe(3) }
        #expect(recorder.shownMetrics == ["a{}=1.0", "c{}=3.0"])
        #expect(recorder.shownMetrics == ["a{}=1.0", "c{}=3.0"])
        #expect(isIn.load(ordering: .relaxed) == 1)
        #expect(told(recorder).contains("callback of metric 'blocks': error: it did not return in time"))
        gate.open()
        #expect(left.pass())
        // The thread that ran it may still be on its way out.
        #expect(eventually { recorder.shownMetrics == ["a{}=1.0", "blocks{}=2.0", "c{}=3.0"] })
    }

    @Test func `a shutdown lets go of the callbacks`() throws {
        final class Held: Sendable {
            let gone: Gate
            init(_ gone: Gate) { self.gone = gone }
            deinit { gone.open() }
        }
        let gone = Gate()
        let recorder = quietRecorder()
        do {
            let held = Held(gone)
            recorder.observableGauge("g") { observer in withExtendedLifetime(held) { observer.observe(1) } }
        }
        #expect(!gone.isOpen && recorder.shownMetrics == ["g{}=1.0"])
        try recorder.shutdown(timeout: .patience)
        // The thread that ran it may still be on its way out.
        #expect(gone.pass())
    }

    @Test func `a recorder that disables itself quietly does so for a wrong name as well`() {
        let recorder = quietRecorder { $0.onError = .disableQuietly }
        let counter = recorder.counter("c")
        _ = recorder.counter("not allowed")
        #expect(!recorder.isRecording)
        counter.add(1)
        recorder.gauge("later").record(1)
        #expect(recorder.health.telemetryErrors == 1)
    }
}
