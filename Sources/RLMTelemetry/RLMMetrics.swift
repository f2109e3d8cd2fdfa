internal import OneLogger

/// The four instruments.
struct RLMMetrics: Sendable {
    private let runs, steps: Counter
    private let reward: Histogram
    private let completed, failed: Histogram.Bound
    /// The one series of all steps; nil when each run has one of its own.
    private let allSteps: Counter.Bound?

    init(_ recorder: Recorder, _ options: RLMOptions) {
        runs = recorder.counter("rlm.runs", unit: "1", description: "Number of RLM runs")
        steps = recorder.counter("rlm.steps", unit: "1", description: "Number of RLM steps")
        reward = recorder.histogram(
            "rlm.reward", unit: "1", description: "Reward distribution", buckets: .explicit(options.rewardBounds))
        let duration = recorder.histogram(
            "rlm.run_duration", unit: "s", description: "Run duration in seconds",
            buckets: .explicit(options.durationBounds))
        completed = duration.bound(["completed": "True"])
        failed = duration.bound(["completed": "False"])
        allSteps = options.hasRunIDLabel ? nil : steps.bound([:])
    }

    /// A run begins; what counts its steps.
    func started(_ run: borrowing RLMRunStart) -> Counter.Bound {
        runs.add(1, ["environment": .string(run.environment)])
        if let allSteps { return allSteps }
        // Set, not written as a literal, which takes an allocation more.
        var label = Attributes()
        label.add("run_id", .string(run.id))
        return steps.bound(label)
    }

    func stepped(_ counter: Counter.Bound?, _ step: borrowing RLMStep) {
        counter?.add(1)
        if let reward = step.reward { self.reward.record(reward) }
    }

    func ended(after duration: Duration, isCompleted: Bool) {
        // An end before its start is no duration.
        guard duration >= .zero else { return }
        (isCompleted ? completed : failed).record(duration / .seconds(1))
    }
}
