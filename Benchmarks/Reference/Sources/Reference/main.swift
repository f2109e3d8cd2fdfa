import Metrics
import MetricsTestKit

// swift-metrics with its in-memory factory for tests: the same operations as `metrics.*`, printed as `Bench` prints them.
// The factory keeps every value, so each case has a counter of its own and few bursts.
let factory = TestMetrics()
MetricsSystem.bootstrap(factory)
let clock = ContinuousClock()

func run(_ name: String, burst: Int = 512, bursts: Int = 400, _ body: (Int) -> Void) {
    body(burst)
    var times: [Double] = []
    for _ in 0..<bursts {
        let start = clock.now
        body(burst)
        times.append((clock.now - start) / .nanoseconds(1) / Double(burst))
    }
    times.sort()
    print("time\t\(name)\t\(times[times.count / 2])\t\(times[times.count / 100])")
}

let counter = Counter(label: "bench.count", dimensions: [("phase", "train")])
run("reference.swift_metrics.counter") { n in for i in 0..<n { counter.increment(by: i) } }
let recorder = Recorder(label: "bench.duration", dimensions: [("phase", "train")])
run("reference.swift_metrics.histogram") { n in for i in 0..<n { recorder.record(Double(i & 63) * 0.01) } }
// With attributes per call: swift-metrics looks the handler up by label and dimensions each time.
run("reference.swift_metrics.attributes") { n in
    for i in 0..<n { Counter(label: "bench.count", dimensions: [("phase", "eval")]).increment(by: i) }
}
run("reference.swift_metrics.attributes3") { n in
    for i in 0..<n {
        Counter(
            label: "bench.count", dimensions: [("phase", "eval"), ("rank", "\(i & 7)"), ("worker", "worker-7")]
        ).increment()
    }
}
