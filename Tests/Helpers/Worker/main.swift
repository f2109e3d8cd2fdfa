import OneLogger
import OneLoggerBootstrap
import RLMTelemetry
import TrainingTelemetry

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

// A program like any other, for tests that end it in every possible way: OneLoggerTestWorker JOB [COUNT] [CONFIG]

let arguments = CommandLine.arguments
let job = arguments.count > 1 ? arguments[1] : ""
let count = arguments.count > 2 ? Int(arguments[2]) ?? 0 : 0

var catalog = ComponentCatalog.builtIn
catalog.add(HangingExporter.self)

// A test that forgot to end this process leaves it behind for a minute only.
alarm(600)
// Where the tests themselves run in the background, a shell has had SIGINT ignored, and this process would inherit that.
signal(SIGINT, SIG_DFL)
let recorder = try Recorder.bootstrap(config: arguments.count > 3 ? arguments[3] : nil, catalog: catalog)

switch job {
case "return":
    record(count)
case "exit":
    record(count)
    exit(0)
case "shutdown":
    try timedSpan("late") { _ in
        record(count)
        try recorder.shutdown()
    }
    say(recorder.health.summary)
case "open":
    // Some spans that have ended, and some that never will.
    let manual = recorder.start("manual", attributes: ["kind": "manual"])
    manual.event("noted")
    timedSpan("root") { span in
        span["kind"] = "scoped"
        timedSpan("branch") { _ in
            record(count)
            say("ready")
            while true { pause() }
        }
    }
case "interval":
    timedSpan("root") { _ in
        record(count)
        // Nobody asks for a flush: the recorder does it by itself. What is counted as exported is in the file.
        while recorder.health.exporters[0].exported < count + 2 { sched_yield() }
        say("ready")
        while true { pause() }
    }
case "busy":
    startThread { while true { record(100) } }
    startThread { while true { record(100) } }
    while recorder.health.exporters[0].exported < count { sched_yield() }
    say("ready")
    while true { pause() }
case "steps":
    // Some work, again and again, one in four of it in vain, until somebody ends this process.
    struct InVain: Error {}
    say("ready")
    while true {
        record(count)
        for number in 0..<count {
            try? timedSpan("train.step") { _ in if number % 4 == 0 { throw InVain() } }
        }
        // The next round begins when this one is written.
        try recorder.flush(timeout: .seconds(30))
    }
case "fork":
    timedSpan("before") { _ in }
    // What runs for the first time may hold a lock of the language's runtime, which a child would wait for.
    try recorder.flush(timeout: .seconds(30))
    let children = (0..<count).map { number in
        let child = fork()
        guard child == 0 else { return child }
        alarm(600)
        timedSpan("child") { span in span["number"] = number }
        exit(0)
    }
    for child in children {
        var status: Int32 = 0
        guard unsafe waitpid(child, &status, 0) == child, status == 0 else { exit(1) }
    }
    timedSpan("after") { _ in }
    say(children.map { "\($0)" }.joined(separator: " "))
case "outage":
    // One batch after the other into an outage; then on, until that is over.
    func export(_ count: Int) {
        record(count)
        do { try recorder.flush(timeout: .seconds(30)) } catch {}
    }
    for _ in 0..<count { export(10) }
    say("ready")
    while recorder.health.exporters[0].state != .healthy { export(1) }
    try recorder.shutdown()
    say(recorder.health.summary)
case "runs":
    // Ends without a word to the sinks; the run "open" never ends.
    let sink = recorder.plugin(RLMRunSink.self)
    let sinks = RLMSinkManager([LocalJSONLSink(directory: arguments[4])])
    if let sink { sinks.add(sink) }
    sinks.runStarted(RLMRunStart("open", task: "wait", environment: "test"))
    sinks.withRun(RLMRunStart("whole", task: "count", environment: "test")) { run in
        for _ in 0..<count { run.withStep("add") { $0.reward = 1 } }
    }
case "agent":
    // The documented run, as the environment asks for it, and one of the application's own; nobody shuts anything down.
    let sink = createRLMSinkFromEnvironment()
    documentedRun(sink)
    recorder.plugin(RLMRunSink.self)?.withRun(RLMRunStart("other", task: "wait", environment: "test")) { _ in }
    let status = sink.status()
    say("\(status.detail) \(status.isAvailable) \(sink.traceID(forRun: "run_1")?.description ?? "none")")
case "load":
    recordSteadily(count, threads: 2)
    try recorder.flush(timeout: .seconds(30))
    try recorder.shutdown()
    say(recorder.health.summary)
case "training":
    // Resumed after so many iterations; the first job never ends by itself.
    try train(resumedAt: count)
    try recorder.flush(timeout: .seconds(30))
    say("ready")
    while count == 0 { pause() }
default:
    say("unknown job")
    exit(2)
}
