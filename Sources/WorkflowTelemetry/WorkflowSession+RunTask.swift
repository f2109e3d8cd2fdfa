public import OneLogger
internal import OneLoggerCore
internal import Synchronization

extension WorkflowSession {
    /// Runs `body` as a task: it is created, submitted and started, and ends as the body does.
    ///
    /// What begins inside hangs under the task's span.
    ///
    /// - Parameters:
    ///   - id: Which task; unique in the session.
    ///   - executable: What it runs.
    ///   - type: What kind of task it is.
    ///   - backend: Who runs it.
    ///   - dependsOn: The tasks that had to end first.
    ///   - workflowID: The workflow that it works for; nil means that of the enclosing scope.
    ///   - isolation: The caller's actor, on which the body stays.
    ///   - body: The work.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; the task then failed, or was canceled by a `CancellationError`.
    public func runTask<R, E: Error>(
        _ id: String, executable: String = "", type: String = "function", backend: String? = nil,
        dependsOn: [String] = [], workflowID: String? = nil, isolation: isolated (any Actor)? = #isolation,
        _ body: nonisolated(nonsending) () async throws(E) -> R
    ) async throws(E) -> R {
        begin(id, executable, type, backend, dependsOn, workflowID)
        do throws(E) {
            let result = try await inside(id, body)
            taskCompleted(id)
            return result
        } catch {
            fail(id, error)
            throw error
        }
    }

    private func inside<R, E: Error>(
        _ id: String, isolation: isolated (any Actor)? = #isolation,
        _ body: nonisolated(nonsending) () async throws(E) -> R
    ) async throws(E) -> R {
        let scope = taskScope(id)
        opened.hasScopes.store(true, ordering: .relaxed)
        let result: Result<R, E> = await opened.scope.withValue(scope) { () async -> Result<R, E> in
            _ = isolation  // captured, so that this closure runs on the caller's actor
            do throws(E) {
                return .success(try await recorder.within(spanContext(ofTask: id), body))
            } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// Runs `body`, which blocks, as a task.
    ///
    /// - Parameters:
    ///   - id: Which task; unique in the session.
    ///   - executable: What it runs.
    ///   - type: What kind of task it is.
    ///   - backend: Who runs it.
    ///   - dependsOn: The tasks that had to end first.
    ///   - workflowID: The workflow that it works for; nil means that of the enclosing scope.
    ///   - body: The work.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; the task then failed, or was canceled by a `CancellationError`.
    public func runTask<R, E: Error>(
        _ id: String, executable: String = "", type: String = "function", backend: String? = nil,
        dependsOn: [String] = [], workflowID: String? = nil, _ body: () throws(E) -> R
    ) throws(E) -> R {
        begin(id, executable, type, backend, dependsOn, workflowID)
        do throws(E) {
            let result = try stamped(taskScope(id)) { () throws(E) -> R in
                try recorder.within(spanContext(ofTask: id), body)
            }
            taskCompleted(id)
            return result
        } catch {
            fail(id, error)
            throw error
        }
    }

    /// The span of a task, also before and after it runs, to hang other processes' work under it.
    public func spanContext(ofTask id: String) -> SpanContext {
        opened.context(of: opened.spanID(ofTask: id))
    }

    private func begin(
        _ id: String, _ executable: String, _ type: String, _ backend: String?, _ dependsOn: [String],
        _ workflowID: String?
    ) {
        taskCreated(
            id, executable: executable, type: type, backend: backend, dependsOn: dependsOn, workflowID: workflowID)
        taskSubmitted(id)
        taskStarted(id)
    }

    private func fail(_ id: String, _ error: any Error) {
        if error is CancellationError { taskCanceled(id) } else { taskFailed(id, error) }
    }

    private func taskScope(_ id: String) -> EventScope {
        let stamp = table.withLock { $0.stamp(of: opened.spanID(ofTask: id)) } ?? currentStamp
        return EventScope(stamp, state: ScopeState(taskID: id))
    }
}
