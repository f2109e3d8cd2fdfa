import OneLogger
import RLMTelemetry
import TrainingTelemetry

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Prints a line at once.
func say(_ line: String) {
    print(line)
    _ = fflush(nil)
}

/// Records a span with numbered children.
func record(_ count: Int) {
    timedSpan("job") { span in
        span["count"] = count
        for number in 0..<count { timedSpan("step") { span in span["number"] = number } }
    }
}

/// The documented run of three steps, with a run below it.
func documentedRun(_ sink: RLMRunSink) {
    let start = RLMRunStart(
        "run_1", task: "Find the sum of 17 and 25", environment: "dspy", maxSteps: 3, model: "gpt-4o")
    sink.withRun(start) { run in
        for (code, output) in [("a = 17", "17"), ("b = 25", "25"), ("print(a + b)", "42")] {
            run.withStep("run_code") { step in
                step.code = code
                step.output = output
                step.reward = 0.5
            }
        }
        sink.runStarted("run_2", task: "Check it", environment: "dspy", parent: "run_1")
        sink.stepFinished(
            "run_2", RLMStep(1, action: "check", error: "no second opinion", isSuccess: false, reward: -1))
        sink.runEnded("run_2", RLMRunEnd(isCompleted: false))
        run.conclude(RLMRunEnd(isCompleted: true, finalAnswer: "42", runPath: "runs/run_1.jsonl"))
    }
}

/// Records spans on several threads, 500,000 per second, or as many as this machine can.
func recordSteadily(_ count: Int, threads: Int) {
    let clock = ContinuousClock()
    for thread in startThreads(
        threads,
        {
            let start = clock.now
            for number in 0..<count / threads {
                timedSpan("step") { span in span["number"] = number }
                guard number % 256 == 0 else { continue }
                let due = start.advanced(by: .microseconds(2 * number * threads))
                while clock.now < due { sched_yield() }
            }
        })
    {
        pthread_join(thread, nil)
    }
}

/// Ten iterations, and a checkpoint after every fourth one of the job; the first job stays in its loop.
func train(resumedAt start: Int) throws {
    var config = TrainingTelemetryConfig(perfTag: "worker", globalBatchSize: 8)
    config.logEveryNTrainIterations = 1
    let training = try TrainingTelemetry(recorder: .current, config: config)
    training.onAppStart()
    training.onTrainStart(trainIterationsStart: start)
    for number in start + 1...start + 10 {
        training.onTrainingSingleIterationStart()
        sched_yield()
        training.onTrainingSingleIterationEnd()
        guard number % 4 == 0 else { continue }
        training.onSaveCheckpointStart(globalStep: number)
        training.onSaveCheckpointSuccess(globalStep: number)
        training.onSaveCheckpointEnd()
    }
    guard start > 0 else { return }
    training.onTrainEnd()
    try training.onAppEnd(shutsDown: false)
}

/// Starts a thread that nobody waits for.
func startThread(_ body: @escaping @Sendable () -> Void) { _ = startThreads(1, body) }

/// Starts threads with the same work.
func startThreads(_ count: Int, _ body: @escaping @Sendable () -> Void) -> [pthread_t] {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    return (0..<count).map { _ in
        #if canImport(Darwin)
        var thread: pthread_t?
        #else
        var thread = pthread_t()
        #endif
        let box = unsafe Unmanaged.passRetained(Box(body)).toOpaque()
        unsafe pthread_create(
            &thread, nil,
            { raw in
                #if canImport(Darwin)
                unsafe Unmanaged<Box>.fromOpaque(raw).takeRetainedValue().body()
                #else
                if let raw = unsafe raw { unsafe Unmanaged<Box>.fromOpaque(raw).takeRetainedValue().body() }
                #endif
                return nil
            }, box)
        #if canImport(Darwin)
        guard let thread = unsafe thread else { fatalError("no thread could be started") }
        #endif
        return thread
    }
}

/// An exporter that never comes back.
struct HangingExporter: ConfigurableExporter {
    struct Options: SettingsReadable {
        init(_ settings: inout Settings) throws(SettingsError) { try settings.finish() }
    }

    static let configName = "hanging"

    init(_ options: Options, _ context: ExporterContext) throws(ExportError) {}
    mutating func export(_ batch: Batch) throws(ExportError) { while true { pause() } }
}

extension RecorderHealth {
    /// `recorded 5 filtered 1 before 0 jsonl 4 0`: of each exporter what it delivered and what it lost.
    var summary: String {
        let parts = exporters.map { " \($0.name) \($0.exported) \($0.lost)" }.joined()
        return "recorded \(recorded) filtered \(filtered) before \(lostBeforeExport)\(parts)"
    }
}
