import CBench
import Glibc
import OneLogger
import OneLoggerJSONL
@_spi(Benchmarks) import OneLoggerOTLP
import OneLoggerPrometheus

/// Keeps the batches, so that encoders can be timed alone.
final class Keeper: Sendable {
    nonisolated(unsafe) var batches: [Batch] = []
}
struct Keep: Exporter, Sendable {
    let keeper: Keeper
    mutating func export(_ batch: Batch) throws(ExportError) { keeper.batches.append(batch) }
}

/// 400 spans with three attributes: an integer, a number with 17 digits, a short text.
func encoders() {
    let dynamic = "worker-" + String(Int(cb_opaque(7)))
    let keeper = Keeper()
    var options = RecorderOptions()
    options.flushInterval = .seconds(60)
    options.announce = .nothing
    // Spans only: a flush would add the recorder's own metrics to the batch.
    options.metrics.spans = .none
    options.metrics.process = false
    options.metrics.health = false
    let r = Recorder(options, exporters: [ExporterSlot(Keep(keeper: keeper))])
    r.timedSpan("epoch") { _ in
        for i in 0..<400 {
            r.timedSpan("train.step") { span in
                span["step"] = i
                span["loss"] = Double(i) * 0.371_234_567_890_123
                span["worker"] = dynamic
            }
        }
    }
    _ = try? r.flush()
    guard let batch = keeper.batches.first else { return }
    let file = "/tmp/onelogger-bench-\(cb_mono()).jsonl"
    for (name, path) in [("jsonl.encode", "/dev/null"), ("jsonl.file", file)] {
        guard var exporter = try? JSONLExporter(.init(path: path), ExporterContext()) else { continue }
        harness.run(name, per: batch.count, burst: 4, bursts: 500) { n in
            for _ in 0..<n { try? exporter.export(batch) }
        }
        try? exporter.close()
    }
    unlink(file)
    for (name, json) in [("otlp.encode", false), ("otlp.json.encode", true)] {
        var encoder = EncoderBenchmark(json: json, resource: r.resource)
        harness.run(name, per: batch.count, burst: 4, bursts: 500) { n in
            for _ in 0..<n { cb_sink(UInt64(encoder.encode(batch))) }
        }
    }
    var encoder = EncoderBenchmark(json: false, resource: r.resource)
    let output = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    harness.run("otlp.file", per: batch.count, burst: 4, bursts: 500) { n in
        for _ in 0..<n {
            encoder.encode(batch) { body in
                body.withUnsafeBytes { cb_sink(UInt64(write(output, $0.baseAddress, $0.count))) }
            }
        }
    }
    close(output)
    unlink(file)
    prometheus()
}

/// 10,000 series with two labels, updated by one batch and written into the file, per series.
func prometheus() {
    let time = Timestamp(nanoseconds: 1_795_220_211_886_000_000)
    let points = (0..<10_000).map { i in
        MetricPoint(
            name: "queue.depth", attributes: ["queue": .int(i), "span.name": "train.step"], start: time, time: time,
            value: .gauge(Double(i) * 0.371_234_567_890_123))
    }
    let batch = Batch(metrics: points), file = "/tmp/onelogger-bench-\(cb_mono()).prom"
    guard var exporter = try? PrometheusExporter(.init(path: file, removeAtEnd: true)) else { return }
    try? exporter.export(batch)
    harness.run("prometheus.write", per: points.count, burst: 1, bursts: 50) { n in
        for _ in 0..<n { try? exporter.export(batch) }
    }
    try? exporter.close()
}
