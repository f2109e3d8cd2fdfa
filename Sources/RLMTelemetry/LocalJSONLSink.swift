package import OneLogger
internal import Synchronization

/// Writes a line per run and a line per step into a folder of its own, as rlm-code does.
///
/// `runs.jsonl` gets a line when a run ends, `steps/RUN.jsonl` one for every step; `Docs/formats/rlm.md` lists the keys.
/// A hook copies what it is given into a bounded queue; a thread of the sink's own encodes and writes, at the latest after
/// 100 ms. What the queue can't hold, or the disk does not take, counts as dropped. Thread-safe. A forked child needs a
/// sink of its own.
public final class LocalJSONLSink: RLMSink {
    /// How the sink works.
    public struct Options: Sendable {
        /// Whether anything is written; a sink that is off touches no file.
        public var isEnabled = true
        /// Whether each line ends with the key `trace_id`, for runs that are recorded in a trace.
        public var writesTraceIDs = false
        /// Whether tasks are written; code, output and answers never are.
        public var content = RLMContent.Mode.truncated
        /// Changes tasks before they are written.
        public var redaction: RLMRedaction?
        /// How many lines may wait.
        public var queueLines = 10_000
        /// How much may wait, about.
        ///
        /// Unit: bytes.
        public var queueBytes = 16 << 20
        /// Where the sink's own times come from.
        package var clock: @Sendable () -> Timestamp = { .now }

        /// Creates the defaults.
        public init() {}
    }

    /// What is known of a run until it ends.
    private struct Run: Sendable {
        var start: RLMRunStart?
        var startedAt: Timestamp?
        var steps = 0
        var total = 0.0
        var order: UInt64
    }

    private struct State: Sendable {
        var runs: [String: Run] = [:]
        var order: UInt64 = 0
    }

    /// `local-jsonl`.
    public let name = "local-jsonl"
    /// The folder of `runs.jsonl`.
    public let directory: String
    private let options: Options
    private let rules: ContentRules
    private let queue: LineQueue?
    private let state = Locked(State())
    /// Runs that never end must not add up.
    private static let openRuns = 10_000

    /// Creates the folder and starts the thread; a folder that can't be made shows in ``status()``, and is tried again.
    ///
    /// - Parameters:
    ///   - directory: The folder, made with its parents when missing.
    ///   - options: How the sink works.
    public init(directory: String, _ options: Options = Options()) {
        self.directory = directory
        self.options = options
        rules = ContentRules(mode: options.content, redaction: options.redaction)
        queue =
            options.isEnabled
            ? LineQueue(directory, lines: max(1, options.queueLines), bytes: max(1024, options.queueBytes)) : nil
    }

    deinit { queue?.close() }

    /// Notes when a run began; its line is written when it ends.
    public func runStarted(_ run: RLMRunStart) {
        guard queue != nil else { return }
        let now = options.clock()
        var kept = run
        kept.task = rules.whole(.task, run.task) ?? ""
        state.withLock { [kept] state in
            state.order += 1
            // A step that came before the start does not count.
            state.runs[run.id] = Run(start: kept, startedAt: now, order: state.order)
            Self.forgetOldest(&state)
        }
    }

    /// Writes a line.
    public func stepFinished(_ run: String, _ step: RLMStep) {
        guard let queue else { return }
        let now = options.clock()
        let cumulative = state.withLock { state in
            if state.runs[run] == nil {
                state.order += 1
                state.runs[run] = Run(order: state.order)
                Self.forgetOldest(&state)
            }
            let total = state.runs[run].map { step.cumulativeReward ?? $0.total + (step.reward ?? 0) } ?? 0
            state.runs[run]?.steps += 1
            state.runs[run]?.total = total
            return total
        }
        queue.append(
            .step(
                StepLine(
                    time: now, run: run, number: step.number, action: step.action, reward: step.reward,
                    cumulativeReward: cumulative, isSuccess: step.isSuccess,
                    traceID: options.writesTraceIDs ? step.traceID : nil)), bytes: 256)
    }

    /// Writes the run's line.
    public func runEnded(_ run: String, _ end: RLMRunEnd) {
        guard let queue else { return }
        let now = options.clock()
        let known = state.withLock { $0.runs.removeValue(forKey: run) }
        let task = known?.start?.task ?? rules.whole(.task, end.task) ?? ""
        let parameters = known?.start.map(Self.parameters) ?? [:]
        queue.append(
            .run(
                RunLine(
                    time: now, run: run, startedAt: known?.startedAt, finishedAt: end.finishedAt, task: task,
                    environment: known?.start?.environment ?? end.environment ?? "", parameters: parameters,
                    isCompleted: end.isCompleted, steps: end.steps ?? known?.steps ?? 0, seen: known?.steps ?? 0,
                    totalReward: end.totalReward ?? known?.total ?? 0, path: end.runPath ?? "",
                    traceID: options.writesTraceIDs ? end.traceID : nil)),
            bytes: 512 + task.utf8.count + parameters.count * 128)
    }

    /// The parameters, with what was given typed beside them.
    private static func parameters(_ run: RLMRunStart) -> Attributes {
        var all = run.parameters
        if let maxSteps = run.maxSteps { all["max_steps"] = .int(maxSteps) }
        if let model = run.model { all["model"] = .string(model) }
        if let parent = run.parentRun { all["parent_run_id"] = .string(parent) }
        if let depth = run.depth { all["depth"] = .int(depth) }
        return all
    }

    private static func forgetOldest(_ state: inout State) {
        guard state.runs.count > openRuns else { return }
        if let oldest = state.runs.min(by: { $0.value.order < $1.value.order })?.key { state.runs[oldest] = nil }
    }

    /// How the sink fares: `available` says whether the last lines reached their file.
    public func status() -> RLMSinkStatus {
        guard let health = queue?.health else {
            return RLMSinkStatus(name: name, isEnabled: false, isAvailable: false, detail: "disabled")
        }
        return RLMSinkStatus(
            name: name, isEnabled: true, isAvailable: health.isWorking,
            detail: health.isWorking
                ? directory : health.lastError ?? "closed",
            exported: health.written, dropped: health.dropped, lastError: health.lastError)
    }

    /// Waits until every line of earlier hooks is written, or counted as dropped.
    ///
    /// - Parameter timeout: The longest wait.
    /// - Returns: True when nothing is pending.
    @discardableResult
    public func flush(timeout: Duration = .seconds(2)) -> Bool { queue?.flush(timeout) ?? true }

    /// Writes what waits, and stops; later hooks do nothing, but count.
    ///
    /// - Parameter timeout: The longest wait.
    /// - Returns: True when nothing is pending.
    @discardableResult
    public func shutdown(timeout: Duration = .seconds(2)) -> Bool {
        queue?.close()
        return queue?.flush(timeout) ?? true
    }
}
