import CBench
import Glibc
import OneLogger
import OneLoggerOTLP

private func recorder(port: Int, _ change: (inout RecorderOptions) -> Void = { _ in }) -> Recorder {
    var options = RecorderOptions()
    change(&options)
    let slot = ExporterSlot(name: "otlp") { (context: ExporterContext) throws(ExportError) in
        try OTLPExporter(.init(endpoint: "http://127.0.0.1:\(port)"), context)
    }
    return Recorder(options, exporters: [slot])
}

/// What the exporter alone takes, from a batch of 2,000 spans to the collector's answer on a connection that is kept;
/// then everything from the call of the application on.
func otlp() {
    guard let sink = Sink() else { return }
    let time = Timestamp(nanoseconds: 1_795_220_211_886_000_000), count = 2_000, turns = 500
    let batch = Batch(
        spans: (0..<count).map { i in
            SpanRecord(
                "train.step", context: SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(UInt64(i + 1))),
                start: time, end: time,
                attributes: [
                    "step": .int(i), "loss": .double(Double(i) * 0.371_234_567_890_123), "worker": "worker-7",
                ])
        })
    guard var exporter = try? OTLPExporter(.init(endpoint: "http://127.0.0.1:\(sink.port)"), ExporterContext()) else {
        return
    }
    var costs: [Double] = []
    for _ in 0..<turns {
        let cpu = processCPU()
        do { try exporter.export(batch) } catch { failed = true }
        costs.append((processCPU() - cpu) / Double(count))
    }
    try? exporter.close()
    costs.sort()
    say("otlp exporter's CPU per span", "\(rounded(costs[turns / 2])) ns", "at most 100 ns, over HTTP, not compressed")
    say("otlp exporter's CPU, near-min", "\(rounded(costs[turns / 100])) ns", "information")
    let before = sink.total
    say(
        "otlp bytes per span", "\(rounded(Double(before) / Double(count * turns)))",
        "at most 115; the trace flags and the kind take 7")

    let r = recorder(port: sink.port) { $0.whenFull = .block(upTo: .seconds(10)) }
    let many = 2_000_000, start = cb_mono(), cpu = processCPU()
    r.timedSpan("epoch") { _ in for i in 0..<many { step(r, i) } }
    let result = finish(r, many + 1), wall = Double(cb_mono() - start)
    say("otlp total CPU per span", "\(rounded((processCPU() - cpu) / Double(many))) ns", "at most 600 ns")
    say("otlp rate", "\(rounded(Double(many) / wall * 1e3)) M spans/s", "at least 1 M spans/s, to a local sink")
    say("otlp records", result, "lost 0")
    sink.stop()
}

/// Ten million spans, as fast as they come, to a collector that takes 100,000 per second.
func slow() {
    guard let sink = Sink(pause: 20) else { return }
    let before = memory().now, own = memory().own, r = recorder(port: sink.port), count = 10_000_000
    r.timedSpan("epoch") { _ in for i in 0..<count / 2 { step(r, i) } }
    let half = memory().now
    r.timedSpan("epoch") { _ in for i in 0..<count / 2 { step(r, i) } }
    say(
        "slow collector, 10 million spans", "+\(rounded(memory().now - before)) MiB",
        "at most 32 MiB: pool 16, inbox 8, and what is under way")
    say("slow collector, without code", "+\(rounded(memory().own - own)) MiB", "what is in the process alone")
    say("slow collector, second half", "+\(rounded(memory().now - half)) MiB", "steady: about 0")
    if r.health.lostBeforeExport + r.health.exporters[0].lost == 0 { failed = true }
    say("slow collector, records", finish(r, count + 2, mayLose: true), "lost is counted")
    sink.stop()
}

/// A collector that answers after an hour, one that takes a second each time, one that is not there.
func hanging() {
    for (name, pause) in [("hanging", 3_600_000), ("slow", 1_000), ("absent", 0)] {
        guard let sink = Sink(pause: pause) else { return }
        if name == "absent" { sink.stop() }
        let r = recorder(port: sink.port)
        for i in 0..<50_000 { step(r, i) }
        let start = cb_mono()
        _ = try? r.shutdown(timeout: .seconds(2))
        let time = Double(cb_mono() - start) / 1e9
        if time > 2.1 { failed = true }
        say("shutdown, collector \(name)", "\(rounded(time)) s", "2 s given, at most 2.1 s")
        if name != "absent" { sink.stop() }
    }
}

/// Half a minute without a collector; what an hour takes is no more per second, because waits only get longer.
func outage() {
    guard let sink = Sink() else { return }
    let port = sink.port
    let errors = open(file, O_RDWR | O_CREAT | O_TRUNC, 0o600), real = dup(2)
    dup2(errors, 2)
    let r = recorder(port: port)
    step(r, 0)
    _ = try? r.flush()
    sink.stop()
    let before = memory().now, cpu = processCPU(), seconds = 30
    for i in 0..<seconds {
        step(r, i)
        sleep(1)
    }
    let share = (processCPU() - cpu) / Double(seconds) / 1e7
    let grown = memory().now - before
    guard let back = Sink(port: port) else { return }
    for _ in 0..<700 where r.health.exporters[0].state != .healthy { usleep(100_000) }
    _ = try? r.shutdown(timeout: .seconds(5))
    dup2(real, 2)
    back.stop()
    lseek(errors, 0, SEEK_SET)
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let text = String(decoding: bytes[..<max(0, read(errors, &bytes, bytes.count))], as: UTF8.self)
    let lines = text.split { $0.isNewline }
    if lines.count > 2 { failed = true }
    say("outage of 30 s, lines", "\(lines.count)", "at most 2")
    for line in lines { print("    \(line)") }
    say("outage, CPU", "\(rounded(share)) % of a core", "at most 0.1 %, with a span a second")
    say("outage, memory", "+\(rounded(grown)) MiB", "flat")
    unlink(file)
}
