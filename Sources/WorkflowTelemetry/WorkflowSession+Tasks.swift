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
        let details = TaskDetails(
            executable: executable, type: type, dependsOn: dependsOn, workflowID: workflowID, stamp: currentStamp,
            parent: currentParent.spanID)
        tell(.created, id, backend, attributes, time, details)
    }

    /// All that a task depends on is there.
    public func taskResolved(_ id: String, attributes: Attributes = [:], at time: Timestamp? = nil) {
        tell(.resolved, id, nil, attributes, time, nil)
    }

    /// A task was handed to a backend.
    public func taskSubmitted(
        _ id: String, backend: String? = nil, attributes: Attributes = [:], at time: Timestamp? = nil
    ) {
        tell(.submitted, id, backend, attributes, time, nil)
    }

    /// A task waits for a free worker.
    public func taskQueued(
        _ id: String, backend: String? = nil, attributes: Attributes = [:], at time: Timestamp? = nil
    ) {
        tell(.queued, id, backend, attributes, time, nil)
    }

    /// A task runs: to be told where the work begins, not where it is planned.
    public func taskStarted(
        _ id: String, backend: String? = nil, attributes: Attributes = [:], at time: Timestamp? = nil
    ) {
        tell(.started, id, backend, attributes, time, nil)
    }

    /// A task has done its work.
    public func taskCompleted(_ id: String, attributes: Attributes = [:], at time: Timestamp? = nil) {
        tell(.completed, id, nil, attributes, time, nil)
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
        let details = TaskDetails(errorType: errorType, parent: context.spanID)
        tell(.failed, id, nil, attributes, time, details)
    }

    /// A task has failed with this error.
    public func taskFailed(_ id: String, _ error: any Error, at time: Timestamp? = nil) {
        taskFailed(
            id, errorType: String(describing: type(of: error)),
            attributes: ["error_message": .string(String(describing: error))], at: time)
    }

    /// A task was given up.
    public func taskCanceled(_ id: String, attributes: Attributes = [:], at time: Timestamp? = nil) {
        tell(.canceled, id, nil, attributes, time, nil)
    }

    // MARK: how a step is taken

    /// An event that somebody gave to the recorder directly.
    func take(_ event: EventRecord) {
        guard let transition = TaskTransition(eventType: event.type), let id = event.taskID else { return }
        func text(_ key: String) -> String? { if case .string(let text)? = event.attributes[key] { text } else { nil } }
        var dependsOn: [String]?, errorType: String?, rest = Attributes()
        if case .strings(let ids)? = event.attributes["depends_on"] { dependsOn = ids }
        if case .string(let error)? = event[field: "error_type"] { errorType = error }
        for (key, value) in event.attributes where !["executable", "task_type", "depends_on"].contains(key) {
            rest[key] = value
        }
        let details = TaskDetails(
            executable: text("executable"), type: text("task_type"), dependsOn: dependsOn, errorType: errorType,
            workflowID: text(Self.workflowKey), stamp: transition == .created ? currentStamp : Attributes(),
            parent: transition == .created ? currentParent.spanID : context.spanID)
        let time = event.time == event.emitTime ? nil : event.time
        tell(transition, id, event.backend, rest, time, details)
    }

    func tell(
        _ transition: TaskTransition, _ id: String, _ backend: String?, _ attributes: Attributes, _ time: Timestamp?,
        _ details: TaskDetails?
    ) {
        let isIncomplete = !attributes.isEmpty && attributes["incomplete_lifecycle"] == .bool(true)
        let step = TaskStep(
            transition: transition, span: opened.spanID(ofTask: id), moment: moment(time), isIncomplete: isIncomplete)
        guard let verdict = table.withLock({ $0.apply(step, id, backend, details) }) else { return }
        verdict.face.series.add(transition, verdict)
        switch transition {
        case .created: emit(TaskCreated(), step, verdict, attributes, details)
        case .resolved: emit(TaskResolved(), step, verdict, attributes, details)
        case .submitted: emit(TaskSubmitted(), step, verdict, attributes, details)
        case .queued: emit(TaskQueued(), step, verdict, attributes, details)
        case .started: emit(TaskStarted(), step, verdict, attributes, details)
        case .completed: emit(TaskCompleted(durationSeconds: verdict.duration), step, verdict, attributes, details)
        case .failed:
            emit(
                TaskFailed(durationSeconds: verdict.duration, errorType: details?.errorType ?? "unknown"), step,
                verdict, attributes, details)
        case .canceled: emit(TaskCanceled(durationSeconds: verdict.duration), step, verdict, attributes, details)
        }
        if let task = verdict.ended, context.isSampled { writeSpan(task, verdict.notes, at: step.moment.time) }
    }

    private func emit<E: TelemetryEvent>(
        _ event: E, _ step: TaskStep, _ verdict: borrowing TaskVerdict, _ attributes: Attributes,
        _ details: TaskDetails?
    ) {
        let time = step.moment.time, emitted = step.moment.isGiven ? recorder.moment.time : time
        recorder.emit(E.eventType, of: verdict.face.context, at: time, emitted: emitted) { fields in
            verdict.face.entries.store(to: &fields) { fields in
                if let ids = details?.dependsOn { fields.attribute("depends_on", ids) }
                guard let task = verdict.ended else { return }
                if let error = task.errorType { fields.attribute("error_type", error) }
                if task.isIncomplete { fields.attribute("incomplete_lifecycle", true) }
            } end: { fields in
                guard !attributes.isEmpty else { return }
                for (key, value) in attributes where !Self.spanKeys.contains(key) {
                    fields.attributes([key: value])
                }
            }
            event.encode(to: &fields)
        }
    }
}
