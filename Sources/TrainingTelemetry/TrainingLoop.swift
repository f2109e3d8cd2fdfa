public import OneLogger
internal import Synchronization

/// One training loop: what its iterations, validations, tests and checkpoints belong to.
///
/// Thread-safe. Each loop begins with nothing: several may run in one process, one after another or at once. Copies are the
/// same loop.
public struct TrainingLoop: Sendable {
    /// What all copies share; it does not know the telemetry, which keeps the latest loop.
    final class Shared: Sendable {
        struct State {
            var metrics: TrainingMetrics
            var scale: StampScale
            var isActive: Bool
        }

        let open: OpenSpan
        let state: Locked<State>

        init(_ recorder: Recorder, _ open: OpenSpan, _ metrics: TrainingMetrics, isActive: Bool) {
            self.open = open
            state = Locked(State(metrics: metrics, scale: StampScale(recorder), isActive: isActive))
        }

        var isActive: Bool { state.withLock { $0.isActive } }
    }

    @usableFromInline let telemetry: TrainingTelemetry
    let shared: Shared

    init(_ telemetry: TrainingTelemetry, _ shared: Shared) {
        self.telemetry = telemetry
        self.shared = shared
    }

    @usableFromInline var open: OpenSpan { shared.open }

    /// The loop's span, for attributes and as `parent:`; it records nothing when it is not exported.
    public var span: ManualSpan { open.handle }

    /// Finished iterations since the job's beginning, those before a restart included.
    public var completedIterations: Int { shared.state.withLock { $0.metrics.completed } }

    /// True when what runs inside it hangs under it.
    @usableFromInline var isExported: Bool { open.isExported }

    var isActive: Bool { shared.isActive }

    private var recorder: Recorder { telemetry.recorder }

    /// The span under which something of this loop hangs where no other one is open.
    var fallback: SpanContext? { open.isExported && isActive ? open.context : telemetry.applicationContext }

    /// Changes the metrics with the times of a stretch that ends now, or at a given time.
    func update<Result>(
        _ start: UInt64, _ end: UInt64, _ body: (inout TrainingMetrics, _ start: Timestamp, _ end: Timestamp) -> Result
    ) -> Result {
        shared.state.withLock { state in
            let times = state.scale.times(start, end, recorder)
            return body(&state.metrics, times.start, times.end)
        }
    }

    // MARK: the loop

    /// Reports what is left after the last full window, then ends the span.
    @usableFromInline
    func end(_ error: (any Error)?) { end(error, at: nil) }

    func end(_ error: (any Error)?, at time: Timestamp?) {
        var rest: Attributes?
        let attributes: Attributes = shared.state.withLock { state in
            state.isActive = false
            if state.metrics.hasRemainder, state.metrics.settings != nil { rest = state.metrics.takeUpdate() }
            return state.metrics.endAttributes
        }
        if let rest { open.span?.event(Event("training_metrics_update", rest, at: time)) }
        telemetry.close(open, error, end: recorder.stamp, attributes, at: time)
    }

    // MARK: iterations

    @usableFromInline
    func beginIteration() -> OpenSpan {
        telemetry.open(.trainingSingleIteration, telemetry.parent(else: fallback))
    }

    @usableFromInline
    func endIteration(_ iteration: OpenSpan, _ error: (any Error)?) {
        shared.endIteration(telemetry, iteration, error, now: recorder.stamp, at: nil)
    }

    @usableFromInline
    func beginPart(_ part: TrainingSpan, _ context: SpanContext?) -> OpenSpan {
        telemetry.open(part, telemetry.parent(else: context ?? fallback))
    }

    @usableFromInline
    func endPart(_ part: OpenSpan, _ error: (any Error)?) { endPart(part, error, at: nil) }

    func endPart(_ part: OpenSpan, _ error: (any Error)?, at time: Timestamp?) {
        let now = recorder.stamp, end = time.map(RecordLayout.stamp) ?? now
        guard part.start != 0, now != 0 else { return }
        if error == nil { update(part.start, end) { $0.finish(part.kind, from: $1, to: $2) } }
        telemetry.close(part, error, end: end, at: time)
    }

    /// Notes the latest loss; the next event `training_metrics_update` names it.
    public func note(loss: Double) { shared.state.withLock { $0.metrics.note(loss: loss) } }

    // MARK: validations and tests

    @usableFromInline
    func beginEvaluation(_ kind: TrainingSpan) -> OpenSpan {
        beginEvaluation(kind, parent: telemetry.parent(else: fallback))
    }

    func beginEvaluation(_ kind: TrainingSpan, parent: SpanParent, at time: Timestamp? = nil) -> OpenSpan {
        shared.state.withLock { state in
            if kind == .validationLoop { state.metrics.validation.begin() } else { state.metrics.testing.begin() }
        }
        return telemetry.open(kind, parent, at: time)
    }

    @usableFromInline
    func endEvaluation(_ evaluation: OpenSpan, _ error: (any Error)?) { endEvaluation(evaluation, error, at: nil) }

    func endEvaluation(_ evaluation: OpenSpan, _ error: (any Error)?, at time: Timestamp?) {
        let isValidation = evaluation.kind == .validationLoop
        let attributes: Attributes = shared.state.withLock { state in
            let (current, iterations) = (state.metrics.current, state.metrics.iterations)
            return isValidation
                ? state.metrics.validation.end(current: current, iterations: iterations, timed: true)
                : state.metrics.testing.end(current: current, iterations: iterations, timed: false)
        }
        if error == nil {
            let name = isValidation ? "validation_metrics_update" : "testing_metrics_update"
            evaluation.span?.event(Event(name, attributes, at: time))
        }
        telemetry.close(evaluation, error, end: recorder.stamp, at: time)
    }

    @usableFromInline
    func endEvaluationIteration(_ iteration: OpenSpan, _ error: (any Error)?) {
        endEvaluationIteration(iteration, error, at: nil)
    }

    func endEvaluationIteration(_ iteration: OpenSpan, _ error: (any Error)?, at time: Timestamp?) {
        let now = recorder.stamp, end = time.map(RecordLayout.stamp) ?? now
        guard iteration.start != 0, now != 0 else { return }
        if error == nil {
            let isValidation = iteration.kind == .validationSingleIteration
            update(iteration.start, end) { metrics, start, end in
                if isValidation {
                    metrics.validation.finishIteration(from: start, to: end)
                } else {
                    metrics.testing.finishIteration(from: start, to: end)
                }
            }
        }
        telemetry.close(iteration, error, end: end, at: time)
    }
}

extension TrainingLoop.Shared {
    /// Ends an iteration; one that failed has done nothing, so it does not count.
    ///
    /// - Parameters:
    ///   - telemetry: What the loop is recorded by.
    ///   - iteration: Which.
    ///   - error: What its body threw.
    ///   - now: A reading of the clock.
    ///   - time: When it ended, where that was given.
    func endIteration(
        _ telemetry: TrainingTelemetry, _ iteration: OpenSpan, _ error: (any Error)?, now: UInt64, at time: Timestamp?
    ) {
        let end = time.map(RecordLayout.stamp) ?? now
        guard iteration.start != 0, now != 0 else { return }
        if error == nil {
            var isLate = false
            let full: (attributes: Attributes, time: Timestamp)? = state.withLock { state in
                isLate = !state.isActive
                let times = state.scale.times(iteration.start, end, telemetry.recorder)
                guard state.metrics.finishIteration(from: times.start, to: times.end) else { return nil }
                return (state.metrics.takeUpdate(), times.end)
            }
            if isLate || full != nil, let span = open.span { tell(telemetry, span, isLate, full) }
        }
        telemetry.close(iteration, error, end: end, at: time)
    }

    private func tell(
        _ telemetry: TrainingTelemetry, _ span: ManualSpan, _ isLate: Bool,
        _ full: (attributes: Attributes, time: Timestamp)?
    ) {
        guard !isLate else {
            return telemetry.report(
                "loop", "an iteration has ended after its loop", "Wait for it before the loop ends.")
        }
        if let full { span.event(Event("training_metrics_update", full.attributes, at: full.time)) }
    }
}
