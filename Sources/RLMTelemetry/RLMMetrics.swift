internal import OneLogger

/// The four instruments.
struct RLMMetrics: Sendable {
    private let runs, steps: Counter
    private let reward, duration: Histogram
    /// The one series of all steps; nil when each run has one of its own.
    private let allSteps: Counter.Bound?

    init(_ recorder: Recorder, _ options: RLMOptions) {
        runs = recorder.counter("rlm.runs", unit: "1", description: "Number of RLM runs")
        steps = recorder.counter("rlm.steps", unit: "1", description: "Number of RLM steps")
        reward = recorder.histogram(
            "rlm.reward", unit: "1", description: "Reward distribution", buckets: .explicit(options.rewardBounds))
        duration = recorder.histogram(
            "rlm.run_duration", unit: "s", description: "Run duration in seconds",
            buckets: .explicit(options.durationBounds))
        allSteps = options.hasRunIDLabel ? nil : steps.bound([:])
    }

    /// A run begins; what counts its steps.
    func started(_ run: borrowing RLMRunStart) -> Counter.Bound {
        runs.add(1, attributes: ["environment": .string(run.environment)])
        return allSteps ?? steps.bound(["run_id": .string(run.id)])
    }

    func stepped(_ counter: Counter.Bound?, _ step: borrowing RLMStep) {
        counter?.add(1)
        if let reward = step.reward { self.reward.record(reward) }
    }

    func ended(after duration: Duration, isCompleted: Bool) {
        // An end before its start is no duration.
        guard duration >= .zero else { return }
        self.duration.record(duration / .seconds(1), attributes: ["completed": isCompleted ? "True" : "False"])
    }
}
