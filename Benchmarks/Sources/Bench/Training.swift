import CBench
import OneLogger
import TrainingTelemetry

/// Iterations whose spans are only summed up, with their metrics; and the same with an update every 50.
func training() {
    for (suffix, interval) in [("", 1 << 40), (".updates", 50)] {
        let r = recorder {
            $0.filter = .training
            $0.poolBytes = 64 << 20
        }
        var config = TrainingTelemetryConfig(perfTag: "bench", globalBatchSize: 32)
        config.logEveryNTrainIterations = interval
        guard let training = try? TrainingTelemetry(recorder: r, config: config) else { continue }
        training.loop { loop in
            harness.run("training.iteration\(suffix)", between: drain(r)) { n in
                for i in 0..<n { loop.iteration { _ in work(i) } }
            }
        }
        guard suffix.isEmpty else { continue }
        training.onTrainStart(trainIterationsStart: 0)
        harness.run("training.iteration.callbacks", between: drain(r)) { n in
            for i in 0..<n {
                training.onTrainingSingleIterationStart()
                work(i)
                training.onTrainingSingleIterationEnd()
            }
        }
        training.onTrainEnd()
    }
}
