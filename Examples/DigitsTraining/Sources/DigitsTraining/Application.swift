internal import DigitsNetwork
internal import OneLogger
internal import TrainingTelemetry

/// The whole program, once its arguments are read and its recorder is there.
struct Application: Sendable {
    private let options: Options
    private let telemetry: TrainingTelemetry
    private let checkpoint: String
    private let start = secondsSince1970()

    /// - Parameters:
    ///   - options: What to do.
    ///   - telemetry: Where it is recorded; its recorder is shut down at the end.
    init(_ options: Options, _ telemetry: TrainingTelemetry) {
        self.options = options
        self.telemetry = telemetry
        checkpoint = options.output + "/digits.checkpoint"
    }

    /// Trains, measures what telemetry costs, and says how it went.
    ///
    /// - Returns: The share of the validation images that are read right.
    func run() throws -> Double {
        try makeFolder(options.output)
        let (work, result) = try telemetry.application {
            let work = try loadImages()
            return (work, try train(work))
        }
        let share = try measure(work)
        try telemetry.recorder.shutdown()
        show(result, share)
        return result.accuracy
    }

    /// The images, and what draws the random numbers from here on.
    private typealias Work = (images: (training: Dataset, validation: Dataset), generator: SeededGenerator)

    /// Reads the images and puts a fifth of them aside for validation.
    private func loadImages() throws -> Work {
        try telemetry.measure(.dataLoaderInitialization) {
            var generator = SeededGenerator(seed: UInt64(options.seed))
            let images = try Dataset(contentsOf: options.data).split(validation: 0.2, using: &generator)
            return (images, generator)
        }
    }

    /// Trains, then goes on from the checkpoint as after a restart, to see that it holds what was learned.
    ///
    /// - Throws: ``ProblemReport`` when it does not.
    private func train(_ work: Work) throws -> Evaluation {
        let plan = Training.Plan(checkpoint: checkpoint)
        var training = telemetry.measure(.modelInitialization) {
            Training(plan, images: work.images, generator: work.generator, telemetry: telemetry)
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

    /// Under a root of its own, so that it can be told from the training.
    private func measure(_ work: Work) throws -> TelemetryShare {
        say("measuring telemetry: epochs with it and without it, in turn")
        return try telemetry.recorder.timedSpan("telemetry_measurement") { span in
            let training = Training(
                Training.Plan(), images: work.images, generator: work.generator, telemetry: try .silent())
            let share = try TelemetryShare(of: telemetry, training)
            span["pairs"] = share.pairs
            span["share"] = share.byComparison
            return share
        }
    }

    private func show(_ result: Evaluation, _ share: TelemetryShare) {
        let health = telemetry.recorder.health
        let lost = health.exporters.map(\.lost).reduce(health.lostBeforeExport, +)
        say("telemetry: \(health.recorded) records, \(lost) lost")
        say(share.summary)
        for file in written() { say("written: \(file)") }
        say("validation accuracy: \((100 * result.accuracy).text(1)) %")
    }

    /// The files that are newer than this run: its checkpoint and what exporters wrote there.
    private func written() -> [String] {
        let folders = Set([options.output, Options().output])
        return folders.flatMap { files(in: $0, changedSince: start) }.sorted()
    }
}

extension TrainingTelemetryConfig {
    /// What this program says about itself where its configuration file says nothing.
    static var digits: TrainingTelemetryConfig {
        var config = TrainingTelemetryConfig(perfTag: "digits", globalBatchSize: .value(Training.Plan().batchSize))
        config.logEveryNTrainIterations = 45
        return config
    }
}

extension TrainingTelemetry {
    /// One that records nothing.
    static func silent() throws -> TrainingTelemetry { try TrainingTelemetry(recorder: .disabled, config: .digits) }
}
