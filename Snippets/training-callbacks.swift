import OneLoggerBootstrap
import TrainingTelemetry

/// Hangs into a framework that calls `willStep` and `didStep`.
struct Hooks {
    let training: TrainingTelemetry

    func willTrain(resumingAt step: Int) { training.onTrainStart(trainIterationsStart: step) }
    func willStep() { training.onTrainingSingleIterationStart() }
    func didStep(loss: Double) { training.onTrainingSingleIterationEnd(loss: loss) }

    func willSave(_ step: Int) { training.onSaveCheckpointStart(globalStep: step) }
    func didSave(_ step: Int, _ error: (any Error)?) {
        if error == nil { training.onSaveCheckpointSuccess(globalStep: step) }
        training.onSaveCheckpointEnd(error: error)
    }
    func didTrain() { training.onTrainEnd() }
}

let hooks = Hooks(training: try TrainingTelemetry.bootstrap(config: "Configs/console.yaml"))
hooks.training.onAppStart()
// What the framework knows only now: before its training loop is early enough.
hooks.training.configure(TrainingTelemetryConfig(perfTag: ["digits", "cpu"], globalBatchSize: 32))
hooks.willTrain(resumingAt: 0)
for step in 1...200 {
    hooks.willStep()
    hooks.didStep(loss: 1 / Double(step))
}
hooks.willSave(200)
hooks.didSave(200, nil)
hooks.didTrain()
try hooks.training.onAppEnd()
