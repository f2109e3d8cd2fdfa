import OneLogger
import OneLoggerTesting

@testable import TrainingTelemetry

/// A job that does everything there is, and the names that it leaves behind.
enum Everything {
    /// By span and by event, the attributes that they have.
    static func recorded() throws -> (spans: [String: Set<String>], events: [String: Set<String>]) {
        var config = TrainingTelemetryConfig(perfTag: "p", globalBatchSize: 32)
        config.logEveryNTrainIterations = 2
        config.microBatchSize = 4
        config.seqLength = 1024
        config.flopsPerSample = 1_000_000
        config.trainIterationsTarget = 100
        config.trainSamplesTarget = 3200
        config.isLogThroughputEnabled = true
        config.peakTFLOPSPerGPU = 100
        config.customMetadata = ["team": "x"]
        let job = try Job(config, filter: .all, resource: Resource(customMetadata: ["cluster": "c1"]))
        run(job, job.training)
        let records = job.records()
        var spans: [String: Set<String>] = [:], events: [String: Set<String>] = [:]
        for span in records.spans {
            spans[span.name, default: []].formUnion(span.attributes.map(\.key) + span.stopAttributes.map(\.key))
        }
        for case .event(let event) in records {
            events[event.event.name, default: []].formUnion(event.event.attributes.map(\.key))
        }
        return (spans, events)
    }

    private static func run(_ job: Job, _ training: TrainingTelemetry) {
        training.application {
            for activity in TrainingActivity.allCases { training.measure(activity) { job.wait(1) } }
            training.loop { loop in
                for _ in 0..<2 {
                    loop.iteration { iteration in
                        for activity in TrainingActivity.allCases { iteration.measure(activity) { job.wait(1) } }
                        iteration.note(loss: 0.5)
                    }
                }
                for strategy in [CheckpointStrategy.sync, .async] {
                    loop.saveCheckpoint(step: 2, strategy: strategy) { save in
                        save.note(directory: "out", size: 7)
                        job.wait(1)
                    }
                }
                training.onSaveCheckpointSuccess(globalStep: 2)
                loop.validation { $0.iteration { job.wait(1) } }
                loop.testing { $0.iteration { job.wait(1) } }
            }
        }
    }
}
