public import OneLogger
internal import Synchronization

/// Records what a training job does: standard spans, events and metrics under the names that tools for training jobs
/// know.
///
/// As closures, where the program owns its loop:
///
///     let training = try TrainingTelemetry(config: TrainingTelemetryConfig(perfTag: "digits", globalBatchSize: 32))
///     training.loop { loop in
///         for batch in batches { loop.iteration { _ in step(batch) } }
///     }
///
/// or as callbacks (``onAppStart(at:)``, ``onTrainingSingleIterationStart(at:)`` and so on), where a framework does. Both make
/// the same records. Thread-safe. What makes no sense goes to the recorder's error handling strategy; nothing is ever
/// thrown into a loop, and bodies run whatever happens to their telemetry.
public final class TrainingTelemetry: Sendable {
    struct State {
        var settings: TrainingSettings?
        /// False until the application, or without one the training loop, has been told what there is to tell.
        var hasToldProcess = false, hasToldConfig = false
        var application: ManualSpan?
        /// The training loop that began last.
        var loop: TrainingLoop.Shared?
        /// The one that a callback began last: closures may run others beside it.
        var calledLoop: TrainingLoop.Shared?
        var checkpoints = CheckpointMetrics()
        /// What callbacks have begun; a span that is only timed is in the second list.
        var open: [CallbackSpan] = [], timers: [CallbackTimer] = []
    }

    /// Where everything is recorded.
    public let recorder: Recorder
    private let exported: TrainingSpanSet, summarised: TrainingSpanSet
    let state: Locked<State>

    /// Creates a telemetry; nothing is recorded yet.
    ///
    /// - Parameters:
    ///   - recorder: Where to record. Its filter is best `SpanFilter.training`.
    ///   - config: What the job says about itself; nil when that is known later, see ``configure(_:)``.
    /// - Throws: `TelemetryError.configuration` with every problem of `config`.
    public convenience init(
        recorder: Recorder = .current, config: TrainingTelemetryConfig? = nil
    ) throws(TelemetryError) {
        var settings: TrainingSettings?
        if let config { settings = try TrainingSettings(config) }
        self.init(recorder: recorder, settings: settings)
    }

    package init(recorder: Recorder, settings: TrainingSettings?) {
        var first = State()
        first.settings = settings
        first.open.reserveCapacity(32)
        first.timers.reserveCapacity(32)
        state = Locked(first)
        self.recorder = recorder
        let verdicts = TrainingSpan.allCases.map { ($0, recorder.verdict($0.text)) }
        exported = TrainingSpanSet(verdicts.filter { $0.1 == .keep }.map(\.0))
        summarised = TrainingSpanSet(verdicts.filter { $0.1 == .summarise }.map(\.0))
    }

    /// True when a configuration applies.
    public var isConfigured: Bool { state.withLock { $0.settings != nil } }

    /// Says what was not known when the application began: once, before the training loop.
    ///
    /// A configuration that cannot be used, a second one, and one that comes while a training loop runs change nothing;
    /// the recorder's error handling strategy hears of them.
    ///
    /// - Parameter config: What the job says about itself.
    /// - Returns: True when it applies from now on.
    @discardableResult
    public func configure(_ config: TrainingTelemetryConfig) -> Bool {
        let settings: TrainingSettings
        do throws(TelemetryError) { settings = try TrainingSettings(config) } catch {
            recorder.report(error)
            return false
        }
        var problem: String?
        let application: ManualSpan? = state.withLock { state in
            if state.settings != nil {
                problem = "the configuration has already been set"
            } else if state.loop?.isActive ?? false {
                problem = "a training loop runs already"
            } else {
                state.settings = settings
            }
            return state.application
        }
        if let problem {
            report("configure", problem, "Give it once, before the training loop begins.")
            return false
        }
        if let application { tell(on: application) }
        return true
    }

    // MARK: spans

    func isExported(_ kind: TrainingSpan) -> Bool { exported.contains(kind) }

    /// Begins a standard span.
    ///
    /// - Parameters:
    ///   - kind: Which.
    ///   - parent: Under which span it hangs; asked only when it is exported.
    ///   - attributes: What is known about it; evaluated only then.
    ///   - time: When it began; nil means now.
    /// - Returns: The span, to be given to ``close(_:_:end:_:at:)``.
    func open(
        _ kind: TrainingSpan, _ parent: @autoclosure () -> SpanParent,
        _ attributes: @autoclosure () -> Attributes = [:],
        at time: Timestamp? = nil
    ) -> OpenSpan {
        guard exported.contains(kind) else {
            let stamp = recorder.stamp
            return OpenSpan(kind: kind, start: stamp == 0 ? 0 : time.map(RecordLayout.stamp) ?? stamp)
        }
        guard recorder.isRecording else { return .nothing(kind) }
        let span = recorder.start(kind.name, parent: parent(), attributes: attributes(), at: time)
        return OpenSpan(kind: kind, start: time.map(RecordLayout.stamp) ?? recorder.stamp, span: span)
    }

    /// Ends a standard span.
    ///
    /// - Parameters:
    ///   - open: Which.
    ///   - error: What its body threw.
    ///   - end: A reading of the clock, for one that is only timed.
    ///   - attributes: What is known about the end.
    ///   - time: When it ended; nil means now.
    func close(
        _ open: OpenSpan, _ error: (any Error)?, end: UInt64, _ attributes: @autoclosure () -> Attributes = [:],
        at time: Timestamp? = nil
    ) {
        if let span = open.span {
            if let error { span.error(error, "Error in \(open.kind.text): ") }
            span.stop(attributes(), at: time)
        } else if summarised.contains(open.kind), open.start != 0 {
            recorder.summarise(
                open.kind.name, from: open.start, to: end, hasFailed: error.map { !($0 is CancellationError) } ?? false)
        }
    }

    /// The innermost open span of this task or thread, else `context`.
    func parent(else context: SpanContext?) -> SpanParent {
        guard let context, context.isValid, recorder.currentContext == nil else { return .inherit }
        return .context(context)
    }

    /// The span of the application, or nothing.
    var applicationContext: SpanContext? { state.withLock { $0.application?.context } }

    /// A mistake in how this library is used.
    func report(_ call: String, _ problem: String, _ advice: String) {
        guard recorder.isRecording else { return }
        recorder.report(.misuse(call: "TrainingTelemetry.\(call)", problem: problem, advice: advice))
    }

    /// A given time; nil when there is none, or, as a mistake, when it cannot be meant.
    func checked(_ time: Timestamp?, _ call: String) -> Timestamp? {
        time.flatMap { recorder.plausible($0, "TrainingTelemetry.\(call)") }
    }

    /// A count that must not be negative.
    func checked(_ count: Int, _ name: String, _ call: String) -> Int {
        if count >= 0 { return count }
        report(call, "invalid value for \(name): \(count)", "Give 0 or more; 0 is used now.")
        return 0
    }
}
