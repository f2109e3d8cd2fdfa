import OneLoggerBootstrap
import TrainingTelemetry

let training = try TrainingTelemetry.bootstrap(
    training: TrainingTelemetryConfig(perfTag: "digits", globalBatchSize: 32), config: "Configs/console.yaml")

try training.application {
    training.measure(.modelInitialization) {
        // make the model
    }
    try training.loop(iterationsStart: 0) { loop in
        for step in 1...200 {
            loop.iteration { iteration in
                iteration.measure(.dataLoading) { /* next batch */  }
                iteration.measure(.modelForward) { /* loss */  }
                iteration.measure(.modelBackward) { /* gradient */  }
                iteration.measure(.optimizerUpdate) { /* weights */  }
                iteration.note(loss: 1 / Double(step))
            }
            guard step.isMultiple(of: 100) else { continue }
            loop.validation { validation in
                for _ in 0..<10 { validation.iteration { /* compare */  } }
            }
            try loop.saveCheckpoint(step: step) { checkpoint in
                try save(step)
                checkpoint.note(directory: "out/\(step)")
            }
        }
    }
}

func save(_ step: Int) throws {}
