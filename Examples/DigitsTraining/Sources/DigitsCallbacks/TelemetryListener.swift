internal import DigitsNetwork
internal import OneLogger
internal import TrainingTelemetry

/// Records what a framework does, by the callbacks of the training telemetry.
final class TelemetryListener {
    private let telemetry: TrainingTelemetry
    private let recorder: Recorder
    private var loop: ManualSpan?, epoch: ManualSpan?, validation: ManualSpan?
    private var step = 0

    init(_ telemetry: TrainingTelemetry) {
        self.telemetry = telemetry
        recorder = telemetry.recorder
    }

    /// Hears of one moment.
    func hear(_ moment: Moment) {
        switch moment {
        case .begins(let phase): begin(phase)
        case .ends(let phase, let facts): end(phase, facts)
        }
    }

    private func begin(_ phase: Moment.Phase) {
        switch phase {
        case .application: telemetry.onAppStart()
        case .dataLoader: telemetry.onDataLoaderInitStart()
        case .model: telemetry.onModelInitStart()
        case .training: loop = telemetry.onTrainStart(trainIterationsStart: step)
        // A span of our own: it hangs under the loop because we say so.
        case .epoch: epoch = recorder.start("epoch", parent: loop.map { .span($0) } ?? .inherit)
        case .step: telemetry.onTrainingSingleIterationStart()
        case .loading: telemetry.onDataLoadingStart()
        case .forward: telemetry.onForwardStart()
        case .zeroGrad: telemetry.onZeroGradStart()
        case .backward: telemetry.onBackwardStart()
        case .update: telemetry.onOptimizerUpdateStart()
        case .validation: validation = telemetry.onValidationStart()
        case .validationStep: telemetry.onValidationSingleIterationStart()
        case .save: telemetry.onSaveCheckpointStart(globalStep: step)
        case .load: telemetry.onLoadCheckpointStart()
        }
    }

    private func end(_ phase: Moment.Phase, _ facts: Moment.Facts) {
        step = facts.step
        switch phase {
        case .application: break
        case .dataLoader: telemetry.onDataLoaderInitEnd()
        case .model: telemetry.onModelInitEnd()
        case .training: telemetry.onTrainEnd()
        case .epoch: epoch?.stop(["epoch": .int(facts.epoch)])
        case .step: telemetry.onTrainingSingleIterationEnd(loss: facts.loss)
        case .loading: telemetry.onDataLoadingEnd()
        case .forward: telemetry.onForwardEnd()
        case .zeroGrad: telemetry.onZeroGradEnd()
        case .backward: telemetry.onBackwardEnd()
        case .update: telemetry.onOptimizerUpdateEnd()
        case .validation:
            if let evaluation = facts.evaluation {
                validation?.set(["loss": .double(evaluation.loss), "accuracy": .double(evaluation.accuracy)])
            }
            telemetry.onValidationEnd()
        case .validationStep: telemetry.onValidationSingleIterationEnd()
        case .save:
            if facts.isSaved { telemetry.onSaveCheckpointSuccess(globalStep: facts.step) }
            telemetry.onSaveCheckpointEnd()
        case .load: telemetry.onLoadCheckpointEnd()
        }
    }

    /// The last moment: delivers everything.
    func finish(shutsDown: Bool = true) throws(TelemetryError) { try telemetry.onAppEnd(shutsDown: shutsDown) }
}
