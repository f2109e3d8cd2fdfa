internal import OneLogger
internal import PipelineMonitors
internal import WorkflowTelemetry

/// One pipeline: four tasks, each after the one before it.
struct Pipeline: Sendable {
    let session: WorkflowSession
    let threads: WorkerPool
    let processes: WorkerPool
    let epochs: Int

    func run(_ number: Int) async {
        await session.workflowScope("pipeline-\(number)") { id in
            announce(id)
            do {
                let points = try await step(id, .load, threads) { _ in Points(seed: number, count: 200) }
                let quality = try await step(id, .preprocess, threads) { _ in points.quality }
                session.recorder.emit(
                    DataQualityChecked(score: quality, rows: points.x.count), taskID: "\(id).preprocess")
                let line = try await step(id, .train, processes) { [epochs] worker in
                    try ask(worker, "train \(number) \(epochs)")
                }
                let error = try await step(id, .evaluate, processes) { worker in
                    try ask(worker, "evaluate \(number) \(line[0]) \(line[1])")
                }
                session.recorder.emit(ModelEvaluated(error: error[0]), taskID: "\(id).evaluate")
            } catch {
                // The failed task says so; those behind it are given up.
                for stage in Stage.allCases { session.taskCanceled("\(id).\(stage.rawValue)") }
            }
        }
    }

    /// All tasks are known from the beginning, and what each depends on.
    private func announce(_ workflow: String) {
        var before: [String] = []
        for stage in Stage.allCases {
            let isLocal = stage == .load || stage == .preprocess
            session.taskCreated(
                "\(workflow).\(stage.rawValue)", executable: stage.rawValue, type: isLocal ? "function" : "executable",
                backend: isLocal ? "threads" : "processes", dependsOn: before)
            before = ["\(workflow).\(stage.rawValue)"]
        }
    }

    private func ask(_ worker: WorkerProcess?, _ line: String) throws -> [Double] {
        guard let answer = try worker?.ask(line), !answer.isEmpty else { throw Failed(what: "there is no worker") }
        return answer
    }

    private func step<R: Sendable>(
        _ workflow: String, _ stage: Stage, _ pool: WorkerPool,
        _ body: @escaping @Sendable (WorkerProcess?) throws -> R
    ) async throws -> R {
        let id = "\(workflow).\(stage.rawValue)"
        session.taskResolved(id)
        session.taskSubmitted(id)
        session.taskQueued(id)
        return try await pool.run { [session] worker in
            session.taskStarted(id)
            do {
                let result = try body(worker)
                session.taskCompleted(id)
                return result
            } catch {
                session.taskFailed(id, error)
                throw error
            }
        }
    }
}
