internal import OneLogger

/// What is known about the checkpoints of a job.
struct CheckpointMetrics: Sendable, Hashable {
    private struct Pending: Sendable, Hashable {
        var step: Int
        var productivity: Productivity
        /// Where the checkpoint is, and how large.
        var details = Attributes()
    }

    private(set) var attempts = 0, successes = 0
    private var first: Timestamp?, latest: Timestamp?
    private var times = Durations()
    /// Saves that have not succeeded yet, the oldest first.
    private var pending: [Pending] = []
    /// A save that has not succeeded when so many others have begun after it will not.
    static let mostPending = 64

    /// A save begins.
    ///
    /// - Returns: The attributes of its span.
    mutating func begin(_ step: Int, _ strategy: CheckpointStrategy, _ productivity: Productivity) -> Attributes {
        attempts += 1
        pending.removeAll { $0.step == step }
        if pending.count == Self.mostPending { pending.removeFirst() }
        pending.append(Pending(step: step, productivity: productivity))
        return [
            "checkpoint_strategy": .string(strategy.text), "current_iteration": .int(step),
            "save_checkpoint_attempt_count": .int(attempts),
        ]
    }

    /// Remembers where the checkpoint of a save is, and how large, until it succeeds.
    mutating func note(_ step: Int, _ details: Attributes) {
        guard let place = pending.firstIndex(where: { $0.step == step }) else { return }
        pending[place].details.merge(details)
    }

    /// A save has succeeded: what it holds survives a crash.
    ///
    /// - Returns: What it holds, and the attributes of the event `save_checkpoint_success`; nil when no such save began.
    mutating func succeed(
        _ step: Int, _ strategy: CheckpointStrategy, _ details: Attributes = [:], at time: Timestamp
    ) -> (productivity: Productivity, attributes: Attributes)? {
        guard let place = pending.firstIndex(where: { $0.step == step }) else { return nil }
        let save = pending.remove(at: place), productivity = save.productivity
        successes += 1
        let first = first ?? time
        self.first = first
        latest = time
        var result: Attributes = [
            "checkpoint_strategy": .string(strategy.text), "current_iteration": .int(step),
            "first_successful_save_checkpoint_timestamp_sec": .double(first.seconds),
            "latest_successful_save_checkpoint_timestamp_sec": .double(time.seconds),
            "save_checkpoint_success_count": .int(successes),
            "productive_train_iterations": .int(productivity.iterations),
            "productive_train_samples": .int(productivity.samples),
            "productive_train_iterations_sec": .double(productivity.trainingSeconds),
            "productive_validation_iterations_sec": .double(productivity.validationSeconds),
        ]
        result["productive_train_tflops"] = productivity.operations.map { .double(Double($0) / 1e12) }
        result["training_start_timestamp_sec"] = productivity.start.map { .double($0.seconds) }
        result.merge(save.details)
        result.merge(details)
        return (productivity, result)
    }

    /// A save is over, whether it succeeded or not.
    ///
    /// - Returns: The attributes of the event `sync_checkpoint_metrics_update`.
    mutating func end(from start: Timestamp, to end: Timestamp) -> Attributes {
        times.add(from: start, to: end)
        var result: Attributes = [
            "save_checkpoint_sync_time_total_sec": .double(times.totalSeconds),
            "save_checkpoint_sync_time_min_sec": .double(times.minimum ?? 0),
            "save_checkpoint_sync_time_max_sec": .double(times.maximum ?? 0),
        ]
        result["save_checkpoint_sync_time_avg_sec"] = times.average.map { .double($0) }
        result["save_checkpoint_sync_count"] = .int(times.count)
        return result
    }
}
