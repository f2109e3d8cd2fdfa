internal import OneLogger
internal import Synchronization

/// Where a training loop begins.
struct LoopStart: Sendable {
    var iterations = 0
    var samples: Int?
    var iterationsTarget: Int?, samplesTarget: Int?
}

extension TrainingTelemetry {
    func beginLoop(_ given: LoopStart, _ call: String, parent: SpanParent, at time: Timestamp? = nil) -> TrainingLoop {
        var settings = state.withLock { $0.settings }
        if settings == nil {
            report(
                call, "the configuration of the training is missing, so its metrics cannot be computed",
                "Call configure, or give a config, before the training loop begins.")
        }
        for (name, target) in [("iterations", given.iterationsTarget), ("samples", given.samplesTarget)] {
            if let target, target < 1 {
                report(call, "invalid value for train_\(name)_target: \(target)", "Give 1 or more; it is left out now.")
            }
        }
        if let target = given.iterationsTarget, target > 0 { settings?.trainIterationsTarget = target }
        if let target = given.samplesTarget, target > 0 { settings?.trainSamplesTarget = target }
        let metrics = TrainingMetrics(
            settings, iterationsStart: checked(given.iterations, "train_iterations_start", call),
            samplesStart: given.samples.map { checked($0, "train_samples_start", call) },
            worldSize: recorder.resource.worldSize ?? 1, start: time ?? recorder.now)
        let open = open(.trainingLoop, parent, metrics.loopAttributes, at: time)
        if let span = open.span { tell(on: span, ifApplicationIsMissing: time) }
        let loop = TrainingLoop.Shared(recorder, open, metrics, isActive: true)
        state.withLock { $0.loop = loop }
        return TrainingLoop(self, loop)
    }

    @usableFromInline
    func beginLoop(
        _ iterationsStart: Int, _ samplesStart: Int?, _ iterationsTarget: Int?, _ samplesTarget: Int?
    ) -> TrainingLoop {
        let start = LoopStart(
            iterations: iterationsStart, samples: samplesStart, iterationsTarget: iterationsTarget,
            samplesTarget: samplesTarget)
        return beginLoop(start, "loop", parent: parent(else: applicationContext))
    }

    /// Without an application, its events stand on the loop: else nobody would know the process.
    private func tell(on span: ManualSpan, ifApplicationIsMissing time: Timestamp?) {
        guard state.withLock({ $0.application == nil }) else { return }
        tell(on: span, at: time)
    }

    /// The training loop that began last, or one without iterations when there was none.
    ///
    /// For validations, tests and checkpoints after the loop: `training.latestLoop.testing { test in … }`.
    public var latestLoop: TrainingLoop {
        let (known, settings) = state.withLock { ($0.loop, $0.settings) }
        if let known { return TrainingLoop(self, known) }
        let metrics = TrainingMetrics(
            settings, worldSize: recorder.resource.worldSize ?? 1, start: Timestamp(nanoseconds: 0))
        let none = TrainingLoop.Shared(recorder, .nothing(.trainingLoop), metrics, isActive: false)
        let loop = state.withLock { state in
            let loop = state.loop ?? none
            state.loop = loop
            return loop
        }
        return TrainingLoop(self, loop)
    }

    @usableFromInline
    func begin(_ activity: TrainingSpan) -> OpenSpan { open(activity, parent(else: applicationContext)) }

    @usableFromInline
    func end(_ activity: OpenSpan, _ error: (any Error)?) { close(activity, error, end: recorder.stamp) }

    // MARK: the scope of closures

    /// Runs the body of a span that is exported, so that what it times hangs under it.
    @usableFromInline
    func enter<R: ~Copyable, E: Error>(_ open: OpenSpan, _ body: () throws(E) -> R) throws(E) -> R {
        open.context.isValid ? try recorder.within(open.context, body) : try body()
    }

    @usableFromInline
    func enter<R, E: Error>(
        _ open: OpenSpan, isolation: isolated (any Actor)?, _ body: nonisolated(nonsending) () async throws(E) -> R
    ) async throws(E) -> R {
        guard open.context.isValid else { return try await body() }
        return try await recorder.within(open.context, isolation: isolation, body)
    }
}
