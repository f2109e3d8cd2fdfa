internal import DigitsNetwork

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
    }

    /// All that a resumed run needs.
    private(set) var state: Checkpoint
    private let plan: Plan
    private let images: (training: Dataset, validation: Dataset)
    private var batch = Dataset()
    private var activations = Activations()
    private var gradient: Network

    /// Creates a network of random weights.
    init(_ plan: Plan, images: (training: Dataset, validation: Dataset), generator: SeededGenerator) {
        var generator = generator
        let network = Network(hiddenUnits: plan.hiddenUnits, using: &generator)
        let optimizer = Optimizer(learningRate: plan.learningRate, hiddenUnits: plan.hiddenUnits)
        state = Checkpoint(network: network, optimizer: optimizer, generator: generator, epoch: 0, step: 0)
        gradient = Network(hiddenUnits: plan.hiddenUnits)
        self.plan = plan
        self.images = images
    }

    /// The same run, going on where `checkpoint` stopped.
    func resumed(from checkpoint: Checkpoint) -> Training {
        var training = self
        training.state = checkpoint
        training.gradient = Network(hiddenUnits: checkpoint.network.hidden.outputs)
        return training
    }
}

// MARK: - the loop

extension Training {
    /// Trains for some epochs, validates after each, and saves a checkpoint now and then and at the end.
    ///
    /// - Throws: ``ProblemReport`` when a checkpoint cannot be written.
    mutating func run(epochs: Int, report: (EpochReport) -> Void = { _ in }) throws {
        let last = state.epoch + epochs
        while state.epoch < last {
            let loss = runEpoch()
            report(EpochReport(epoch: state.epoch, trainingLoss: loss, validation: validate()))
            if state.epoch == last || state.epoch % plan.checkpointInterval == 0 { try save() }
        }
    }

    /// Shows every training image to the network once, in a new random order.
    ///
    /// - Returns: The loss, mean over the steps.
    private mutating func runEpoch() -> Double {
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
        return sum / Double(steps)
    }

    /// Learns from one batch.
    ///
    /// - Returns: The batch's loss before the step.
    private mutating func runStep(_ places: ArraySlice<Int>) -> Double {
        batch.fill(from: images.training, at: places)
        let loss = state.network.forward(batch, &activations)
        gradient.setToZero()
        state.network.backward(batch, &activations, into: &gradient)
        state.optimizer.update(&state.network, along: gradient)
        state.step += 1
        return loss
    }

    /// Compares what the network says about the validation images with their labels.
    mutating func validate() -> Evaluation {
        state.network.evaluate(images.validation, &activations)
    }

    /// Saves a checkpoint, if the plan has a place for it.
    private func save() throws {
        guard let path = plan.checkpoint else { return }
        try state.save(to: path)
    }
}
