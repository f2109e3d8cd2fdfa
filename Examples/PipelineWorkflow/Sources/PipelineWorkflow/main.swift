internal import Foundation
internal import OneLogger
internal import OneLoggerBootstrap
internal import PipelineMonitors
internal import WorkflowTelemetry

// PipelineWorkflow [--config FILE] [--epochs NUMBER] [--trace]: six pipelines at once. `--trace` prints the id and the time of
// each event. `PipelineWorkflow worker` is what the program starts for itself.
let arguments = Array(CommandLine.arguments.dropFirst())

func argument(_ name: String) -> String? {
    arguments.firstIndex(of: name).flatMap { arguments.dropFirst($0 + 1).first }
}

if arguments.first == "worker" {
    serve(argument("worker").flatMap { pid_t($0) } ?? 0)
} else {
    try Recorder.bootstrap(config: argument("--config") ?? "Examples/PipelineWorkflow/pipeline.yaml")
    let session = try WorkflowSession.start(id: "pipelines", on: Recorder.current)
    let monitor = PipelineMonitor(session), slow = SLAMonitor(session), busy = GPUAlert(session)
    if arguments.contains("--trace") {
        session.subscribe { event in
            try FileHandle.standardOutput.write(
                contentsOf: Data("\(event.id) \(Double(event.time.nanoseconds) / 1e9)\n".utf8))
        }
    }
    let threads = WorkerPool(size: 4, ofProcesses: false), processes = WorkerPool(size: 2, ofProcesses: true)
    let pipeline = Pipeline(
        session: session, threads: threads, processes: processes,
        epochs: argument("--epochs").flatMap { Int($0) } ?? 20_000)
    await withTaskGroup(of: Void.self) { group in
        for number in 0..<6 { group.addTask { await pipeline.run(number) } }
    }
    threads.stop()
    processes.stop()
    await session.stop()
    let waits = DependencyWait(session), counts = session.taskCount
    print("\(counts.completed) tasks completed, \(counts.failed) failed, \(slow.violations.count) took too long")
    print("\(monitor.scores.count) data sets checked, \(monitor.errors.count) models evaluated")
    if !busy.alerts.isEmpty { print("GPUs at their limit: \(busy.alerts.keys.sorted())") }
    print("waited for other tasks: \(waits.longestDependency > 0 ? "yes" : "no")")
}
