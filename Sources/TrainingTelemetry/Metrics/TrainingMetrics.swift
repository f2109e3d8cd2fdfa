internal import OneLogger

/// What is known about one training loop, from its first iteration to its last.
///
/// A pure state machine: it reads no clock and knows no recorder, so its formulas can be tested alone. A loop that
/// begins gets a new one, so nothing of an earlier loop is left in it.
///
/// Windows end after every iteration whose number, counted over all restarts, is a multiple of the interval. Averages,
/// extremes and totals of times are those of the window; samples, tokens and operations are those of the loop, and what
/// is called *overall* counts from the job's very beginning.
struct TrainingMetrics: Sendable, Hashable {
    let settings: TrainingSettings?
    let iterationsStart, samplesStart, worldSize: Int
    /// When the loop began.
    let start: Timestamp

    /// Finished iterations of this loop.
    private(set) var iterations = 0
    /// All iterations of this loop.
    private(set) var times = Durations()
    private var window = Durations()
    private var parts = Parts()
    private var latestLoss: Double?
    private var firstFinish: Timestamp?, lastFinish: Timestamp?

    var validation = EvaluationMetrics()
    var testing = EvaluationMetrics()
    /// What the last successful checkpoint holds.
    var saved: Productivity?

    private struct Parts: Sendable, Hashable {
        var dataLoading = Durations(), forward = Durations(), backward = Durations()
    }

    init(
        _ settings: TrainingSettings?, iterationsStart: Int = 0, samplesStart: Int? = nil, worldSize: Int = 1,
        start: Timestamp
    ) {
        self.settings = settings
        self.iterationsStart = iterationsStart
        self.samplesStart = samplesStart ?? (settings?.globalBatchSize ?? 0).multipliedClamped(by: iterationsStart)
        self.worldSize = max(1, worldSize)
        self.start = start
    }

    // MARK: what happens

    /// An iteration is over.
    ///
    /// - Returns: True when a window is full, and ``takeUpdate()`` is due.
    mutating func finishIteration(from start: Timestamp, to end: Timestamp) -> Bool {
        iterations &+= 1
        window.add(from: start, to: end)
        times.add(from: start, to: end)
        if firstFinish == nil { firstFinish = end }
        lastFinish = end
        guard let settings else { return false }
        return completed % settings.logInterval == 0
    }

    /// A part of an iteration is over.
    mutating func finish(_ part: TrainingSpan, from start: Timestamp, to end: Timestamp) {
        switch part {
        case .dataLoading: parts.dataLoading.add(from: start, to: end)
        case .modelForward: parts.forward.add(from: start, to: end)
        case .modelBackward: parts.backward.add(from: start, to: end)
        default: break
        }
    }

    mutating func note(loss: Double) { latestLoss = loss }

    // MARK: what follows from it

    /// Finished iterations since the job's beginning, those before a restart included.
    var completed: Int { iterationsStart.addingClamped(iterations) }
    /// The number of the last iteration, from 0.
    var current: Int { max(0, completed - 1) }
    /// True when iterations have finished since the last update.
    var hasRemainder: Bool { window.count > 0 }

    private var batch: Int { settings?.globalBatchSize ?? 0 }
    private var samples: Int { batch.multipliedClamped(by: iterations) }
    /// Operations of one iteration, all processes together; nil when throughput is not computed.
    private var operations: Int128? {
        guard let settings, settings.isLogThroughputEnabled, let perSample = settings.flopsPerSample else { return nil }
        return Int128(settings.globalBatchSize) * Int128(perSample)
    }
    /// Operations since the job's very beginning.
    private var operationsOverall: Int128? { operations.map { $0 * Int128(completed) } }

    /// TFLOP/s of one GPU that needed `seconds` for `count` iterations; nil when that cannot be said.
    private func throughput(_ count: Int, _ seconds: Double?) -> Double? {
        guard let operations, let seconds, seconds > 0 else { return nil }
        return Double(operations * Int128(count)) / (seconds * 1e12 * Double(worldSize))
    }

    /// The attributes of the span `training_loop`.
    var loopAttributes: Attributes {
        var result: Attributes = [
            "train_iterations_start": .int(iterationsStart), "train_samples_start": .int(samplesStart),
        ]
        if let length = settings?.seqLength, let target = settings?.trainSamplesTarget {
            result["train_tokens_target"] = .exactly(Int128(length) * Int128(target))
        }
        result["completed_floating_point_operations_overall"] = operationsOverall.map { .exactly($0) }
        result["train_iterations_target"] = settings?.trainIterationsTarget.map { .int($0) }
        result["train_samples_target"] = settings?.trainSamplesTarget.map { .int($0) }
        return result
    }

    /// The attributes of the event `training_metrics_update` for the window so far; the next window begins.
    mutating func takeUpdate() -> Attributes {
        defer {
            window = Durations()
            parts = Parts()
        }
        var result: Attributes = [
            "train_iterations_start": .int(iterationsStart), "current_iteration": .int(current),
            "num_iterations": .int(window.count), "train_samples_start": .int(samplesStart),
            "num_train_samples": .int(samples), "interval": .int(window.count),
        ]
        result.setTimes(window)
        result["train_tokens"] = settings?.seqLength.map { .exactly(Int128($0) * Int128(samples)) }
        if let operations, let operationsOverall {
            result["completed_floating_point_operations_overall"] = .exactly(operationsOverall)
            result["total_flops"] = .exactly(operations * Int128(iterations))
        }
        let average = throughput(window.count, window.totalSeconds)
        result["train_throughput_per_gpu"] = average.map { .double($0) }
        result["train_throughput_per_gpu_max"] = throughput(1, window.minimum).map { .double($0) }
        result["train_throughput_per_gpu_min"] = throughput(1, window.maximum).map { .double($0) }
        result["first_logged_train_iterations_finish_timestamp_sec"] = firstFinish.map { .double($0.seconds) }
        result["last_logged_train_iterations_finish_timestamp_sec"] = lastFinish.map { .double($0.seconds) }
        result.merge(details(average))
        return result
    }

    /// What the reference declares and never fills, and the share of the peak rate.
    private func details(_ throughput: Double?) -> Attributes {
        var result: Attributes = ["avg_batch_size": .double(Double(batch))]
        result["avg_forward_time_sec"] = parts.forward.average.map { .double($0) }
        result["avg_backward_time_sec"] = parts.backward.average.map { .double($0) }
        result["avg_dataloader_time_sec"] = parts.dataLoading.average.map { .double($0) }
        result["avg_tflops"] = throughput.map { .double($0 * Double(worldSize)) }
        if let length = settings?.seqLength, window.totalSeconds > 0 {
            let tokens = Double(length) * Double(batch) * Double(window.count)
            result["avg_tokens_per_second"] = .double(tokens / window.totalSeconds)
        }
        result["latest_loss"] = latestLoss.map { .double($0) }
        if let throughput, let peak = settings?.peakTFLOPS { result["train_mfu"] = .double(throughput / peak) }
        return result
    }

    /// What would survive if a checkpoint were saved now.
    var productivity: Productivity {
        Productivity(
            iterations: completed, samples: samplesStart.addingClamped(samples), trainingSeconds: times.totalSeconds,
            validationSeconds: validation.whole.totalSeconds, operations: operationsOverall, start: start)
    }

    /// The attributes of the end of the span `training_loop`: which part of its time a checkpoint has saved.
    var endAttributes: Attributes {
        let productive = saved?.trainingSeconds ?? 0
        return [
            "productive_train_iterations_sec": .double(productive),
            "unproductive_train_iterations_sec": .double(times.totalSeconds - productive),
        ]
    }
}

/// The work that a checkpoint holds.
struct Productivity: Sendable, Hashable {
    var iterations = 0, samples = 0
    /// Unit: seconds.
    var trainingSeconds = 0.0, validationSeconds = 0.0
    var operations: Int128?
    /// When the loop began; nil when there was none.
    var start: Timestamp?
}

extension Attributes {
    /// Average, extremes and total of durations; nothing when there was none.
    mutating func setTimes(_ times: Durations, prefix: String = "") {
        guard let average = times.average, let least = times.minimum, let most = times.maximum else { return }
        self["\(prefix)avg_iteration_time_sec"] = .double(average)
        self["\(prefix)min_iteration_time_sec"] = .double(least)
        self["\(prefix)max_iteration_time_sec"] = .double(most)
        self["\(prefix)total_iteration_time_sec"] = .double(times.totalSeconds)
    }
}

extension Int {
    func multipliedClamped(by other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }

    func addingClamped(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
