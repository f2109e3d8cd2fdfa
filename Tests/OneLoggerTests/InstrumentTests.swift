import OneLogger
import OneLoggerTestSupport
import OneLoggerTesting
import Synchronization
import Testing

/// A recorder that is read by hand, without the points that come by themselves.
func quietRecorder(_ change: (inout RecorderOptions) -> Void = { _ in }) -> Recorder {
    var options = RecorderOptions()
    options.metrics.process = false
    options.metrics.health = false
    options.onError = .propagate
    change(&options)
    return ManualClock(options, now: 5).recorder
}

extension Recorder {
    /// `name{attributes}=value` of every point, in their order.
    var shownMetrics: [String] {
        metrics().map { point in
            let value =
                switch point.value {
                case .sum(let value), .upDownSum(let value), .gauge(let value): "\(value)"
                case .histogram(let histogram): "\(histogram.count) values, \(histogram.sum)"
                case .exponentialHistogram(let histogram): "\(histogram.count) values, \(histogram.sum)"
                }
            return "\(point.name){\(point.attributes)}=\(value)"
        }
    }
}

@Suite struct InstrumentTests {
    @Test func `a counter keeps one sum per set of attributes, in whatever order they were written`() {
        let recorder = quietRecorder()
        let tokens = recorder.counter("train.tokens", unit: "{token}", description: "Tokens seen")
        tokens.add(4096)
        tokens.add(1, ["phase": "eval", "rank": 3])
        tokens.add(2, ["rank": 3, "phase": "eval"])
        tokens.add(0.5, attributes: ["phase": "eval", "rank": 3])
        tokens.bound(["rank": 3, "phase": "eval"]).add(10)
        tokens.bound(["phase": "train"]).add(0)
        #expect(
            recorder.shownMetrics == [
                "train.tokens{}=4096.0", "train.tokens{phase=eval rank=3}=13.5", "train.tokens{phase=train}=0.0",
            ])
        let point = recorder.metrics().first
        #expect(point?.unit == "{token}" && point?.summary == "Tokens seen")
        #expect(point?.start == Timestamp(nanoseconds: 0) || point?.start == Timestamp(nanoseconds: 5))
        #expect(point?.time == Timestamp(nanoseconds: 5))
    }

    @Test func `up-down counters and gauges go both ways`() {
        let recorder = quietRecorder()
        let open = recorder.upDownCounter("files.open"), loss = recorder.gauge("loss")
        open.add(3)
        open.add(-5)
        loss.record(0.5)
        loss.record(-0.25)
        loss.record(7, ["set": "validation"])
        _ = loss.bound(["set": "never"])
        #expect(recorder.shownMetrics == ["files.open{}=-2.0", "loss{}=-0.25", "loss{set=validation}=7.0"])
        let values = recorder.metrics().map(\.value)
        #expect(values.first == .upDownSum(-2) && values.last == .gauge(7))
    }

    @Test func `a histogram sorts by the bounds of its unit, and bounds are inclusive`() throws {
        let recorder = quietRecorder()
        let step = recorder.histogram("train.step.duration", unit: "s").bound(["phase": "train"])
        for value in [0.001, 0.0011, 3600, 4000] { step.record(value) }
        let point = try #require(recorder.metrics().first)
        guard case .histogram(let histogram) = point.value else { throw Wrong() }
        #expect(histogram.bounds.first == 0.001 && histogram.bounds.last == 3600)
        #expect(histogram.counts.first == 1 && histogram.counts[1] == 1)
        #expect(histogram.counts.suffix(2) == [1, 1])
        #expect(histogram.count == 4 && histogram.min == 0.001 && histogram.max == 4000)
        #expect(histogram.sum == 0.001 + 0.0011 + 3600 + 4000)
    }

    @Test func `attributes of every type and length find their series again`() {
        let recorder = quietRecorder()
        let counter = recorder.counter("c")
        let long = String(repeating: "ä", count: 400), empty = ""
        for _ in 0..<2 {
            counter.add(1, ["i": 1, "d": 0.5, "b": true, "s": .string(long), "e": .string(empty)])
            counter.add(1, attributes: ["list": .ints([1, 2]), "x": .strings(["a", "b"])])
            counter.add(1, ["k": 1, "k": 2])
            counter.add(1, ["k": 2])
        }
        let points = recorder.metrics()
        #expect(points.map(\.value) == [.sum(2), .sum(2), .sum(4)])
        #expect(
            points.map(\.attributes) == [
                ["i": 1, "d": 0.5, "b": true, "s": .string(long), "e": ""],
                ["list": .ints([1, 2]), "x": .strings(["a", "b"])], ["k": 2],
            ])
    }

    @Test func `beyond the limit one series takes the overflow`() {
        let recorder = quietRecorder { $0.metrics.seriesLimit = 3 }
        let few = recorder.counter("few"), more = recorder.counter("more", seriesLimit: 5)
        for i in 0..<10 {
            few.add(1, ["i": .int(i)])
            more.add(1, ["i": .int(i)])
        }
        few.add(1, ["i": 0])
        #expect(
            recorder.shownMetrics == [
                "few{i=0}=2.0", "few{i=1}=1.0", "few{otel.metric.overflow=true}=8.0", "more{i=0}=1.0",
                "more{i=1}=1.0", "more{i=2}=1.0", "more{i=3}=1.0", "more{otel.metric.overflow=true}=6.0",
            ])
    }

    @Test func `attributes that are too long for a series go to the overflow`() {
        let recorder = quietRecorder()
        recorder.counter("c").add(1, ["s": .string(String(repeating: "x", count: 5000))])
        #expect(recorder.shownMetrics == ["c{otel.metric.overflow=true}=1.0"])
    }

    @Test func `the same definition gives the same instrument`() throws {
        let recorder = quietRecorder()
        recorder.counter("c", unit: "By").add(1)
        recorder.counter("C", unit: "By", description: "another").add(2)
        recorder.histogram("h", buckets: .explicit([1, 2])).record(1)
        recorder.histogram("h", buckets: .explicit([1, 2])).record(1)
        #expect(recorder.shownMetrics == ["c{}=3.0", "h{}=2 values, 2.0"])
        try recorder.flush(timeout: .patience)
    }

    @Test func `the instruments of a recorder that is off or shut down do nothing and are safe`() throws {
        let off = Recorder.disabled
        off.counter("no name!").add(-1)
        off.histogram("h", buckets: .explicit([2, 1])).bound(["a": 1]).record(Double.nan)
        off.observableGauge("g") { $0.observe(1) }.stop()
        #expect(off.metrics() == [])

        let recorder = quietRecorder()
        let counter = recorder.counter("c"), bound = recorder.histogram("h").bound(["a": 1])
        try recorder.shutdown(timeout: .patience)
        counter.add(1, ["new": true])
        bound.record(1)
        recorder.gauge("late").record(1)
        #expect(!recorder.shownMetrics.contains("late{}=1.0"))
    }

    @Test func `threads lose nothing`() async {
        let recorder = quietRecorder()
        let counter = recorder.counter("c"), bound = counter.bound(["b": 1])
        let plain = recorder.histogram("h"), exponential = recorder.histogram("e", buckets: .exponential())
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<4 {
                group.addTask {
                    for i in 0..<20_000 {
                        counter.add(1)
                        bound.add(2)
                        counter.add(1, ["task": .int(task), "i": .int(i % 3)])
                        plain.record(i % 100)
                        exponential.record(1 + i % 100)
                    }
                }
            }
            for _ in 0..<50 { _ = recorder.metrics() }
        }
        let points = recorder.metrics()
        #expect(points.filter { $0.name == "c" }.count == 14)
        let total = points.reduce(0.0) { if case .sum(let value) = $1.value { $0 + value } else { $0 } }
        #expect(total == 4 * 20_000 * 4)
        for point in points {
            switch point.value {
            case .histogram(let histogram): #expect(histogram.count == 80_000 && histogram.sum == 80_000 * 49.5)
            case .exponentialHistogram(let histogram):
                #expect(histogram.count == 80_000 && histogram.sum == 80_000 * 50.5)
                #expect(histogram.positive.counts.reduce(0, +) == 80_000)
            default: break
            }
        }
    }

    @Test func `a hundred thousand series are kept and collected`() {
        let recorder = quietRecorder { $0.metrics.seriesLimit = 200_000 }
        let counter = recorder.counter("c")
        for i in 0..<100_000 { counter.add(1, ["user": .int(i), "phase": "train"]) }
        #expect(recorder.metrics().count == 100_000)
    }

    struct Wrong: Error {}
}
