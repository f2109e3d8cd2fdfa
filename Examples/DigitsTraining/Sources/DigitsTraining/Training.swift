internal import DigitsNetwork
internal import OneLogger
internal import TrainingTelemetry

/// A training run: what it works on, what it has learned, and the loop.
struct Training {
    /// What does not change while it runs.
    struct Plan: Sendable {
        /// Units of the hidden layer.
        var hiddenUnits = 128
        /// Images per step.
        var batchSize = 32
        /// How far the first epoch's steps go.
        var learningRate = 0.05
        /// What the learning rate is multiplied by after each epoch.
        var decay = 0.98
        /// Where checkpoints go; nil when none is written.
        var checkpoint: String?
        /// Epochs from one checkpoint to the next.
        var checkpointInterval = 20
    }

    /// What one epoch came to.
    struct EpochReport: Sendable {
        /// From 1.
        var epoch: Int
        /// Mean over the epoch's steps, in nats.
        var trainingLoss: Double
        /// After the epoch's last step.
        var validation: Evaluation
        /// How long the epoch and its validation took.
        var duration: Duration
    }

    /// All that a resumed run needs.
    private(set) var state: Checkpoint
    /// Where everything is recorded.
    var telemetry: TrainingTelemetry
    private let plan: Plan
    let images: (training: Dataset, validation: Dataset)
    private var batch = Dataset()
    private var activations = Activations()
    private var gradient: Network

    /// Creates a network of random weights; everything that happens to it goes to `telemetry`.
    init(
        _ plan: Plan, images: (training: Dataset, validation: Dataset), generator: SeededGenerator,
        telemetry: TrainingTelemetry
    ) {
        var generator = generator
        let network = Network(hiddenUnits: plan.hiddenUnits, using: &generator)
        let optimizer = Optimizer(learningRate: plan.learningRate, hiddenUnits: plan.hiddenUnits)
        state = Checkpoint(network: network, optimizer: optimizer, generator: generator, epoch: 0, step: 0)
        gradient = Network(hiddenUnits: plan.hiddenUnits)
        self.plan = plan
        self.telemetry = telemetry
        self.images = images
    }
}

// MARK: - the loop

extension Training {
    /// Trains for some epochs, validates after each, and saves a checkpoint now and then and at the end.
    ///
    /// - Parameters:
    ///   - epochs: How many.
    ///   - report: Called after each.
    /// - Returns: The last validation.
    /// - Throws: ``ProblemReport`` when a checkpoint cannot be written.
    @discardableResult
    mutating func run(epochs: Int, report: (EpochReport) -> Void = { _ in }) throws -> Evaluation {
        let last = state.epoch + epochs
        return try telemetry.loop(iterationsStart: state.step) { loop in
            loop.span.set(["epochs": .int(epochs), "batch_size": .int(plan.batchSize)])
            var validation = Evaluation()
            while state.epoch < last {
                let epoch = runEpoch(in: loop)
                validation = epoch.validation
                report(epoch)
                if state.epoch == last || state.epoch % plan.checkpointInterval == 0 { try save(in: loop) }
            }
            loop.span.set(["loss": .double(validation.loss), "accuracy": .double(validation.accuracy)])
            return validation
        }
    }

    /// Trains for one epoch in a loop of its own.
    mutating func runEpoch() -> EpochReport {
        telemetry.loop(iterationsStart: state.step) { loop in runEpoch(in: loop) }
    }

    /// Trains for one epoch, then validates.
    mutating func runEpoch(in loop: TrainingLoop) -> EpochReport {
        let start = ContinuousClock.now
        let loss = showEveryImage(in: loop)
        let validation = validate(in: loop)
        return EpochReport(
            epoch: state.epoch, trainingLoss: loss, validation: validation, duration: start.duration(to: .now))
    }

    /// Shows every training image to the network once, in a new random order.
    ///
    /// - Returns: The loss, mean over the steps.
    private mutating func showEveryImage(in loop: TrainingLoop) -> Double {
        telemetry.recorder.timedSpan("epoch") { span in
            // From the first order each time: so an epoch depends on the generator alone, which a checkpoint holds.
            let order = (0..<images.training.count).shuffled(using: &state.generator)
            var sum = 0.0
            var steps = 0
            for start in stride(from: 0, to: order.count, by: plan.batchSize) {
                sum += runStep(order[start..<min(start + plan.batchSize, order.count)], in: loop)
                steps += 1
            }
            state.epoch += 1
            state.optimizer.learningRate *= plan.decay
            let loss = sum / Double(steps)
            span["epoch"] = state.epoch
            span["loss"] = loss
            return loss
        }
    }

    /// Learns from one batch.
    ///
    /// - Returns: The batch's loss before the step.
    private mutating func runStep(_ places: ArraySlice<Int>, in loop: TrainingLoop) -> Double {
        loop.iteration { iteration in
            iteration.measure(.dataLoading) {
                batch.fill(from: images.training, at: places)
            }
            let loss = iteration.measure(.modelForward) {
                state.network.forward(batch, &activations)
            }
            iteration.measure(.zeroGrad) {
                gradient.setToZero()
            }
            iteration.measure(.modelBackward) {
                state.network.backward(batch, &activations, into: &gradient)
            }
            iteration.measure(.optimizerUpdate) {
                state.optimizer.update(&state.network, along: gradient)
            }
            state.step += 1
            iteration.note(loss: loss)
            return loss
        }
    }

    /// Compares what the network says about the validation images with their labels.
    mutating func validate(in loop: TrainingLoop) -> Evaluation {
        loop.validation { validation in
            let evaluation = validation.iteration { state.network.evaluate(images.validation, &activations) }
            validation.span.set([
                "epoch": .int(state.epoch), "loss": .double(evaluation.loss), "accuracy": .double(evaluation.accuracy),
            ])
            return evaluation
        }
    }

    /// Compares what the network says outside any loop, as after a restart.
    mutating func validate() -> Evaluation { validate(in: telemetry.latestLoop) }

    /// Saves a checkpoint, if the plan has a place for it.
    private func save(in loop: TrainingLoop) throws {
        guard let path = plan.checkpoint else { return }
        try loop.saveCheckpoint(step: state.step) { _ in try state.save(to: path) }
    }

    /// The same run, going on from the checkpoint that it saved last, as after a restart.
    ///
    /// - Throws: ``ProblemReport`` when there is none or it is not whole.
    func resumed(fromCheckpointAt path: String) throws -> Training {
        try telemetry.measure(.checkpointLoad) {
            var training = self
            training.state = try Checkpoint(contentsOf: path)
            training.gradient = Network(hiddenUnits: training.state.network.hidden.outputs)
            return training
        }
    }
}
