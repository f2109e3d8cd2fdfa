internal import OneLogger

/// What is known about the validations of a training loop, or about its tests.
struct EvaluationMetrics: Sendable, Hashable {
    /// The iterations of all of them.
    private(set) var whole = Durations()
    private var latest = Durations()
    /// Finished training iterations of the loop when the latest one ended.
    private var iterationsBefore = 0

    /// One begins.
    mutating func begin() { latest = Durations() }

    /// An iteration of it is over.
    mutating func finishIteration(from start: Timestamp, to end: Timestamp) {
        latest.add(from: start, to: end)
        whole.add(from: start, to: end)
    }

    /// One ends.
    ///
    /// - Parameters:
    ///   - current: The number of the last training iteration.
    ///   - iterations: Finished training iterations of the loop.
    ///   - timed: True to tell the times of its iterations, and those of all so far beside them.
    /// - Returns: The attributes of its event; the interval is that from the end of the one before, in iterations.
    mutating func end(current: Int, iterations: Int, timed: Bool) -> Attributes {
        defer { iterationsBefore = iterations }
        var result: Attributes = [
            "current_iteration": .int(current), "interval": .int(iterations - iterationsBefore),
        ]
        guard timed else { return result }
        result.setTimes(latest)
        result.setTimes(whole, prefix: "cumulative_")
        return result
    }
}
