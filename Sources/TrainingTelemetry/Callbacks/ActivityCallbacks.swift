public import OneLogger

/// Callbacks for what has a beginning and an end, and nothing else to say.
extension TrainingTelemetry {
    /// The processes of the job begin to get to know each other.
    @discardableResult
    public func onDistributedInitStart(at time: Timestamp? = nil) -> ManualSpan {
        startActivity(.distributedCodeInitialization, "onDistributedInitStart", at: time)
    }

    /// The processes of the job know each other.
    public func onDistributedInitEnd(at time: Timestamp? = nil, error: (any Error)? = nil) {
        endActivity(.distributedCodeInitialization, "onDistributedInitEnd", error, at: time)
    }

    /// What reads the data begins to be made.
    @discardableResult
    public func onDataLoaderInitStart(at time: Timestamp? = nil) -> ManualSpan {
        startActivity(.dataLoaderInitialization, "onDataLoaderInitStart", at: time)
    }

    /// What reads the data is made.
    public func onDataLoaderInitEnd(at time: Timestamp? = nil, error: (any Error)? = nil) {
        endActivity(.dataLoaderInitialization, "onDataLoaderInitEnd", error, at: time)
    }

    /// The model begins to be made.
    @discardableResult
    public func onModelInitStart(at time: Timestamp? = nil) -> ManualSpan {
        startActivity(.modelInitialization, "onModelInitStart", at: time)
    }

    /// The model is made.
    public func onModelInitEnd(at time: Timestamp? = nil, error: (any Error)? = nil) {
        endActivity(.modelInitialization, "onModelInitEnd", error, at: time)
    }

    /// The optimizer begins to be made.
    @discardableResult
    public func onOptimizerInitStart(at time: Timestamp? = nil) -> ManualSpan {
        startActivity(.optimizerInitialization, "onOptimizerInitStart", at: time)
    }

    /// The optimizer is made.
    public func onOptimizerInitEnd(at time: Timestamp? = nil, error: (any Error)? = nil) {
        endActivity(.optimizerInitialization, "onOptimizerInitEnd", error, at: time)
    }

    /// A checkpoint begins to be read.
    @discardableResult
    public func onLoadCheckpointStart(at time: Timestamp? = nil) -> ManualSpan {
        startActivity(.checkpointLoad, "onLoadCheckpointStart", at: time)
    }

    /// A checkpoint has been read.
    public func onLoadCheckpointEnd(at time: Timestamp? = nil, error: (any Error)? = nil) {
        endActivity(.checkpointLoad, "onLoadCheckpointEnd", error, at: time)
    }

    /// The end of an asynchronous save begins to be worked on.
    @discardableResult
    public func onSaveCheckpointFinalizationStart(at time: Timestamp? = nil) -> ManualSpan {
        startActivity(.checkpointSaveFinalization, "onSaveCheckpointFinalizationStart", at: time)
    }

    /// An asynchronous save has been completed.
    public func onSaveCheckpointFinalizationEnd(at time: Timestamp? = nil, error: (any Error)? = nil) {
        endActivity(.checkpointSaveFinalization, "onSaveCheckpointFinalizationEnd", error, at: time)
    }

    /// The data of an iteration begin to be loaded.
    @discardableResult
    public func onDataLoadingStart(at time: Timestamp? = nil) -> ManualSpan {
        startActivity(.dataLoading, "onDataLoadingStart", at: time)
    }

    /// The data of an iteration are loaded.
    public func onDataLoadingEnd(at time: Timestamp? = nil, error: (any Error)? = nil) {
        endPart(.dataLoading, "onDataLoadingEnd", error, at: time)
    }

    /// The way forward through the model begins.
    @discardableResult
    public func onForwardStart(at time: Timestamp? = nil) -> ManualSpan {
        startActivity(.modelForward, "onForwardStart", at: time)
    }

    /// The way forward through the model is over.
    public func onForwardEnd(at time: Timestamp? = nil, error: (any Error)? = nil) {
        endPart(.modelForward, "onForwardEnd", error, at: time)
    }

    /// The gradients begin to be set to zero.
    @discardableResult
    public func onZeroGradStart(at time: Timestamp? = nil) -> ManualSpan {
        startActivity(.zeroGrad, "onZeroGradStart", at: time)
    }

    /// The gradients are zero.
    public func onZeroGradEnd(at time: Timestamp? = nil, error: (any Error)? = nil) {
        endPart(.zeroGrad, "onZeroGradEnd", error, at: time)
    }

    /// The way backward through the model begins.
    @discardableResult
    public func onBackwardStart(at time: Timestamp? = nil) -> ManualSpan {
        startActivity(.modelBackward, "onBackwardStart", at: time)
    }

    /// The way backward through the model is over.
    public func onBackwardEnd(at time: Timestamp? = nil, error: (any Error)? = nil) {
        endPart(.modelBackward, "onBackwardEnd", error, at: time)
    }

    /// The weights begin to be changed.
    @discardableResult
    public func onOptimizerUpdateStart(at time: Timestamp? = nil) -> ManualSpan {
        startActivity(.optimizerUpdate, "onOptimizerUpdateStart", at: time)
    }

    /// The weights are changed.
    public func onOptimizerUpdateEnd(at time: Timestamp? = nil, error: (any Error)? = nil) {
        endPart(.optimizerUpdate, "onOptimizerUpdateEnd", error, at: time)
    }
}
