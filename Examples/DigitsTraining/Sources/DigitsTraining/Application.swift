internal import DigitsNetwork
internal import OneLogger

/// The whole program, once its arguments are read and its recorder is there.
struct Application: Sendable {
    private let options: Options
    private let recorder: Recorder
    private let checkpoint: String

    /// - Parameters:
    ///   - options: What to do.
    ///   - recorder: Where it is recorded; shut down at the end.
    init(_ options: Options, _ recorder: Recorder) {
        self.options = options
        self.recorder = recorder
        checkpoint = options.output + "/digits.checkpoint"
    }

    /// Trains, measures what telemetry costs, and says how it went.
    ///
    /// - Returns: The share of the validation images that are read right.
    func run() throws -> Double {
        try makeFolder(options.output)
        let (work, result) = try recorder.timedSpan("application") { span in
            let work = try loadImages()
            let result = try train(work)
            span["seed"] = options.seed
            span["loss"] = result.loss
            span["accuracy"] = result.accuracy
            return (work, result)
        }
        print("measuring telemetry: \(TelemetryShare.pairs) pairs of runs, \(TelemetryShare.epochs) epochs each")
        let share = try TelemetryShare(of: recorder) { recorder in
            Training(Training.Plan(), images: work.images, generator: work.generator, recorder: recorder)
        }
        try recorder.shutdown()
        show(result, share)
        return result.accuracy
    }

    /// The images, and what draws the random numbers from here on.
    private typealias Work = (images: (training: Dataset, validation: Dataset), generator: SeededGenerator)

    /// Reads the images and puts a fifth of them aside for validation.
    private func loadImages() throws -> Work {
        try recorder.timedSpan("data_loader_initialization") { span in
            var generator = SeededGenerator(seed: UInt64(options.seed))
            let images = try Dataset(contentsOf: options.data).split(validation: 0.2, using: &generator)
            span["training_images"] = images.training.count
            span["validation_images"] = images.validation.count
            return (images, generator)
        }
    }

    /// Trains, then goes on from the checkpoint as after a restart, to see that it holds what was learned.
    ///
    /// - Throws: ``ProblemReport`` when it does not.
    private func train(_ work: Work) throws -> Evaluation {
        let plan = Training.Plan(checkpoint: checkpoint)
        var training = recorder.timedSpan("model_initialization") { span in
            let training = Training(plan, images: work.images, generator: work.generator, recorder: recorder)
            span["parameters"] = training.state.network.parameterCount
            return training
        }
        let result = try training.run(epochs: options.epochs, report: Progress(epochs: options.epochs).show)
        var resumed = try training.resumed(fromCheckpointAt: checkpoint)
        guard resumed.validate() == result else {
            throw ProblemReport(
                checkpoint, "the loaded network reads other digits than the saved one",
                advice: "Look for what changed the file, and train again.")
        }
        return result
    }

    private func show(_ result: Evaluation, _ share: TelemetryShare) {
        let health = recorder.health
        let lost = health.exporters.map(\.lost).reduce(health.lostBeforeExport, +)
        print("telemetry: \(health.recorded) records, \(lost) lost")
        print(share.summary)
        print("written: \(checkpoint)")
        print("validation accuracy: \((100 * result.accuracy).text(1)) %")
    }
}
