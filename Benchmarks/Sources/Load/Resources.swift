import CBench
import OneLogger
import ResourceTelemetry

#if canImport(Glibc)
import Glibc
#endif

/// Processor time per call of `body`, one every 0.1 s as the plug-in makes them, so that caches are as cold as they are then.
///
/// Unit: microseconds; `withWake` counts what it takes to sleep and wake up, too.
func atCadence(_ count: Int, _ body: () -> Void) -> (mean: Double, median: Double, withWake: Double) {
    var times: [Double] = []
    let first = cb_thread_cpu()
    for _ in 0..<count {
        usleep(100_000)
        let start = cb_thread_cpu()
        body()
        times.append(Double(cb_thread_cpu() - start) / 1000)
    }
    let all = Double(cb_thread_cpu() - first) / 1000
    return (times.reduce(0, +) / Double(count), times.sorted()[count / 2], all / Double(count))
}

/// Files that this process holds open below /proc and /sys: those that the host adapter reads.
func systemFiles() -> [Int32] {
    (0..<64).filter { descriptor in
        var path = [CChar](repeating: 0, count: 512)
        let length = readlink("/proc/self/fd/\(descriptor)", &path, 511)
        guard length > 0 else { return false }
        let text = String(decoding: path[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.hasPrefix("/proc/") || text.hasPrefix("/sys/")
    }
}

func resources() {
    var host = HostAdapter()
    _ = try? host.sample(node: "n")
    let count = 5_000, cpu = cb_thread_cpu()
    for _ in 0..<count { _ = try? host.sample(node: "n") }
    let warm = Double(cb_thread_cpu() - cpu) / Double(count) / 1000
    let wanted = "under 200 us, 0.2 % of a core at ten a second"
    say("reading the host, in a row", "\(rounded(warm)) us CPU", wanted)
    let cold = atCadence(100) { _ = try? host.sample(node: "n") }
    say("reading the host, every 0.1 s", "\(rounded(cold.mean)) us CPU, median \(rounded(cold.median)) us", wanted)
    say("the same and its wake-up", "\(rounded(cold.withWake)) us CPU", wanted)
    if warm >= 60 || cold.mean >= 200 { failed = true }

    // What this machine takes for a thread that does nothing but wake, or read these files and drop what it read.
    let wake = atCadence(100) {}
    let files = systemFiles()
    var bytes = [UInt8](repeating: 0, count: 8192)
    let raw = atCadence(100) { for file in files { _ = pread(file, &bytes, bytes.count, 0) } }
    say("a wake-up alone, every 0.1 s", "\(rounded(wake.withWake)) us CPU", "information")
    say("a wake-up and \(files.count) bare reads", "\(rounded(raw.withWake)) us CPU", "information")

    allThreads(wanted)
    rate()
}

/// What polls take of all threads of the library: reading, recording, draining, writing.
func allThreads(_ wanted: String) {
    var options = ResourceOptions()
    options.adapters = [.host]
    options.interval = .milliseconds(100)

    /// Processor time of the process in `seconds`, of which `body` is called a hundred a second.
    func used(_ seconds: Int, _ body: ((Int) -> Void)?) -> Double {
        usleep(300_000)
        let cpu = processCPU()
        if let body {
            for i in 0..<seconds * 100 {
                body(i)
                usleep(10_000)
            }
        } else {
            sleep(UInt32(seconds))
        }
        return processCPU() - cpu
    }

    /// With the plug-in less without it, by poll; turn by turn, the least first.
    func difference(_ isBusy: Bool) -> String {
        var costs: [Double] = []
        for _ in 0..<3 {
            let alone = recorder()
            let without = used(10, isBusy ? { step(alone, $0) } : nil)
            _ = finish(alone, 0)
            let r = recorder(), plugin = ResourceRecorder(options, recorder: r)
            r.add(plugin)
            usleep(500_000)
            let before = plugin.health[0].polls
            let with = used(10, isBusy ? { step(r, $0) } : nil)
            costs.append((with - without) / Double(max(1, plugin.health[0].polls - before)) / 1000)
            _ = finish(r, 0)
        }
        return costs.sorted().map { rounded($0) }.joined(separator: ", ")
    }
    say("all threads, beside 100 spans/s", "\(difference(true)) us CPU a poll", wanted)
    say("all threads, nothing beside", "\(difference(false)) us CPU a poll", "information")
}

/// Whether the polls keep their times: `Load resources 600` looks for drift over ten minutes.
func rate() {
    var options = ResourceOptions()
    options.adapters = [.host]
    options.interval = .milliseconds(100)
    let r = recorder(), plugin = ResourceRecorder(options, recorder: r), start = cb_mono()
    r.add(plugin)
    sleep(CommandLine.arguments.count > 2 ? UInt32(CommandLine.arguments[2]) ?? 20 : 20)
    let polls = plugin.health.first?.polls ?? 0, seconds = Double(cb_mono() - start) / 1e9
    say("polls in \(rounded(seconds)) s", "\(polls)", "\(Int(seconds * 10) + 1), the baseline included, or one less")
    if abs(polls - Int(seconds * 10)) > 1 { failed = true }
    say("resources, records", finish(r, polls - 1), "lost 0")
}
