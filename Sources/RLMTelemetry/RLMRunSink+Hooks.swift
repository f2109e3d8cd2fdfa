public import OneLogger

/// The hooks. What they are told about runs that are not open, they ignore.
extension RLMRunSink {
    /// Opens the run's span: under its parent run, else under the ambient span, else as a root.
    ///
    /// A run of the same id that is still open ends, as failed.
    public func runStarted(_ run: RLMRunStart) {
        guard isRecording else { return }
        let (parent, rules, isClosed) = withState { state in
            (run.effectiveParent.flatMap { state.table.context(of: $0) }, state.rules, state.isClosed)
        }
        guard !isClosed else { return }
        let span = recorder.start(
            "rlm.run", parent: parent.map { .context($0) } ?? .inherit, attributes: startAttributes(run, rules),
            at: run.startedAt)
        let startedAt = run.startedAt ?? recorder.now
        let counter = metrics?.started(run)
        let unwanted = withState { state in state.table.start(run.id, span, at: startedAt, counter) }
        if let same = unwanted.same { abandon(same, "Run was started again", "restart") }
        if let oldest = unwanted.oldest { abandon(oldest, "Run did not end", "too many open runs") }
    }

    /// Opens the run's span, from what is known of the run.
    ///
    /// - Parameters:
    ///   - id: The run's id.
    ///   - task: What the agent is asked to do.
    ///   - environment: Where it acts.
    ///   - maxSteps: After how many steps the run is stopped.
    ///   - model: Which model decides.
    ///   - parameters: How the run is set up.
    ///   - parent: The id of the run that delegated this one.
    public func runStarted(
        _ id: String, task: String, environment: String, maxSteps: Int? = nil, model: String? = nil,
        parameters: Attributes = [:], parent: String? = nil
    ) {
        runStarted(
            RLMRunStart(
                id, task: task, environment: environment, maxSteps: maxSteps, model: model, parameters: parameters,
                parentRun: parent))
    }

    /// Records the step's span, below its run's.
    public func stepFinished(_ run: String, _ step: RLMStep) {
        guard isRecording else { return }
        let now = recorder.now
        let found = withState { state in state.table.step(run, step, now: now).map { ($0, state.rules) } }
        guard let (place, rules) = found else { return }
        recorder.record("rlm.step", parent: place.context, from: place.startedAt, to: step.finishedAt) { span in
            if step.startedAt == nil { span["rlm.start_inferred"] = true }
            describe(&span, run, step, place.cumulativeReward, rules)
        }
        metrics?.stepped(place.counter, step)
    }

    /// Ends the run's span.
    public func runEnded(_ run: String, _ end: RLMRunEnd) {
        guard isRecording else { return }
        let found = withState { state in state.table.end(run).map { ($0, state.rules) } }
        guard let (open, rules) = found else { return }
        let finishedAt = end.finishedAt ?? recorder.now
        open.span.set(endAttributes(open, end, rules))
        if let (text, isCut) = rules.kept(.answer, end.finalAnswer) {
            open.span.keep(
                Event(
                    "final_answer", isCut ? ["answer": .string(text), "truncated": true] : ["answer": .string(text)],
                    at: end.finishedAt))
        }
        open.span.setStatus(end.isCompleted ? .ok : .error("Run did not complete"))
        open.span.stop(at: end.finishedAt)
        let duration = finishedAt.duration(since: end.startedAt ?? open.startedAt)
        metrics?.ended(after: duration, isCompleted: end.isCompleted)
    }

    /// Ends the span of a run that nobody ended.
    func abandon(_ run: RLMRunTable.Open, _ message: String, _ reason: String) {
        run.span.set([
            "rlm.completed": false, "rlm.total_steps": .int(run.steps), "rlm.total_reward": .double(run.total),
            "onelogger.unfinished": .string(reason),
        ])
        run.span.setStatus(.error(message))
        run.span.stop()
        metrics?.ended(after: recorder.now.duration(since: run.startedAt), isCompleted: false)
    }
}
