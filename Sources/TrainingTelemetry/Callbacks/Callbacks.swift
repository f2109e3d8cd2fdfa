public import OneLogger
internal import Synchronization

/// Callbacks, for frameworks that own the loop: each start has an end, and several threads may call them.
///
/// An end belongs to the start of the same thread, or else to the only one. A start returns its span, for
/// attributes and as `parent:` of the application's own spans; it records nothing when it is not exported. Times default to now; one that lies
/// further from now than the recorder's `timeTolerance` is a mistake. One training loop is open at a time; another one beside
/// it takes a ``TrainingTelemetry`` of its own, or closures.
extension TrainingTelemetry {
    /// The application begins.
    ///
    /// - Parameter time: When; nil means now.
    /// - Returns: Its span.
    @discardableResult
    public func onAppStart(at time: Timestamp? = nil) -> ManualSpan {
        let time = checked(time, "onAppStart")
        return start(.application, "onAppStart") { beginApplication(parent: $0, at: time) }
    }

    /// The application ends: everything that is open ends before it, and the recorder is shut down.
    ///
    /// - Parameters:
    ///   - time: When; nil means now.
    ///   - shutsDown: False to keep the recorder for what comes afterwards.
    /// - Throws: What `shutdown` throws, under `ErrorHandlingStrategy.propagate`.
    public func onAppEnd(at time: Timestamp? = nil, shutsDown: Bool = true) throws(TelemetryError) {
        let time = checked(time, "onAppEnd")
        let isOpen = state.withLock { state in state.open.contains { $0.open.kind == .application } }
        if isOpen { endAll(at: time) } else { _ = finish(.application, call: "onAppEnd") }
        if shutsDown { try recorder.shutdown() }
    }

    /// The training loop begins.
    ///
    /// - Parameters:
    ///   - trainIterationsStart: How many iterations earlier jobs have done, 0 or more.
    ///   - trainSamplesStart: How many samples these have seen, 0 or more; nil means as many as the batch size says.
    ///   - trainIterationsTarget: After how many iterations the training is done; nil means what the configuration says.
    ///   - trainSamplesTarget: After how many samples it is done; nil means what the configuration says.
    ///   - time: When; nil means now.
    /// - Returns: Its span.
    @discardableResult
    public func onTrainStart(
        trainIterationsStart: Int, trainSamplesStart: Int? = nil, trainIterationsTarget: Int? = nil,
        trainSamplesTarget: Int? = nil, at time: Timestamp? = nil
    ) -> ManualSpan {
        let time = checked(time, "onTrainStart")
        let given = LoopStart(
            iterations: trainIterationsStart, samples: trainSamplesStart, iterationsTarget: trainIterationsTarget,
            samplesTarget: trainSamplesTarget)
        return start(.trainingLoop, "onTrainStart") { parent in
            let loop = beginLoop(given, "onTrainStart", parent: parent, at: time)
            state.withLock { $0.calledLoop = loop.shared }
            return loop.open
        }
    }

    /// The training loop ends; what is left after the last full window is reported.
    public func onTrainEnd(at time: Timestamp? = nil, error: (any Error)? = nil) {
        let time = checked(time, "onTrainEnd")
        guard finish(.trainingLoop, call: "onTrainEnd") != nil else { return }
        calledLoop.end(error, at: time)
    }

    /// A training iteration begins.
    ///
    /// - Parameter time: When; nil means now.
    /// - Returns: Its span.
    @discardableResult
    public func onTrainingSingleIterationStart(at time: Timestamp? = nil) -> ManualSpan {
        startActivity(.trainingSingleIteration, "onTrainingSingleIterationStart", at: time)
    }

    /// A training iteration ends; with an error it does not count.
    ///
    /// - Parameters:
    ///   - time: When; nil means now.
    ///   - loss: Its loss; the next event `training_metrics_update` names the latest one.
    ///   - error: What stopped it.
    public func onTrainingSingleIterationEnd(
        at time: Timestamp? = nil, loss: Double? = nil, error: (any Error)? = nil
    ) {
        let now = recorder.stamp, time = checked(time, "onTrainingSingleIterationEnd")
        let found = finishInLoop(.trainingSingleIteration, call: "onTrainingSingleIterationEnd")
        guard let (open, loop) = found, let loop else { return }
        if let loss { loop.state.withLock { $0.metrics.note(loss: loss) } }
        loop.endIteration(self, open, error, now: now, at: time)
    }

    // MARK: validations and tests

    /// A validation begins.
    @discardableResult
    public func onValidationStart(at time: Timestamp? = nil) -> ManualSpan {
        startEvaluation(.validationLoop, "onValidationStart", at: time)
    }

    /// A validation ends.
    public func onValidationEnd(at time: Timestamp? = nil, error: (any Error)? = nil) {
        endEvaluation(.validationLoop, "onValidationEnd", error, at: time)
    }

    /// An iteration of a validation begins.
    @discardableResult
    public func onValidationSingleIterationStart(at time: Timestamp? = nil) -> ManualSpan {
        startActivity(.validationSingleIteration, "onValidationSingleIterationStart", at: time)
    }

    /// An iteration of a validation ends; with an error it does not count.
    public func onValidationSingleIterationEnd(at time: Timestamp? = nil, error: (any Error)? = nil) {
        endEvaluationIteration(.validationSingleIteration, "onValidationSingleIterationEnd", error, at: time)
    }

    /// A test begins.
    @discardableResult
    public func onTestingStart(at time: Timestamp? = nil) -> ManualSpan {
        startEvaluation(.testingLoop, "onTestingStart", at: time)
    }

    /// A test ends.
    public func onTestingEnd(at time: Timestamp? = nil, error: (any Error)? = nil) {
        endEvaluation(.testingLoop, "onTestingEnd", error, at: time)
    }

    /// An iteration of a test begins.
    @discardableResult
    public func onTestingSingleIterationStart(at time: Timestamp? = nil) -> ManualSpan {
        startActivity(.testingSingleIteration, "onTestingSingleIterationStart", at: time)
    }

    /// An iteration of a test ends.
    public func onTestingSingleIterationEnd(at time: Timestamp? = nil, error: (any Error)? = nil) {
        endEvaluationIteration(.testingSingleIteration, "onTestingSingleIterationEnd", error, at: time)
    }

    private func startEvaluation(_ kind: TrainingSpan, _ call: String, at time: Timestamp?) -> ManualSpan {
        let time = checked(time, call)
        return start(kind, call) { calledLoop.beginEvaluation(kind, parent: $0, at: time) }
    }

    private func endEvaluation(_ kind: TrainingSpan, _ call: String, _ error: (any Error)?, at time: Timestamp?) {
        let time = checked(time, call)
        guard let open = finish(kind, call: call) else { return }
        calledLoop.endEvaluation(open, error, at: time)
    }

    private func endEvaluationIteration(
        _ kind: TrainingSpan, _ call: String, _ error: (any Error)?, at time: Timestamp?
    ) {
        let time = checked(time, call)
        guard let open = finish(kind, call: call) else { return }
        calledLoop.endEvaluationIteration(open, error, at: time)
    }

    // MARK: checkpoints

    /// A checkpoint begins to be saved.
    ///
    /// - Parameters:
    ///   - globalStep: The number of the iteration that it is saved after, 0 or more.
    ///   - time: When; nil means now.
    /// - Returns: Its span.
    @discardableResult
    public func onSaveCheckpointStart(globalStep: Int, at time: Timestamp? = nil) -> ManualSpan {
        let call = "onSaveCheckpointStart", time = checked(time, call), step = checked(globalStep, "global_step", call)
        let strategy = state.withLock { $0.settings?.strategy ?? .sync }
        // Of the synchronous saves one is open at a time, of the others one of each step.
        return start(strategy.span, call, step: strategy == .sync ? nil : step) { parent in
            calledLoop.beginSave(step, strategy, call, parent: parent, at: time)
        }
    }

    /// A checkpoint has been saved: its work survives a crash.
    ///
    /// For an asynchronous save also after ``onSaveCheckpointEnd(globalStep:at:error:)``, and after a closure that has
    /// returned.
    ///
    /// - Parameters:
    ///   - globalStep: As at its start.
    ///   - directory: Where it is.
    ///   - size: How large it is, 0 or more. Unit: bytes.
    ///   - time: When; nil means now.
    public func onSaveCheckpointSuccess(
        globalStep: Int, directory: String? = nil, size: Int? = nil, at time: Timestamp? = nil
    ) {
        let call = "onSaveCheckpointSuccess", time = checked(time, call)
        let (strategy, save): (CheckpointStrategy, OpenSpan?) = state.withLock { state in
            let save = state.open.last { entry in
                entry.open.kind == .checkpointSaveSync
                    || entry.open.kind == .checkpointSaveAsync && entry.step == max(0, globalStep)
            }?.open
            let kind = save?.kind ?? state.settings?.strategy.span
            return (kind == .checkpointSaveAsync ? .async : .sync, save)
        }
        calledLoop.succeed(globalStep, save, strategy, details(directory, size, call), call, at: time)
    }

    /// The saving of a checkpoint is over, whether it succeeded or not.
    ///
    /// - Parameters:
    ///   - globalStep: As at its start; needed only where several asynchronous saves are open.
    ///   - time: When; nil means now.
    ///   - error: Why it failed.
    public func onSaveCheckpointEnd(globalStep: Int? = nil, at time: Timestamp? = nil, error: (any Error)? = nil) {
        let call = "onSaveCheckpointEnd", time = checked(time, call)
        let isSync = state.withLock { state in state.open.contains { $0.open.kind == .checkpointSaveSync } }
        let found = finish(
            isSync ? .checkpointSaveSync : .checkpointSaveAsync, call: call,
            step: isSync ? nil : globalStep.map { max(0, $0) })
        guard let found else { return }
        calledLoop.endSave(found, error, at: time)
    }
}
