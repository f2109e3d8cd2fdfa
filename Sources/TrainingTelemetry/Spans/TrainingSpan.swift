public import OneLogger

/// The standard spans of a training job.
@nonexhaustive
public enum TrainingSpan: UInt8, Sendable, Hashable, CaseIterable {
    /// The whole process, `application`.
    case application
    /// All iterations, `training_loop`.
    case trainingLoop
    /// One validation, `validation_loop`.
    case validationLoop
    /// One test, `testing_loop`.
    case testingLoop
    /// Getting the processes of the job to know each other, `distributed_code_initialization`.
    case distributedCodeInitialization
    /// Making what reads the data, `data_loader_initialization`.
    case dataLoaderInitialization
    /// Making the model, `model_initialization`.
    case modelInitialization
    /// Making the optimizer, `optimizer_initialization`.
    case optimizerInitialization
    /// Reading a checkpoint, `checkpoint_load`.
    case checkpointLoad
    /// Saving a checkpoint while the training waits, `checkpoint_save_sync`.
    case checkpointSaveSync
    /// Saving a checkpoint beside the training, `checkpoint_save_async`.
    case checkpointSaveAsync
    /// What is left to do when an asynchronous save has written everything, `checkpoint_save_finalization`.
    case checkpointSaveFinalization
    /// One iteration of the training, `training_single_iteration`.
    case trainingSingleIteration
    /// One iteration of a validation, `validation_single_iteration`.
    case validationSingleIteration
    /// One iteration of a test, `testing_single_iteration`.
    case testingSingleIteration
    /// Getting the data of an iteration, `data_loading`.
    case dataLoading
    /// Forward through the model, `model_forward`.
    case modelForward
    /// Setting the gradients to zero, `zero_grad`.
    case zeroGrad
    /// Backward through the model, `model_backward`.
    case modelBackward
    /// Changing the weights, `optimizer_update`.
    case optimizerUpdate

    /// The name in records.
    public var name: StaticName {
        switch self {
        case .application: "application"
        case .trainingLoop: "training_loop"
        case .validationLoop: "validation_loop"
        case .testingLoop: "testing_loop"
        case .distributedCodeInitialization: "distributed_code_initialization"
        case .dataLoaderInitialization: "data_loader_initialization"
        case .modelInitialization: "model_initialization"
        case .optimizerInitialization: "optimizer_initialization"
        case .checkpointLoad: "checkpoint_load"
        case .checkpointSaveSync: "checkpoint_save_sync"
        case .checkpointSaveAsync: "checkpoint_save_async"
        case .checkpointSaveFinalization: "checkpoint_save_finalization"
        case .trainingSingleIteration: "training_single_iteration"
        case .validationSingleIteration: "validation_single_iteration"
        case .testingSingleIteration: "testing_single_iteration"
        case .dataLoading: "data_loading"
        case .modelForward: "model_forward"
        case .zeroGrad: "zero_grad"
        case .modelBackward: "model_backward"
        case .optimizerUpdate: "optimizer_update"
        }
    }

    /// True for what happens in every iteration: such spans are summed up in metrics unless a filter says otherwise.
    public var isPerIteration: Bool { rawValue >= Self.trainingSingleIteration.rawValue }

    var text: String { name.text.description }
}

extension SpanFilter {
    /// The filter of training jobs: all spans but those of single iterations and their parts, which the metrics
    /// `span.duration` and `span.count` sum up by name.
    public static var training: SpanFilter {
        .summarise(Set(TrainingSpan.allCases.filter(\.isPerIteration).map(\.text)))
    }
}

/// The standard spans whose bodies need nothing of the library: what `measure` takes.
@nonexhaustive
public enum TrainingActivity: Sendable, Hashable, CaseIterable {
    /// Span `distributed_code_initialization`.
    case distributedCodeInitialization
    /// Span `data_loader_initialization`.
    case dataLoaderInitialization
    /// Span `model_initialization`.
    case modelInitialization
    /// Span `optimizer_initialization`.
    case optimizerInitialization
    /// Span `checkpoint_load`.
    case checkpointLoad
    /// Span `checkpoint_save_finalization`.
    case checkpointSaveFinalization
    /// Span `data_loading`.
    case dataLoading
    /// Span `model_forward`.
    case modelForward
    /// Span `zero_grad`.
    case zeroGrad
    /// Span `model_backward`.
    case modelBackward
    /// Span `optimizer_update`.
    case optimizerUpdate

    /// The span that is recorded.
    public var span: TrainingSpan {
        switch self {
        case .distributedCodeInitialization: .distributedCodeInitialization
        case .dataLoaderInitialization: .dataLoaderInitialization
        case .modelInitialization: .modelInitialization
        case .optimizerInitialization: .optimizerInitialization
        case .checkpointLoad: .checkpointLoad
        case .checkpointSaveFinalization: .checkpointSaveFinalization
        case .dataLoading: .dataLoading
        case .modelForward: .modelForward
        case .zeroGrad: .zeroGrad
        case .modelBackward: .modelBackward
        case .optimizerUpdate: .optimizerUpdate
        }
    }
}
