internal import DigitsNetwork
internal import OneLogger

/// The share of a training run's time that telemetry takes, measured in two ways that do not share their mistakes.
struct TelemetryShare: Sendable {
    /// How many times a run with telemetry was compared with one without.
    static let pairs = 9
    /// How long each of these runs is.
    static let epochs = 10

    /// How much longer a run takes with telemetry: 0.01 is one percent; median of the pairs.
    ///
    /// Noise of the machine is in it, so it can be slightly negative.
    var byComparison: Double
    /// Spans of a run, times what one costs, by the time of a run without telemetry.
    var byCounting: Double
    /// Spans of a run.
    var spans: Int
    /// What a span costs the thread that opens it; nanoseconds.
    var nanosecondsPerSpan: Double

    /// Runs short trainings in pairs, with `recorder` and without.
    ///
    /// - Parameters:
    ///   - recorder: Where the runs with telemetry record; its exporters work as they do for the application.
    ///   - make: Creates a training, the same one each time, that records where it is told.
    /// - Throws: ``ProblemReport`` when telemetry changed what a run learned, and what `flush` throws.
    init(of recorder: Recorder, _ make: (Recorder) -> Training) throws {
        var ratios: [Double] = []
        var silentTimes: [Double] = []
        let before = try Self.recorded(by: recorder)
        for pair in 0..<Self.pairs {
            var recording = make(recorder)
            var silent = make(.disabled)
            var times = (recording: 0.0, silent: 0.0)
            // Each goes first in turn, so that a machine that gets slower or faster favours neither.
            for turn in 0..<2 {
                if (turn == 0) == pair.isMultiple(of: 2) {
                    times.recording = try recorder.timedSpan("telemetry_measurement") { span in
                        span["pair"] = pair
                        return try Self.seconds { try recording.run(epochs: Self.epochs) }
                    }
                    // Otherwise exporters would still work while the other run is timed.
                    _ = try recorder.flush()
                } else {
                    times.silent = try Self.seconds { try silent.run(epochs: Self.epochs) }
                }
            }
            guard recording.state == silent.state else {
                throw ProblemReport(
                    "telemetry measurement", "the run with telemetry learned something else than the one without",
                    advice: "Report this: telemetry must not change what a program computes.")
            }
            ratios.append(times.recording / times.silent)
            silentTimes.append(times.silent)
        }
        byComparison = Self.median(ratios) - 1
        spans = (try Self.recorded(by: recorder) - before) / Self.pairs
        nanosecondsPerSpan = try Self.spanCost()
        byCounting = Double(spans) * nanosecondsPerSpan / 1e9 / Self.median(silentTimes)
    }

    /// One line for people.
    var summary: String {
        "telemetry share: \((100 * byComparison).text(2)) % (on/off, median of \(Self.pairs) pairs), "
            + "\((100 * byCounting).text(2)) % (\(spans) spans per run x \(nanosecondsPerSpan.text(1)) ns per span)"
    }
}

// MARK: - parts

extension TelemetryShare {
    /// Opens the spans of a training step around no work at all, thousands of times, and takes the median.
    private static func spanCost() throws -> Double {
        let recorder = Recorder()
        let steps = 1_000
        var costs: [Double] = []
        for _ in 0..<25 {
            let recording = seconds { for step in 0..<steps { emptyStep(step, recorder) } }
            let silent = seconds { for step in 0..<steps { emptyStep(step, .disabled) } }
            _ = try recorder.flush()
            costs.append((recording - silent) / Double(steps * 6) * 1e9)
        }
        _ = try recorder.shutdown()
        return median(costs)
    }

    /// The six spans of a step.
    @inline(never)
    private static func emptyStep(_ step: Int, _ recorder: Recorder) {
        recorder.timedSpan("training_single_iteration") { span in
            recorder.timedSpan("data_loading") { _ in }
            recorder.timedSpan("model_forward") { _ in }
            recorder.timedSpan("zero_grad") { _ in }
            recorder.timedSpan("model_backward") { _ in }
            recorder.timedSpan("optimizer_update") { _ in }
            span["step"] = step
            span["loss"] = 0.5
            span["batch_size"] = 32
        }
    }

    /// How many records it has made until now.
    private static func recorded(by recorder: Recorder) throws -> Int {
        _ = try recorder.flush()
        return recorder.health.recorded
    }

    private static func seconds<E: Error>(_ body: () throws(E) -> Void) throws(E) -> Double {
        let start = ContinuousClock.now
        try body()
        return start.duration(to: .now) / .seconds(1)
    }

    /// The middle one; of an even number the upper of the two.
    static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
