public import OneLogger
internal import OneLoggerCore
internal import Synchronization

// Steps may be told from any thread, late, twice or not at all; `TaskTable` says what that means.
extension WorkflowSession {
    /// A task is known; it has its span from now on.
    ///
    /// - Parameters:
    ///   - id: Which task; unique in the session.
    ///   - executable: What it runs: a program, or a function's name.
    ///   - type: What kind of task it is, such as `function` or `executable`.
    ///   - backend: Who will run it; nil when that is not decided.
    ///   - dependsOn: The tasks that must end first.
    ///   - workflowID: The workflow that it works for; nil means that of the enclosing scope.
    ///   - attributes: What else the event says.
    ///   - time: When it happened; nil means now.
    public func taskCreated(
        _ id: String, executable: String = "", type: String = "function", backend: String? = nil,
        dependsOn: [String] = [], workflowID: String? = nil, attributes: Attributes = [:], at time: Timestamp? = nil
    ) {
        var news = news(.created, id, backend, attributes, time)
        news.executable = executable
        news.type = type
        news.dependsOn = dependsOn
        news.workflowID = workflowID
        tell(news)
    }

    /// All that a task depends on is there.
    public func taskResolved(_ id: String, attributes: Attributes = [:], at time: Timestamp? = nil) {
        tell(news(.resolved, id, nil, attributes, time))
    }

    /// A task was handed to a backend.
    public func taskSubmitted(
        _ id: String, backend: String? = nil, attributes: Attributes = [:], at time: Timestamp? = nil
    ) {
        tell(news(.submitted, id, backend, attributes, time))
    }

    /// A task waits for a free worker.
    public func taskQueued(
        _ id: String, backend: String? = nil, attributes: Attributes = [:], at time: Timestamp? = nil
    ) {
        tell(news(.queued, id, backend, attributes, time))
    }

    /// A task runs: to be told where the work begins, not where it is planned.
    public func taskStarted(
        _ id: String, backend: String? = nil, attributes: Attributes = [:], at time: Timestamp? = nil
    ) {
        tell(news(.started, id, backend, attributes, time))
    }

    /// A task has done its work.
    public func taskCompleted(_ id: String, attributes: Attributes = [:], at time: Timestamp? = nil) {
        tell(news(.completed, id, nil, attributes, time))
    }

    /// A task has failed.
    ///
    /// - Parameters:
    ///   - id: Which task.
    ///   - errorType: The type of the error.
    ///   - attributes: What else the event says, such as an exit code.
    ///   - time: When it happened; nil means now.
    public func taskFailed(
        _ id: String, errorType: String = "unknown", attributes: Attributes = [:], at time: Timestamp? = nil
    ) {
        var news = news(.failed, id, nil, attributes, time)
        news.errorType = errorType
        tell(news)
    }

    /// A task has failed with this error.
    public func taskFailed(_ id: String, _ error: any Error, at time: Timestamp? = nil) {
        taskFailed(
            id, errorType: String(describing: type(of: error)),
            attributes: ["error_message": .string(String(describing: error))], at: time)
    }

    /// A task was given up.
    public func taskCanceled(_ id: String, attributes: Attributes = [:], at time: Timestamp? = nil) {
        tell(news(.canceled, id, nil, attributes, time))
    }

    // MARK: how a step is taken

    private func news(
        _ transition: TaskTransition, _ id: String, _ backend: String?, _ attributes: Attributes, _ time: Timestamp?
    ) -> TaskNews {
        TaskNews(
            transition: transition, id: id, moment: moment(time), backend: backend, attributes: attributes,
            stamp: transition == .created ? currentStamp : [:],
            parent: transition == .created ? currentParent.spanID : context.spanID)
    }

    /// An event that somebody gave to the recorder directly.
    func take(_ event: EventRecord) {
        guard let transition = TaskTransition(eventType: event.type), let id = event.taskID else { return }
        func text(_ key: String) -> String? { if case .string(let text)? = event.attributes[key] { text } else { nil } }
        var news = news(transition, id, event.backend, [:], event.time == event.emitTime ? nil : event.time)
        news.executable = text("executable")
        news.type = text("task_type")
        news.workflowID = text(Self.workflowKey)
        if case .strings(let ids)? = event.attributes["depends_on"] { news.dependsOn = ids }
        if case .string(let error)? = event[field: "error_type"] { news.errorType = error }
        for (key, value) in event.attributes where !["executable", "task_type", "depends_on"].contains(key) {
            news.attributes[key] = value
        }
        tell(news)
    }

    func tell(_ news: TaskNews) {
        guard let verdict = table.withLock({ $0.apply(news) }) else { return }
        totals.withLock { $0.add(news.transition, verdict) }
        instruments.add(news.transition, verdict)
        switch news.transition {
        case .created: emit(TaskCreated(), news, verdict)
        case .resolved: emit(TaskResolved(), news, verdict)
        case .submitted: emit(TaskSubmitted(), news, verdict)
        case .queued: emit(TaskQueued(), news, verdict)
        case .started: emit(TaskStarted(), news, verdict)
        case .completed: emit(TaskCompleted(durationSeconds: verdict.duration), news, verdict)
        case .failed:
            emit(
                TaskFailed(durationSeconds: verdict.duration, errorType: news.errorType ?? "unknown"), news, verdict)
        case .canceled: emit(TaskCanceled(durationSeconds: verdict.duration), news, verdict)
        }
        guard context.isSampled, let ended = verdict.ended else { return }
        writeSpan(ended.task, ended.info, at: news.moment.time)
    }

    private func emit<E: TelemetryEvent>(_ event: E, _ news: TaskNews, _ verdict: TaskVerdict) {
        let emitted = news.moment.isGiven ? recorder.moment.time : news.moment.time
        recorder.emitDecided(
            event, backend: verdict.backend, taskID: news.id, at: news.moment.time, emitted: emitted,
            attributes: verdict.attributes)
    }
}
