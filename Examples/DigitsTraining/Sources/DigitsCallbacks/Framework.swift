internal import DigitsNetwork

/// What a framework tells those who listen.
enum Moment: Sendable {
    case begins(Phase)
    case ends(Phase, Facts)

    /// What has a beginning and an end.
    enum Phase: Sendable {
        case application, dataLoader, model, training, epoch, step, loading, forward, zeroGrad, backward, update
        case validation, validationStep, save, load
    }

    /// What is known at an end.
    struct Facts: Sendable {
        /// Steps so far, counted over all restarts.
        var step = 0
        var epoch = 0
        var loss: Double?
        var evaluation: Evaluation?
        /// True when a checkpoint was written.
        var isSaved = false
    }
}

/// A training framework in small, such as people use and cannot change: it owns the loop, and calls back.
struct Framework {
    /// Called at every moment, on the thread that trains.
    var listener: (Moment) -> Void
    private(set) var state: Checkpoint
    private let images: (training: Dataset, validation: Dataset)
    private let batchSize = 32
    private var batch = Dataset()
    private var activations = Activations()
    private var gradient: Network

    /// Makes a network for images.
    init(
        images: (training: Dataset, validation: Dataset), hiddenUnits: Int, learningRate: Double,
        generator: SeededGenerator, listener: @escaping (Moment) -> Void
    ) {
        listener(.begins(.model))
        var generator = generator
        let network = Network(hiddenUnits: hiddenUnits, using: &generator)
        let optimizer = Optimizer(learningRate: learningRate, hiddenUnits: hiddenUnits)
        state = Checkpoint(network: network, optimizer: optimizer, generator: generator, epoch: 0, step: 0)
        gradient = Network(hiddenUnits: hiddenUnits)
        self.images = images
        self.listener = listener
        listener(.ends(.model, Moment.Facts()))
    }

    private var facts: Moment.Facts { Moment.Facts(step: state.step, epoch: state.epoch) }

    private mutating func phase<R>(_ phase: Moment.Phase, _ body: (inout Self) throws -> R) rethrows -> R {
        listener(.begins(phase))
        defer { listener(.ends(phase, facts)) }
        return try body(&self)
    }

    /// Trains, validates after each epoch, and saves a checkpoint at the end.
    ///
    /// - Returns: The last validation.
    /// - Throws: ``ProblemReport`` when the checkpoint cannot be written.
    mutating func fit(epochs: Int, checkpoint: String) throws -> Evaluation {
        try phase(.training) { framework in
            var evaluation = Evaluation()
            for _ in 0..<epochs {
                framework.phase(.epoch) { $0.runEpoch() }
                evaluation = framework.validate()
            }
            try framework.save(to: checkpoint)
            return evaluation
        }
    }

    /// Reads a checkpoint.
    mutating func restore(from path: String) throws { try phase(.load) { $0.state = try Checkpoint(contentsOf: path) } }

    private mutating func runEpoch() {
        let order = (0..<images.training.count).shuffled(using: &state.generator)
        for start in stride(from: 0, to: order.count, by: batchSize) {
            runStep(order[start..<min(start + batchSize, order.count)])
        }
        state.epoch += 1
        state.optimizer.learningRate *= 0.98
    }

    private mutating func runStep(_ places: ArraySlice<Int>) {
        listener(.begins(.step))
        phase(.loading) { $0.batch.fill(from: $0.images.training, at: places) }
        let loss = phase(.forward) { $0.state.network.forward($0.batch, &$0.activations) }
        phase(.zeroGrad) { $0.gradient.setToZero() }
        phase(.backward) { $0.state.network.backward($0.batch, &$0.activations, into: &$0.gradient) }
        phase(.update) { $0.state.optimizer.update(&$0.state.network, along: $0.gradient) }
        state.step += 1
        var facts = facts
        facts.loss = loss
        listener(.ends(.step, facts))
    }

    private mutating func validate() -> Evaluation {
        listener(.begins(.validation))
        let evaluation = phase(.validationStep) { $0.state.network.evaluate($0.images.validation, &$0.activations) }
        var facts = facts
        facts.evaluation = evaluation
        listener(.ends(.validation, facts))
        return evaluation
    }

    private func save(to path: String) throws {
        listener(.begins(.save))
        var facts = facts
        defer { listener(.ends(.save, facts)) }
        try state.save(to: path)
        facts.isSaved = true
    }
}
