import CBench
import Dispatch
import OneLogger

/// One value each, into series that exist.
func metrics() {
    let r = recorder(), dynamic = "worker-" + String(Int(cb_opaque(7)))
    let counter = r.counter("bench.count"), boundCounter = counter.bound(["phase": "train"])
    let histogram = r.histogram("bench.duration", unit: "s"), boundHistogram = histogram.bound(["phase": "train"])
    let exponential = r.histogram("bench.size", unit: "By", buckets: .exponential()).bound(["phase": "train"])
    let gauge = r.gauge("bench.level").bound(["phase": "train"])
    let off = Recorder.disabled.counter("bench.off")
    harness.run("metrics.disabled") { n in for i in 0..<n { off.add(i, ["phase": "train"]) } }
    harness.run("metrics.counter") { n in for i in 0..<n { boundCounter.add(i) } }
    harness.run("metrics.counter.unbound") { n in for i in 0..<n { counter.add(i) } }
    harness.run("metrics.gauge") { n in for i in 0..<n { gauge.record(i) } }
    harness.run("metrics.histogram") { n in for i in 0..<n { boundHistogram.record(Double(i & 63) * 0.01) } }
    harness.run("metrics.exponential") { n in for i in 0..<n { exponential.record(1 + i & 63) } }
    harness.run("metrics.attributes") { n in for i in 0..<n { counter.add(i, ["phase": "eval"]) } }
    harness.run("metrics.attributes3") { n in
        for i in 0..<n {
            counter.add(1, ["phase": "eval", "rank": .int(i & 7), "worker": .string(dynamic)])
        }
    }
    harness.run("metrics.attributes.value") { n in
        let attributes: Attributes = ["phase": "eval", "rank": 3]
        for _ in 0..<n { counter.add(1, attributes: attributes) }
    }
    // Spans and the pass that takes them, with and without what the metrics of their names cost.
    let unmeasured = recorder { $0.metrics.spans = .none }
    for (name, r) in [("drain.span", r), ("drain.span.unmeasured", unmeasured)] {
        harness.run(name, burst: 20_000, bursts: 40) { n in
            r.timedSpan("epoch") { _ in for i in 0..<n { r.timedSpan("train.step") { _ in work(i) } } }
            _ = try? r.flush()
        }
    }
}

/// The same instruments, written by two threads at once.
func metricThreads() {
    guard cb_valgrind() == 0, cb_counting() == 0 else { return }
    let r = recorder()
    let counter = r.counter("bench.count").bound(["phase": "train"])
    let histogram = r.histogram("bench.duration", unit: "s").bound(["phase": "train"])
    let attributes = r.counter("bench.attributes")
    final class Times: Sendable { nonisolated(unsafe) var all: [Double] = [] }
    func run(_ name: String, _ body: @escaping @Sendable (Int) -> Void) {
        guard harness.wants(name) else { return }
        let results = [Times(), Times()], done = DispatchGroup()
        for result in results {
            DispatchQueue(label: "producer").async(group: done) {
                for _ in 0..<8000 {
                    let start = cb_mono()
                    body(256)
                    result.all.append(Double(cb_mono() - start) / 256)
                }
            }
        }
        done.wait()
        harness.report(name, results.flatMap(\.all))
    }
    run("metrics.counter.two_threads") { n in for i in 0..<n { counter.add(i) } }
    run("metrics.histogram.two_threads") { n in for i in 0..<n { histogram.record(Double(i & 63) * 0.01) } }
    run("metrics.attributes.two_threads") { n in for i in 0..<n { attributes.add(i, ["phase": "eval"]) } }
}

/// A hundred thousand series: how long they take to make and to collect, and what they occupy.
func manySeries() {
    guard harness.wants("metrics.100000_series"), cb_valgrind() == 0, cb_counting() == 0 else { return }
    let r = recorder { $0.metrics.seriesLimit = 200_000 }
    let counter = r.counter("bench.many")
    func memory() -> Double {
        for point in r.metrics() where point.name == "process.memory.usage" {
            if case .upDownSum(let bytes) = point.value { return bytes }
        }
        return 0
    }
    r.counter("bench.first").add(1)
    let before = memory()
    for i in 0..<100_000 { counter.add(1, ["user": .int(i), "phase": "train"]) }
    let occupied = memory() - before
    var times: [Double] = []
    for _ in 0..<5 {
        let start = cb_mono()
        cb_sink(UInt64(r.metrics().count))
        times.append(Double(cb_mono() - start))
    }
    harness.report("metrics.100000_series", times)
    harness.report("metrics.100000_series.bytes", [occupied / 100_000])
}
