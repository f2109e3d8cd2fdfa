public import OneLogger
internal import Synchronization

/// Records runs and steps as spans and metrics: `rlm.run` with `rlm.step` below it.
///
/// A configuration makes one with `recorders: - type: rlm`, and `Recorder.plugin(_:named:)` finds it; in code
/// it is made and then given to `Recorder.add(_:)`, which ends its open runs when the recorder shuts down. Thread-safe;
/// a hook takes one short lock, allocates nothing for a step without texts, and never waits for an exporter.
public final class RLMRunSink: RLMSink, RecorderPlugin {
    /// The name in `recorders:` of a configuration.
    public static let configName = "rlm"

    /// What tells it from other sinks: `opentelemetry` unless the options say otherwise.
    public let name: String
    /// True when somebody asked for it.
    public let isEnabled: Bool
    /// Where it writes.
    public let recorder: Recorder
    let options: RLMOptions
    let ownsRecorder: Bool
    /// Why it can't work; nil when it can.
    let problem: String?
    let metrics: RLMMetrics?
    private let state: Locked<State>

    struct State: Sendable {
        var table: RLMRunTable
        var rules: ContentRules
        var isClosed = false
    }

    /// Creates a sink that writes into a recorder.
    ///
    /// - Parameters:
    ///   - recorder: Where it writes; `Recorder.add(_:)` makes it stop with the recorder.
    ///   - options: How it works.
    ///   - redaction: Changes texts before they leave the process; nil leaves them as they are.
    public convenience init(
        _ recorder: Recorder, _ options: RLMOptions = RLMOptions(), redaction: RLMRedaction? = nil
    ) {
        self.init(recorder, options, redaction, isEnabled: true, owns: false, problem: nil)
    }

    /// Reads the options; a configuration's way to make one.
    ///
    /// - Throws: `SettingsError` that names each problem and its place.
    public convenience init(settings: inout Settings, recorder: Recorder) throws(SettingsError) {
        self.init(recorder, try RLMOptions(&settings))
    }

    /// Creates a sink that nobody asked for: its hooks do nothing.
    public static func disabled(_ options: RLMOptions = RLMOptions()) -> RLMRunSink {
        RLMRunSink(.disabled, options, nil, isEnabled: false, owns: false, problem: "disabled")
    }

    /// Creates a sink that somebody asked for and that can't work; its hooks do nothing.
    package static func broken(_ options: RLMOptions, _ reason: String) -> RLMRunSink {
        RLMRunSink(.disabled, options, nil, isEnabled: true, owns: false, problem: reason)
    }

    /// Creates a sink with a recorder of its own, which ends with it.
    package static func owning(
        _ recorder: Recorder, _ options: RLMOptions, redaction: RLMRedaction? = nil
    ) -> RLMRunSink {
        let sink = RLMRunSink(recorder, options, redaction, isEnabled: true, owns: true, problem: nil)
        recorder.add(sink)
        return sink
    }

    private init(
        _ recorder: Recorder, _ options: RLMOptions, _ redaction: RLMRedaction?, isEnabled: Bool, owns: Bool,
        problem: String?
    ) {
        self.name = options.name
        self.isEnabled = isEnabled
        self.recorder = recorder
        self.options = options
        self.problem = problem
        ownsRecorder = owns
        metrics = options.hasMetrics && problem == nil && recorder.isRecording ? RLMMetrics(recorder, options) : nil
        let rules = ContentRules(mode: options.content, limits: options.limits, redaction: redaction)
        let table = RLMRunTable(openLimit: options.openRuns, remembered: options.rememberedRuns)
        state = Locked(State(table: table, rules: rules))
    }

    /// Itself.
    public var tracing: RLMRunSink? { self }

    /// True while something is recorded.
    var isRecording: Bool { problem == nil && recorder.isRecording }

    func withState<R>(_ body: (inout sending State) -> R) -> R { state.withLock { body(&$0) } }

    var rules: ContentRules { withState { $0.rules } }

    /// Changes texts before they leave the process from now on; nil leaves them as they are.
    ///
    /// The way to give one to a sink that a configuration made.
    public func redact(with redaction: RLMRedaction?) { withState { $0.rules.redaction = redaction } }

    // MARK: trace

    /// The trace that a run is recorded in: while it is open, and for the last runs that are over.
    ///
    /// - Parameter run: The run's id.
    /// - Returns: 32 lower-case hexadecimal digits by its `description`; nil when the run is not known.
    public func traceID(forRun run: String) -> TraceID? { context(forRun: run)?.traceID }

    /// The span of a run: while it is open, and for the last runs that are over.
    public func context(forRun run: String) -> SpanContext? { withState { $0.table.context(of: run) } }

    /// How many runs are open.
    public var openRunCount: Int { withState { $0.table.open.count } }

    // MARK: as a plug-in

    /// Does nothing: a sink is ready when it exists.
    public func start() throws(TelemetryError) {}

    /// Ends the runs that are open, as failed; later hooks do nothing.
    public func stop(deadline: Timestamp) {
        let open = withState { state in
            state.isClosed = true
            return state.table.endAll()
        }
        for run in open { abandon(run, "Run did not end", "shutdown") }
    }

    /// Hands everything recorded so far to the exporters, and waits until they have delivered it.
    ///
    /// - Parameter timeout: The longest wait.
    /// - Returns: True when nothing is pending.
    @discardableResult
    public func flush(timeout: Duration = .seconds(2)) -> Bool {
        do throws(TelemetryError) { return try recorder.flush(timeout: timeout).isComplete } catch { return false }
    }

    /// Ends the runs that are open, as failed, and delivers everything; a recorder of its own is shut down.
    ///
    /// - Parameter timeout: The longest wait.
    /// - Returns: True when nothing is pending.
    @discardableResult
    public func shutdown(timeout: Duration = .seconds(2)) -> Bool {
        guard ownsRecorder else {
            stop(deadline: recorder.now.advanced(by: timeout))
            return flush(timeout: timeout)
        }
        do throws(TelemetryError) { return try recorder.shutdown(timeout: timeout).isComplete } catch { return false }
    }
}
