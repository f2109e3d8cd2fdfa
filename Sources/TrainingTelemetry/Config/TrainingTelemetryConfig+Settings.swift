public import OneLogger

extension TrainingTelemetryConfig: SettingsReadable {
    /// Reads the section `training` of a configuration.
    ///
    /// - Throws: `SettingsError` that names each problem and its place.
    public init(_ settings: inout Settings) throws(SettingsError) {
        self.init(perfTag: "", globalBatchSize: 1)
        perfTag = .value(settings.perfTag("perf_tag"))
        if settings.origin(of: "global_batch_size") == nil { settings.missing("global_batch_size") }
        func count(_ key: String) -> ConfigValue<Int>? { settings.int(key, in: 1 ... .max).map { .value($0) } }
        func truth(_ key: String, _ value: inout ConfigValue<Bool>) {
            if let given = settings.bool(key) { value = .value(given) }
        }
        globalBatchSize = count("global_batch_size") ?? 1
        settings.read("log_every_n_train_iterations", into: &logEveryNTrainIterations, in: 1 ... .max)
        truth("is_train_iterations_enabled", &isTrainIterationsEnabled)
        truth("is_validation_iterations_enabled", &isValidationIterationsEnabled)
        truth("is_test_iterations_enabled", &isTestIterationsEnabled)
        truth("is_save_checkpoint_enabled", &isSaveCheckpointEnabled)
        let throughputOrigin = settings.origin(of: "is_log_throughput_enabled")
        truth("is_log_throughput_enabled", &isLogThroughputEnabled)
        microBatchSize = count("micro_batch_size")
        seqLength = count("seq_length")
        let hasFlops = settings.origin(of: "flops_per_sample") != nil
        flopsPerSample = count("flops_per_sample")
        trainIterationsTarget = count("train_iterations_target")
        trainSamplesTarget = count("train_samples_target")
        settings.read("save_checkpoint_strategy", into: &saveCheckpointStrategy, ["sync": .sync, "async": .async])
        peakTFLOPSPerGPU = settings.double("peak_tflops_per_gpu", in: 1e-6...1e9)
        if case .value(true) = isLogThroughputEnabled, !hasFlops {
            settings.report(
                "is_log_throughput_enabled", "needs flops_per_sample", advice: "Add it, or write false.",
                at: throughputOrigin)
        }
        customMetadata = settings.metadata("custom_metadata")
        try settings.finish()
    }
}

extension Settings {
    /// Notes that a key is absent, unless there is no map that could have it.
    fileprivate mutating func missing(_ key: String) {
        if isMap { report(.missing(key: name(key), at: origin)) }
    }

    /// A text or a list of texts, required and not blank.
    fileprivate mutating func perfTag(_ key: String) -> PerfTag {
        guard let origin = origin(of: key), let node = node(key) else {
            missing(key)
            return ""
        }
        var tag: PerfTag?
        switch node.content {
        case .string(let text): tag = .tag(text)
        case .list(let items):
            let texts = items.compactMap { if case .string(let text) = $0.content { text } else { nil } }
            if texts.count == items.count { tag = .tags(texts) }
        default: break
        }
        guard let tag else {
            wrongType(key, "a text or a list of texts", node)
            return ""
        }
        if tag.isBlank { report(key, "is blank", advice: "Write some text.", at: origin) }
        return tag
    }

    /// A map of single values; nil when absent.
    fileprivate mutating func metadata(_ key: String) -> Attributes? {
        guard let node = node(key) else { return nil }
        guard case .map(let entries) = node.content else {
            wrongType(key, "a map", node)
            return nil
        }
        var result = Attributes()
        for entry in entries {
            if entry.key.allSatisfy(\.isWhitespace) {
                report(key, "has a blank key", advice: "Write a name before the ':'.", at: entry.origin)
            }
            switch entry.value.content {
            case .null: break
            case .bool(let value): result[entry.key] = .bool(value)
            case .int(let value): result[entry.key] = .int(value)
            case .double(let value): result[entry.key] = .double(value)
            case .string(let value): result[entry.key] = .string(value)
            case .list, .map: wrongType("\(key).\(entry.key)", "a text, a number, true or false", entry.value)
            }
        }
        return result
    }
}
