internal import OneLogger
internal import OneLoggerBootstrap
internal import PipelineMonitors
internal import WorkflowTelemetry

let arguments = Array(CommandLine.arguments.dropFirst())
if arguments.first == "worker" {
    work(arguments[1], Array(arguments[2...]))
} else {
    // PipelineWorkflow CONFIG [EPOCHS]
    try Recorder.bootstrap(config: arguments.first ?? "pipeline.yaml")
    let session = try WorkflowSession.start(id: "pipelines", on: Recorder.current)
    let monitor = PipelineMonitor(session), slow = SLAMonitor(session)
    let epochs = arguments.count > 1 ? Int(arguments[1]) ?? 2_000 : 2_000
    let pipeline = Pipeline(
        session: session, threads: WorkerPool(size: 4), processes: WorkerPool(size: 2), epochs: epochs)
    await withTaskGroup(of: Void.self) { group in
        for number in 0..<6 { group.addTask { await pipeline.run(number) } }
    }
    await session.stop()
    let waits = DependencyWait(session), counts = session.taskCount
    print("\(counts.completed) tasks completed, \(counts.failed) failed, \(slow.violations.count) took too long")
    print("\(monitor.scores.count) data sets checked, \(monitor.errors.count) models evaluated")
    print("waited for other tasks: \(waits.longestDependency > 0 ? "yes" : "no")")
}
