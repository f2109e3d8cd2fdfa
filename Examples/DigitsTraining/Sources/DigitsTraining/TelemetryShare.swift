internal import DigitsNetwork
internal import OneLogger
internal import TrainingTelemetry

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

/// The share of a training's time that telemetry takes, measured in ways that do not share their mistakes.
struct TelemetryShare: Sendable {
    /// When enough epochs with telemetry have been compared with the same epoch without.
    ///
    /// Many short pairs, because the speed of a shared machine wanders by much more than telemetry costs: the two
    /// halves of a pair stand close together, and the median ignores those that a neighbour disturbed.
    struct Effort: Sendable {
        /// The fewest pairs, 4 or more.
        var pairs = 100
        /// More are added until the result is this certain.
        var uncertainty = 0.002
        /// But no more after this time.
        var limit = Duration.seconds(12)
    }

    /// How many pairs there were.
    var pairs = 0
    /// How much longer an epoch takes with telemetry: 0.01 is one percent; median of the pairs.
    ///
    /// What is left of the machine's noise is in it, so it can be slightly negative.
    var byComparison: Double
    /// The standard error of ``byComparison``.
    var uncertainty: Double
    /// Spans of an epoch, times what one costs the thread that opens it, by the time of an epoch without telemetry.
    var byCounting: Double
    /// How much more processor time is used with telemetry, on all threads: that of the exporters is in it.
    var ofProcessorTime: Double
    /// Spans of an epoch.
    var spans: Int
    /// What one costs the thread that opens it; nanoseconds.
    var nanosecondsPerSpan: Double

    /// Trains two equal networks epoch by epoch: one records and its twin does not, then the other way round.
    ///
    /// - Parameters:
    ///   - telemetry: Where they record; its exporters work as they do for the application.
    ///   - training: What both start from.
    ///   - effort: How long the comparison goes on.
    /// - Throws: ``ProblemReport`` when telemetry changed what was learned, and what `flush` throws.
    init(of telemetry: TrainingTelemetry, _ training: Training, effort: Effort = Effort()) throws {
        let recorder = telemetry.recorder, silent = try TrainingTelemetry.silent()
        var twins = [training, training]
        var comparison = Comparison()
        var processorTime = Comparison()
        let recordsBefore = try Self.records(of: recorder)
        let start = ContinuousClock.now
        while pairs < effort.pairs
            || (comparison.uncertainty > effort.uncertainty && start.duration(to: .now) < effort.limit)
        {
            // Each twin records in every second pair, because one may lie better in memory than the other; and the one
            // that records goes first in every second of these.
            let recording = pairs % 2
            let first = pairs / 2 % 2
            var times = [0.0, 0.0]
            var used = [0.0, 0.0]
            for turn in [first, 1 - first] {
                let twin = turn == 0 ? recording : 1 - recording
                twins[twin].telemetry = turn == 0 ? telemetry : silent
                let mark = Self.processorTime
                times[turn] = twins[twin].runEpoch().duration / .nanoseconds(1)
                // Not a part of the epoch's time, but of its processor time: else the other twin would be disturbed.
                try recorder.flush()
                used[turn] = Self.processorTime - mark
            }
            comparison.add(on: times[0], off: times[1], swapped: recording == 1)
            processorTime.add(on: used[0], off: used[1], swapped: recording == 1)
            pairs += 1
        }
        guard twins[0].state == twins[1].state else {
            throw ProblemReport(
                "telemetry measurement", "the twins learned different things from the same images",
                advice: "Report this: telemetry must not change what a program computes.")
        }
        byComparison = comparison.share
        uncertainty = comparison.uncertainty
        ofProcessorTime = processorTime.share
        spans = (try Self.records(of: recorder) - recordsBefore) / pairs
        nanosecondsPerSpan = try Self.spanCost()
        byCounting = Double(spans) * nanosecondsPerSpan / comparison.typicalOff
    }

    /// Two lines for people.
    var summary: String {
        """
        telemetry share: \((100 * byComparison).text(2)) % (on/off, median of \(pairs) pairs, ± \((100 * uncertainty).text(2))), \
        \((100 * byCounting).text(2)) % (spans x cost per span: \(spans) x \(nanosecondsPerSpan.text(1)) ns per epoch)
        telemetry on all threads: \((100 * ofProcessorTime).text(2)) % of processor time (on/off, exporters included)
        """
    }
}

// MARK: - parts

extension TelemetryShare {
    /// Opens the spans of a training step around no work at all, thousands of times, and takes the median.
    private static func spanCost() throws -> Double {
        var options = RecorderOptions()
        options.filter = .training
        let recorder = Recorder(options)
        let loop = try TrainingTelemetry(recorder: recorder, config: .digits).latestLoop
        let silent = try TrainingTelemetry.silent().latestLoop
        let steps = 1_000
        var costs: [Double] = []
        for _ in 0..<25 {
            let clock = ContinuousClock()
            let recording = clock.measure { for step in 0..<steps { emptyStep(step, loop) } }
            let silent = clock.measure { for step in 0..<steps { emptyStep(step, silent) } }
            try recorder.flush()
            costs.append((recording - silent) / .nanoseconds(1) / Double(steps * 6))
        }
        try recorder.shutdown()
        return median(costs)
    }

    /// The six spans of a step.
    @inline(never)
    private static func emptyStep(_ step: Int, _ loop: TrainingLoop) {
        loop.iteration { iteration in
            iteration.measure(.dataLoading) {}
            iteration.measure(.modelForward) {}
            iteration.measure(.zeroGrad) {}
            iteration.measure(.modelBackward) {}
            iteration.measure(.optimizerUpdate) {}
            iteration.note(loss: Double(step))
        }
    }

    /// How many records it has made until now.
    private static func records(of recorder: Recorder) throws -> Int {
        try recorder.flush()
        return recorder.health.recorded
    }

    /// What all threads of the process have used until now; seconds.
    private static var processorTime: Double {
        var time = timespec()
        guard unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return 0 }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// How much larger a quantity is with telemetry than without.
struct Comparison: Sendable {
    private var ratios: (straight: [Double], swapped: [Double]) = ([], [])
    private var off: [Double] = []

    /// Adds a pair.
    mutating func add(on: Double, off: Double, swapped: Bool) {
        if swapped { ratios.swapped.append(on / off) } else { ratios.straight.append(on / off) }
        self.off.append(off)
    }

    /// How much larger: 0.01 is one percent.
    ///
    /// What makes one twin slower than the other cancels out.
    var share: Double { (median(ratios.straight) * median(ratios.swapped)).squareRoot() - 1 }

    /// The standard error of ``share``; infinite while there is too little to tell.
    ///
    /// Estimated from how far apart the quarters lie, which a few disturbed pairs do not change.
    var uncertainty: Double {
        let errors = [ratios.straight, ratios.swapped].map { values -> Double in
            guard values.count >= 4 else { return .infinity }
            let sorted = values.sorted()
            let spread = (sorted[sorted.count * 3 / 4] - sorted[sorted.count / 4]) / 1.349
            return 1.253 * spread / Double(sorted.count).squareRoot()
        }
        return (errors[0] * errors[0] + errors[1] * errors[1]).squareRoot() / 2
    }

    /// The median without telemetry.
    var typicalOff: Double { median(off) }
}

/// The middle one; of an even number the upper of the two; NaN of none.
func median(_ values: [Double]) -> Double {
    values.isEmpty ? .nan : values.sorted()[values.count / 2]
}
