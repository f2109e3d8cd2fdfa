internal import AgentWorld
internal import OneLogger
internal import RLMTelemetry

/// The whole program, once its arguments are read and its recorder is there.
struct Application {
    private let options: Options
    private let recorder: Recorder
    private let local: LocalJSONLSink
    private let manager: RLMSinkManager

    init(_ options: Options, _ sink: RLMRunSink, _ recorder: Recorder) {
        self.options = options
        self.recorder = recorder
        local = LocalJSONLSink(directory: options.output)
        manager = RLMSinkManager([local, sink])
    }

    /// Makes the runs, says what came of them, and delivers what was recorded.
    ///
    /// - Returns: How many runs reached their goal.
    func run() throws -> Int {
        var solved = 0
        for number in 1...options.runs {
            let result = episode(number).run(manager)
            solved += result.isSolved ? 1 : 0
            print(
                "\(result.id): \(result.isSolved ? "solved" : "gave up"), \(result.steps) steps, reward "
                    + "\(rounded(result.reward)), trace \(result.traceID?.description ?? "none")")
        }
        try recorder.shutdown()
        local.shutdown()
        for status in manager.statuses() {
            print("sink \(status.name): \(status.exported) delivered, \(status.dropped) dropped (\(status.detail))")
        }
        return solved
    }

    /// Walls and mistakes differ from run to run; every third agent has too few steps.
    private func episode(_ number: Int) -> Episode {
        let world = GridWorld.random(size: options.size, seed: UInt64(options.seed + number))
        let maxSteps = number.isMultiple(of: 3) ? options.size : options.size * options.size
        return Episode(
            "run_\(options.seed)_\(number)", in: world, maxSteps: maxSteps,
            mistakeEvery: number.isMultiple(of: 2) ? 4 : 0,
            recorder: recorder)
    }

    private func rounded(_ number: Double) -> Double { (number * 100).rounded() / 100 }
}
