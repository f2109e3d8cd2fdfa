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
            var before: [String] = []
            for stage in Stage.allCases {
                let backend = stage == .load || stage == .preprocess ? "threads" : "processes"
                session.taskCreated(
                    "\(id).\(stage.rawValue)", executable: stage.rawValue,
                    type: backend == "threads" ? "function" : "executable", backend: backend, dependsOn: before)
                before = ["\(id).\(stage.rawValue)"]
            }
            do {
                let rows = try await step(id, .load, threads) { Points(seed: number, count: 200).x.count }
                try await step(id, .preprocess, threads) {
                    session.recorder.emit(DataQualityChecked(score: 1, rows: rows))
                }
                let line = try await step(id, .train, processes) { try await runWorker(["train", "\(number)", "\(epochs)"]) }
                try await step(id, .evaluate, processes) {
                    let result = try await runWorker(["evaluate", "\(number)"] + line.map { "\($0)" })
                    session.recorder.emit(ModelEvaluated(error: result.first ?? .nan))
                }
            } catch {
                // The failed task says so; those behind it are given up.
                for stage in Stage.allCases { session.taskCanceled("\(id).\(stage.rawValue)") }
            }
        }
    }

    @discardableResult
    private func step<R: Sendable>(
        _ workflow: String, _ stage: Stage, _ pool: WorkerPool, _ body: @escaping @Sendable () async throws -> R
    ) async throws -> R {
        let id = "\(workflow).\(stage.rawValue)"
        session.taskResolved(id)
        session.taskSubmitted(id)
        session.taskQueued(id)
        return try await pool.run { [session] in
            session.taskStarted(id)
            do {
                let result = try await body()
                session.taskCompleted(id)
                return result
            } catch {
                session.taskFailed(id, error)
                throw error
            }
        }
    }
}
