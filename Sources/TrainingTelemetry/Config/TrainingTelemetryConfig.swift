public import OneLogger

/// What a training job says about itself; values, or functions that give them.
///
///     var config = TrainingTelemetryConfig(perfTag: "gpt", globalBatchSize: .function { loader.batchSize })
///     config.logEveryNTrainIterations = 10
///
/// It is checked as a whole when a ``TrainingTelemetry`` gets it. In a configuration file it is the section `training`.
public struct TrainingTelemetryConfig: Sendable {
    /// What jobs are grouped by when their speed is compared, not blank.
    ///
    /// Key `perf_tag`, a text or a list of texts.
    public var perfTag: ConfigValue<PerfTag>
    /// The samples of one iteration, all processes together, 1 or more.
    ///
    /// Key `global_batch_size`.
    public var globalBatchSize: ConfigValue<Int>
    /// How many iterations lie between two events `training_metrics_update`, 1 or more.
    ///
    /// Key `log_every_n_train_iterations`.
    public var logEveryNTrainIterations = 50
    /// Whether iterations are logged; recorded as it is, and changes nothing.
    ///
    /// Key `is_train_iterations_enabled`.
    public var isTrainIterationsEnabled: ConfigValue<Bool> = true
    /// Whether iterations of validations are logged; recorded as it is, and changes nothing.
    ///
    /// Key `is_validation_iterations_enabled`.
    public var isValidationIterationsEnabled: ConfigValue<Bool> = true
    /// Whether iterations of tests are logged; recorded as it is, and changes nothing.
    ///
    /// Key `is_test_iterations_enabled`.
    public var isTestIterationsEnabled: ConfigValue<Bool> = true
    /// Whether checkpoints are saved; recorded as it is, and changes nothing: a save is recorded all the same.
    ///
    /// Key `is_save_checkpoint_enabled`.
    public var isSaveCheckpointEnabled: ConfigValue<Bool> = true
    /// Whether throughput is computed; needs ``flopsPerSample``.
    ///
    /// Key `is_log_throughput_enabled`.
    public var isLogThroughputEnabled: ConfigValue<Bool> = false
    /// The samples that one process works on at a time, 1 or more.
    ///
    /// Key `micro_batch_size`.
    public var microBatchSize: ConfigValue<Int>?
    /// The tokens of one sample, 1 or more.
    ///
    /// Key `seq_length`.
    public var seqLength: ConfigValue<Int>?
    /// The floating-point operations for one sample, forward and backward, 1 or more.
    ///
    /// Key `flops_per_sample`.
    public var flopsPerSample: ConfigValue<Int>?
    /// After how many iterations the training is done, 1 or more.
    ///
    /// Key `train_iterations_target`.
    public var trainIterationsTarget: ConfigValue<Int>?
    /// After how many samples the training is done, 1 or more.
    ///
    /// Key `train_samples_target`.
    public var trainSamplesTarget: ConfigValue<Int>?
    /// Whether the training waits while a checkpoint is saved.
    ///
    /// Key `save_checkpoint_strategy`: `sync` or `async`.
    public var saveCheckpointStrategy = CheckpointStrategy.sync
    /// The peak rate of one GPU at the precision trained in, more than 0; needed for the share of it that is used (MFU).
    ///
    /// Key `peak_tflops_per_gpu`. Unit: TFLOP/s.
    public var peakTFLOPSPerGPU: Double?
    /// Whatever else the job says about itself.
    ///
    /// Key `custom_metadata`, a map of single values.
    public var customMetadata: Attributes?

    /// Creates a configuration from what has no default.
    public init(perfTag: ConfigValue<PerfTag>, globalBatchSize: ConfigValue<Int>) {
        self.perfTag = perfTag
        self.globalBatchSize = globalBatchSize
    }
}

/// A configuration whose functions were called and whose values make sense.
package struct TrainingSettings: Sendable, Hashable {
    var perfTag: PerfTag
    var globalBatchSize: Int
    var logInterval: Int
    var isTrainIterationsEnabled, isValidationIterationsEnabled, isTestIterationsEnabled: Bool
    var isSaveCheckpointEnabled, isLogThroughputEnabled: Bool
    var microBatchSize, seqLength, flopsPerSample, trainIterationsTarget, trainSamplesTarget: Int?
    var strategy: CheckpointStrategy
    var peakTFLOPS: Double?
    var customMetadata: Attributes?

    /// Calls every function once, and checks everything.
    ///
    /// - Throws: `TelemetryError.configuration(_:)` with every problem.
    package init(_ config: TrainingTelemetryConfig) throws(TelemetryError) {
        perfTag = config.perfTag.resolved
        globalBatchSize = config.globalBatchSize.resolved
        logInterval = config.logEveryNTrainIterations
        isTrainIterationsEnabled = config.isTrainIterationsEnabled.resolved
        isValidationIterationsEnabled = config.isValidationIterationsEnabled.resolved
        isTestIterationsEnabled = config.isTestIterationsEnabled.resolved
        isSaveCheckpointEnabled = config.isSaveCheckpointEnabled.resolved
        isLogThroughputEnabled = config.isLogThroughputEnabled.resolved
        microBatchSize = config.microBatchSize?.resolved
        seqLength = config.seqLength?.resolved
        flopsPerSample = config.flopsPerSample?.resolved
        trainIterationsTarget = config.trainIterationsTarget?.resolved
        trainSamplesTarget = config.trainSamplesTarget?.resolved
        strategy = config.saveCheckpointStrategy
        peakTFLOPS = config.peakTFLOPSPerGPU
        customMetadata = config.customMetadata
        let problems = problems
        guard problems.isEmpty else { throw .configuration(problems) }
    }

    private var problems: [SettingsError] {
        var found: [SettingsError] = []
        func note(_ key: String, _ problem: String, _ advice: String) {
            found.append(.invalid(key: key, problem: problem, advice: advice, at: .code("TrainingTelemetryConfig")))
        }
        if perfTag.isBlank { note("perf_tag", "is blank", "Give a text, or a list of texts.") }
        let counts: KeyValuePairs<String, Int?> = [
            "global_batch_size": globalBatchSize, "log_every_n_train_iterations": logInterval,
            "micro_batch_size": microBatchSize, "seq_length": seqLength, "flops_per_sample": flopsPerSample,
            "train_iterations_target": trainIterationsTarget, "train_samples_target": trainSamplesTarget,
        ]
        for (key, count) in counts {
            if let count, count < 1 { note(key, "is \(count)", "Give an integer of at least 1.") }
        }
        if isLogThroughputEnabled, flopsPerSample == nil {
            note("flops_per_sample", "is absent, and throughput is to be logged", "Give it, or switch throughput off.")
        }
        if let peakTFLOPS, !(peakTFLOPS > 0 && peakTFLOPS.isFinite) {
            note("peak_tflops_per_gpu", "is \(peakTFLOPS)", "Give a finite number above 0.")
        }
        if let customMetadata, customMetadata.contains(where: { $0.key.allSatisfy(\.isWhitespace) }) {
            note("custom_metadata", "has a blank key", "Give it a name.")
        }
        return found
    }

    /// The attributes of the event `update_training_telemetry_config`.
    var attributes: Attributes {
        var result = Attributes()
        switch perfTag {
        case .tag(let tag): result["perf_tag"] = .string(tag)
        case .tags(let tags): result["perf_tag"] = .strings(tags)
        }
        result["global_batch_size"] = .int(globalBatchSize)
        result["log_every_n_train_iterations"] = .int(logInterval)
        result["micro_batch_size"] = microBatchSize.map { .int($0) }
        result["seq_length"] = seqLength.map { .int($0) }
        result["flops_per_sample"] = flopsPerSample.map { .int($0) }
        result["train_iterations_target"] = trainIterationsTarget.map { .int($0) }
        result["train_samples_target"] = trainSamplesTarget.map { .int($0) }
        result["checkpoint_strategy"] = .string(strategy.text)
        result["is_train_iterations_enabled"] = .bool(isTrainIterationsEnabled)
        result["is_validation_iterations_enabled"] = .bool(isValidationIterationsEnabled)
        result["is_test_iterations_enabled"] = .bool(isTestIterationsEnabled)
        result["is_save_checkpoint_enabled"] = .bool(isSaveCheckpointEnabled)
        result["is_log_throughput_enabled"] = .bool(isLogThroughputEnabled)
        result["peak_tflops_per_gpu"] = peakTFLOPS.map { .double($0) }
        if let customMetadata { result["custom_metadata"] = .strings(customMetadata.pairs) }
        return result
    }
}

extension Attributes {
    /// `key:value`, as the reference writes metadata.
    var pairs: [String] { map { "\($0.key):\($0.value)" } }
}
