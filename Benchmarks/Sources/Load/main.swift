import CBench
import Glibc
import OneLogger
import OneLoggerJSONL
import OneLoggerPrometheus
import ResourceTelemetry

/// Loads that a table of nanoseconds does not show: the tail of the cost, a file end to end, memory, a steady rate.
///
/// `Load [tail|jsonl|burst|threads|steady|start|prometheus|otlp|slow|hanging|outage|resources]`; without an argument all of them. Prints what it
/// measured and what is wanted of it; exits 1 when records were lost that should not have been, or many series cost too much.
let file = "/tmp/onelogger-load-\(getpid()).jsonl"
nonisolated(unsafe) var failed = false

func say(_ name: String, _ value: String, _ wanted: String) {
    print("\(name)\(String(repeating: " ", count: max(1, 34 - name.count)))\(value)   (wanted: \(wanted))")
}

func rounded(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }

/// What the process occupies now, and at most so far; and now without pages of programs and libraries.
///
/// Unit: MiB.
func memory() -> (now: Double, peak: Double, own: Double) {
    var now = 0.0, peak = 0.0, own = 0.0
    guard let status = fopen("/proc/self/status", "r") else { return (0, 0, 0) }
    defer { fclose(status) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, 256, status) != nil {
        let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split {
            " \t\n".contains($0)
        }
        if words.first == "VmRSS:" { now = (Double(words[1]) ?? 0) / 1024 }
        if words.first == "RssAnon:" { own = (Double(words[1]) ?? 0) / 1024 }
        if words.first == "VmHWM:" { peak = (Double(words[1]) ?? 0) / 1024 }
    }
    return (now, peak, own)
}

func processCPU() -> Double {
    var t = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t)
    return Double(t.tv_sec) * 1e9 + Double(t.tv_nsec)
}

/// Makes a recorder that writes into `path`: `/dev/null` where gigabytes would say nothing more.
func recorder(to path: String = file, _ change: (inout RecorderOptions) -> Void = { _ in }) -> Recorder {
    var options = RecorderOptions()
    change(&options)
    unlink(file)
    let slot = ExporterSlot(name: "jsonl") { (context: ExporterContext) throws(ExportError) in
        try JSONLExporter(.init(path: path), context)
    }
    return Recorder(options, exporters: [slot])
}

@inline(never) func step(_ r: Recorder, _ i: Int) {
    r.timedSpan("train.step") { span in
        span["step"] = i
        span["loss"] = Double(i) * 0.371_234_567_890_123
        span["worker"] = "worker-7"
    }
}

/// Shuts down, and says whether every one of `count` spans is in the file or, where that is allowed, counted as lost.
func finish(_ r: Recorder, _ count: Int, mayLose: Bool = false) -> String {
    _ = try? r.shutdown(timeout: .seconds(60))
    let health = r.health, exporter = health.exporters[0]
    let lost = exporter.lost + health.lostBeforeExport
    let adds = exporter.exported + lost + health.filtered == health.recorded && health.recorded >= count
    if !adds || !mayLose && lost > 0 { failed = true }
    unlink(file)
    var reasons: [String] = []
    for (count, reason) in [
        (health.lostBeforeExport, "to the full pool"), (exporter.lostToFullInbox, "to the full inbox"),
        (exporter.lostToFailure, "to failures"), (exporter.lostToShutdown, "to the shutdown"),
    ] where count > 0 { reasons.append("\(count) \(reason)") }
    let detail = reasons.isEmpty ? "" : " (\(reasons.joined(separator: ", ")))"
    return "lost \(lost)\(detail)\(adds ? "" : ", AND THE SUM IS WRONG")"
}

/// How often the kernel ran something else in this thread's stead so far; waits of its own do not count.
func switches() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(1), &usage)  // RUSAGE_THREAD, which only C sees
    return usage.ru_nivcsw
}

/// One million spans, 500,000 a second, beside a worker that writes them.
///
/// What is long because the kernel ran something else is no cost of the library, and is counted apart; a hypervisor that does
/// the same shows nowhere, so the pauses between the spans, in which nothing of the library runs, tell how long that is.
func tail() {
    let r = recorder { $0.whenFull = .block(upTo: .seconds(1)) }
    var times: [Double] = [], longest = 0.0, longestPause = 0.0, preempted = 0
    let count = 1_000_000
    times.reserveCapacity(count)
    r.timedSpan("epoch") { _ in
        for i in 0..<count {
            let before = switches(), start = cb_mono()
            step(r, i)
            let time = Double(cb_mono() - start)
            times.append(time)
            var after = before
            if time > longest {
                after = switches()
                if after == before { longest = time } else { preempted += 1 }
            }
            // A real step does something: without a pause this would measure back-pressure.
            var last = cb_mono(), gap = 0.0
            let end = start + 2000
            while last < end {
                let now = cb_mono()
                gap = max(gap, Double(now - last))
                last = now
            }
            if gap > longestPause, switches() == after { longestPause = gap }
        }
    }
    times.sort()
    say("tail p50", "\(rounded(times[count / 2])) ns", "two clock readings of the harness included")
    say("tail p99.9", "\(rounded(times[count - count / 1000])) ns", "at most 25 x two clock readings, about 1 us")
    say("tail max, not preempted", "\(rounded(longest / 1000)) us", "at most 50 us")
    say("tail max of the pauses", "\(rounded(longestPause / 1000)) us", "what the machine does to anybody")
    say("tail max, all", "\(rounded(times[count - 1] / 1000)) us", "\(preempted) of the longest so far were preempted")
    say("tail records", finish(r, count + 1), "lost 0")
}

func jsonl() {
    let r = recorder { $0.whenFull = .block(upTo: .seconds(10)) }
    let count = 2_000_000, start = cb_mono(), cpu = processCPU()
    r.timedSpan("epoch") { _ in for i in 0..<count { step(r, i) } }
    let result = finish(r, count + 1)
    let wall = Double(cb_mono() - start), total = processCPU() - cpu
    say("jsonl total CPU per span", "\(rounded(total / Double(count))) ns", "at most 600 ns")
    say("jsonl rate", "\(rounded(Double(count) / wall * 1e3)) M spans/s", "at least 1.5 M spans/s")
    say("jsonl records", result, "lost 0")
}

func burst() {
    let before = memory().now
    let r = recorder(to: "/dev/null") { $0.whenFull = .block(upTo: .seconds(10)) }
    let few = 100_000
    r.timedSpan("epoch") { _ in for i in 0..<few { step(r, i) } }
    say("memory, 100,000 spans in flight", "+\(rounded(memory().peak - before)) MiB", "at most 25 MiB")
    r.timedSpan("epoch") { _ in for i in 0..<10_000_000 - few { step(r, i) } }
    say(
        "memory, 10 million spans", "+\(rounded(memory().peak - before)) MiB",
        "pool 16 + inbox 8 + buffers, at most 32 MiB")
    say("memory, records", finish(r, 10_000_002), "lost 0")
}

func threads() {
    let r = recorder { $0.whenFull = .block(upTo: .seconds(10)) }
    let before = memory().now, count = 2_000
    final class Body { let r: Recorder; init(_ r: Recorder) { self.r = r } }
    for _ in 0..<count / 8 {
        var all: [pthread_t] = []
        for _ in 0..<8 {
            var thread = pthread_t()
            let raw = Unmanaged.passRetained(Body(r)).toOpaque()
            pthread_create(
                &thread, nil,
                { raw in
                    guard let raw else { return nil }
                    let body = Unmanaged<Body>.fromOpaque(raw).takeRetainedValue()
                    for i in 0..<20 { step(body.r, i) }
                    return nil
                }, raw)
            all.append(thread)
        }
        for thread in all { pthread_join(thread, nil) }
    }
    say("2,000 threads, memory", "+\(rounded(memory().now - before)) MiB", "the pool's 16 MiB at most")
    say("2,000 threads, blocks left", "\(r.health.threads)", "none but this thread's")
    say("2,000 threads, records", finish(r, count * 20), "lost 0")
}

func steady() {
    let r = recorder()
    let seconds = 10, rate = 500_000
    let start = cb_mono()
    var done = 0
    r.timedSpan("epoch") { _ in
        while done < seconds * rate {
            let due = Int(Double(cb_mono() - start) * Double(rate) / 1e9)
            while done < min(due, seconds * rate) {
                step(r, done)
                done += 1
            }
            usleep(200)
        }
    }
    say("500,000 spans/s for 10 s", finish(r, done + 1), "lost 0 with the default configuration")
}

func start() {
    let began = cb_mono()
    let r = recorder()
    r.timedSpan("first") { _ in }
    let first = Double(cb_mono() - began)
    say("recorder and first span", "\(rounded(first / 1000)) us", "at most 500 us")
    _ = finish(r, 1)
}

func prometheus() {
    let count = 100_000, time = Timestamp(nanoseconds: 1_795_220_211_886_000_000)
    let points = (0..<count).map { i in
        MetricPoint(
            name: "queue.depth", attributes: ["queue": .int(i), "span.name": "train.step"], start: time, time: time,
            value: .gauge(Double(i) * 0.371_234_567_890_123))
    }
    let batch = Batch(metrics: points), before = memory().now
    guard var exporter = try? PrometheusExporter(.init(path: "\(file).prom", removeAtEnd: true)) else { return }
    for name in ["for the first time", "again"] {
        let start = cb_mono(), used = cb_thread_cpu()
        do { try exporter.export(batch) } catch { failed = true }
        let wall = Double(cb_mono() - start) / 1e9, cpu = Double(cb_thread_cpu() - used) / 1e9
        // Neighbours take the processor away, so what fails is the time that was used of it.
        if cpu > 1 { failed = true }
        say("100,000 series, \(name)", "\(rounded(wall)) s, \(rounded(cpu)) s of processor time", "under 1 s")
    }
    let bytes = (memory().now - before) * 1_048_576 / Double(count)
    if bytes > 1000 { failed = true }
    say("memory per series", "\(rounded(bytes)) bytes", "at most 1,000, the text included")
    try? exporter.close()
}

let loads: [(String, () -> Void)] = [
    ("start", start), ("tail", tail), ("jsonl", jsonl), ("burst", burst), ("threads", threads), ("steady", steady),
    ("prometheus", prometheus), ("otlp", otlp), ("slow", slow), ("hanging", hanging), ("outage", outage),
    ("resources", resources),
]
if CommandLine.arguments.dropFirst().first == "sink" { serve(Array(CommandLine.arguments.dropFirst(2))) }
for (name, load) in loads where CommandLine.arguments.count < 2 || CommandLine.arguments[1] == name { load() }
exit(failed ? 1 : 0)
