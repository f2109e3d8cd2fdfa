internal import DigitsNetwork
internal import OneLogger

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
    var recorder: Recorder
    private let plan: Plan
    private let images: (training: Dataset, validation: Dataset)
    private var batch = Dataset()
    private var activations = Activations()
    private var gradient: Network

    /// Creates a network of random weights; everything that happens to it goes to `recorder`.
    init(
        _ plan: Plan, images: (training: Dataset, validation: Dataset), generator: SeededGenerator, recorder: Recorder
    ) {
        var generator = generator
        let network = Network(hiddenUnits: plan.hiddenUnits, using: &generator)
        let optimizer = Optimizer(learningRate: plan.learningRate, hiddenUnits: plan.hiddenUnits)
        state = Checkpoint(network: network, optimizer: optimizer, generator: generator, epoch: 0, step: 0)
        gradient = Network(hiddenUnits: plan.hiddenUnits)
        self.plan = plan
        self.recorder = recorder
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
        return try recorder.timedSpan("training_loop") { span in
            span["epochs"] = epochs
            span["batch_size"] = plan.batchSize
            var validation = Evaluation()
            while state.epoch < last {
                let epoch = runEpoch()
                validation = epoch.validation
                report(epoch)
                if state.epoch == last || state.epoch % plan.checkpointInterval == 0 { try save() }
            }
            span["loss"] = validation.loss
            span["accuracy"] = validation.accuracy
            return validation
        }
    }

    /// Trains for one epoch, then validates.
    mutating func runEpoch() -> EpochReport {
        let start = ContinuousClock.now
        let loss = showEveryImage()
        let validation = validate()
        return EpochReport(
            epoch: state.epoch, trainingLoss: loss, validation: validation, duration: start.duration(to: .now))
    }

    /// Shows every training image to the network once, in a new random order.
    ///
    /// - Returns: The loss, mean over the steps.
    private mutating func showEveryImage() -> Double {
        recorder.timedSpan("epoch") { span in
            // From the first order each time: so an epoch depends on the generator alone, which a checkpoint holds.
            let order = (0..<images.training.count).shuffled(using: &state.generator)
            var sum = 0.0
            var steps = 0
            for start in stride(from: 0, to: order.count, by: plan.batchSize) {
                sum += runStep(order[start..<min(start + plan.batchSize, order.count)])
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
    private mutating func runStep(_ places: ArraySlice<Int>) -> Double {
        recorder.timedSpan("training_single_iteration") { span in
            recorder.timedSpan("data_loading") { _ in
                batch.fill(from: images.training, at: places)
            }
            let loss = recorder.timedSpan("model_forward") { _ in
                state.network.forward(batch, &activations)
            }
            recorder.timedSpan("zero_grad") { _ in
                gradient.setToZero()
            }
            recorder.timedSpan("model_backward") { _ in
                state.network.backward(batch, &activations, into: &gradient)
            }
            recorder.timedSpan("optimizer_update") { _ in
                state.optimizer.update(&state.network, along: gradient)
            }
            state.step += 1
            span["step"] = state.step
            span["loss"] = loss
            span["batch_size"] = places.count
            return loss
        }
    }

    /// Compares what the network says about the validation images with their labels.
    mutating func validate() -> Evaluation {
        recorder.timedSpan("validation_loop") { span in
            let evaluation = state.network.evaluate(images.validation, &activations)
            span["epoch"] = state.epoch
            span["loss"] = evaluation.loss
            span["accuracy"] = evaluation.accuracy
            return evaluation
        }
    }

    /// Saves a checkpoint, if the plan has a place for it.
    private func save() throws {
        guard let path = plan.checkpoint else { return }
        try recorder.timedSpan("checkpoint_save_sync") { span in
            span["step"] = state.step
            try state.save(to: path)
            span.event("save_checkpoint_success", ["path": .string(path), "step": .int(state.step)])
        }
    }

    /// The same run, going on from the checkpoint that it saved last, as after a restart.
    ///
    /// - Throws: ``ProblemReport`` when there is none or it is not whole.
    func resumed(fromCheckpointAt path: String) throws -> Training {
        try recorder.timedSpan("checkpoint_load") { span in
            var training = self
            training.state = try Checkpoint(contentsOf: path)
            training.gradient = Network(hiddenUnits: training.state.network.hidden.outputs)
            span["step"] = training.state.step
            return training
        }
    }
}
