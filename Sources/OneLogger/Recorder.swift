internal import COneLogger
public import OneLoggerCore
public import Synchronization

/// Makes records of what an application does, and hands them to its exporters.
///
/// Thread-safe. An application usually has one, made by `bootstrap` or given to ``install(_:)``; several may exist side
/// by side, each with its own trees. Dropping the last reference flushes in the background.
public final class Recorder: Sendable {
    /// The core's address, 0 while nothing is recorded: the one load that a disabled span costs.
    @usableFromInline let gate = Atomic<UInt>(0)
    let engine: Engine

    /// Creates a recorder and starts its exporters.
    ///
    /// - Parameters:
    ///   - options: How it works.
    ///   - exporters: Where records go; none is fine.
    public convenience init(_ options: RecorderOptions = RecorderOptions(), exporters: [ExporterSlot] = []) {
        self.init(options, exporters: exporters, drains: true)
    }

    /// Creates a recorder that drains only when it is told to, for tests.
    package init(_ options: RecorderOptions, exporters: [ExporterSlot], drains: Bool) {
        engine = Engine(options, exporters)
        engine.attach(self)
        guard options.isEnabled else {
            engine.withState {
                $0.phase = .closed
                // Nobody makes another one, and a shutdown would wait for it.
                $0.shutdownReport = FlushReport(exported: 0, lost: 0, isComplete: true, pending: [])
            }
            return
        }
        unsafe gate.store(UInt(bitPattern: engine.core), ordering: .releasing)
        Registry.shared.add(engine)
        engine.startExporters()
        if drains { engine.startThreads() } else { engine.launchExporters() }
    }

    deinit {
        let engine = engine
        guard engine.phase != .closed else { return }
        // Not here: it may take until the deadline.
        let started = startThread { _ = engine.shutdown(until: engine.defaultDeadline, "the recorder was dropped") }
        if !started { _ = engine.shutdown(until: engine.defaultDeadline, "the recorder was dropped") }
    }

    /// A recorder that records nothing.
    public static let disabled: Recorder = {
        var options = RecorderOptions()
        options.isEnabled = false
        return Recorder(options)
    }()

    /// True while spans are recorded.
    public var isRecording: Bool { gate.load(ordering: .relaxed) != 0 }

    /// From now on nothing is recorded.
    func close() {
        let old = gate.exchange(0, ordering: .relaxed)
        guard old != 0 else { return }
        _ = HotPath.gate.compareExchange(expected: old, desired: 0, ordering: .relaxed)
    }

    // MARK: manual spans

    /// Starts a span that ``stop(_:_:at:)`` ends, here or on any other thread.
    ///
    /// - Parameters:
    ///   - name: What is timed.
    ///   - parent: Under which span it hangs.
    ///   - kind: Which part it plays between processes.
    ///   - links: Other spans that it has to do with.
    ///   - attributes: What is known about it; evaluated, like the rest, only while something is recorded.
    ///   - startEvent: What is known about its beginning.
    ///   - time: When it began; nil means now. A time too far from now is an error, and now is used.
    /// - Returns: The span; one that records nothing when the recorder is off or 65,536 are open, a mistake.
    public func start(
        _ name: StaticName, parent: SpanParent = .inherit, kind: SpanKind = .internal,
        links: @autoclosure () -> [SpanLink] = [], attributes: @autoclosure () -> Attributes = [:],
        startEvent: @autoclosure () -> Attributes = [:], at time: Timestamp? = nil
    ) -> ManualSpan {
        start(.name(name)) {
            .init(
                parent: parent, kind: kind, attributes: attributes(), startEvent: startEvent(), links: links(),
                time: time)
        }
    }

    /// Starts a span with a name made at run time.
    ///
    /// - Parameters:
    ///   - name: What is timed, at most 65,535 bytes.
    ///   - parent: Under which span it hangs.
    ///   - kind: Which part it plays between processes.
    ///   - links: Other spans that it has to do with.
    ///   - attributes: What is known about it; evaluated, like the rest, only while something is recorded.
    ///   - startEvent: What is known about its beginning.
    ///   - time: When it began; nil means now. A time too far from now is an error, and now is used.
    /// - Returns: The span; one that records nothing when the recorder is off or 65,536 are open, a mistake.
    @_disfavoredOverload
    public func start(
        _ name: String, parent: SpanParent = .inherit, kind: SpanKind = .internal,
        links: @autoclosure () -> [SpanLink] = [], attributes: @autoclosure () -> Attributes = [:],
        startEvent: @autoclosure () -> Attributes = [:], at time: Timestamp? = nil
    ) -> ManualSpan {
        start(.text(name)) {
            .init(
                parent: parent, kind: kind, attributes: attributes(), startEvent: startEvent(), links: links(),
                time: time)
        }
    }

    private func start(_ name: ManualSpanTable.StaticNameOrText, _ given: () -> ManualSpanTable.Start) -> ManualSpan {
        let gate = gate.load(ordering: .relaxed)
        guard gate != 0, let t = unsafe HotPath.find(gate) else {
            if engine.phase == .closed, engine.options.isEnabled {
                engine.report(
                    .misuse(
                        call: "Recorder.start", problem: "the recorder is shut down",
                        advice: "Stop recording before the shutdown."))
            }
            return ManualSpan(
                context: SpanContext(traceID: TraceID(high: 0, low: 0), spanID: SpanID(0)), slot: nil, generation: 0)
        }
        return unsafe engine.manualSpans.start(engine, t, name, given())
    }

    /// Ends a span that ``start(_:parent:kind:links:attributes:startEvent:at:)-(StaticName,_,_,_,_,_,_)`` began.
    ///
    /// - Parameters:
    ///   - span: A span of this recorder.
    ///   - attributes: What is known about the end.
    ///   - time: When it ended; nil means now.
    public func stop(_ span: ManualSpan, _ attributes: Attributes = [:], at time: Timestamp? = nil) {
        guard owns(span, "Recorder.stop") else { return }
        engine.manualSpans.stop(span, attributes, at: time, "Recorder.stop")
    }

    /// Notes a point in time on a span of this recorder.
    public func event(_ span: ManualSpan, _ event: Event) {
        guard owns(span, "Recorder.event") else { return }
        engine.manualSpans.event(span, event, "Recorder.event")
    }

    /// Notes an application's error on a span of this recorder, and that the span failed.
    ///
    /// - Parameters:
    ///   - span: A span of this recorder.
    ///   - message: What was being done, for people.
    ///   - error: The error; a `CancellationError` makes the span cancelled, not failed.
    public func error(_ span: ManualSpan, _ message: String, _ error: (any Error)? = nil) {
        guard owns(span, "Recorder.error") else { return }
        engine.manualSpans.error(span, message, error, "Recorder.error")
    }

    /// False for a span that records nothing, and, as a mistake, for one of another recorder.
    private func owns(_ span: ManualSpan, _ call: String) -> Bool {
        guard let slot = span.slot else { return false }
        guard slot.engine !== engine else { return true }
        engine.report(
            .misuse(
                call: call, problem: "the span belongs to another recorder", advice: "Use the recorder that started it."
            ))
        return false
    }

    /// The manual spans of this name that are open, oldest first.
    public func activeSpans(named name: String) -> [ManualSpan] { engine.manualSpans.active(name) }

    // MARK: telemetry itself

    /// Tells every exporter that the data are not whole.
    ///
    /// - Parameters:
    ///   - message: What happened, for people.
    ///   - attributes: More to say.
    public func telemetryDataError(_ message: String, _ attributes: Attributes = [:]) {
        guard isRecording else { return }
        let now = engine.now
        engine.errors.add(
            TelemetryDataError(.incompleteTelemetryData, message, firstTime: now, time: now, attributes: attributes))
    }

    /// Hands an error of telemetry itself to the error handling strategy.
    ///
    /// For domain libraries and plug-ins.
    public func report(_ error: TelemetryError) { engine.report(error) }

    /// Starts a plug-in, and stops it when the recorder shuts down.
    ///
    /// A plug-in that fails shows in ``health``.
    public func add(_ plugin: any RecorderPlugin) { add(plugin, named: type(of: plugin).configName) }

    /// Starts a plug-in under a name of its own; not where nothing is recorded, or no longer.
    ///
    /// - Parameters:
    ///   - plugin: What writes.
    ///   - name: How ``health`` calls it.
    ///   - own: The recorder that the plug-in writes into, when it is not this one; flushed and shut down with this one.
    package func add(_ plugin: any RecorderPlugin, named name: String, owning own: Recorder? = nil) {
        guard engine.options.isEnabled, engine.phase != .closed else {
            if let own { _ = own.engine.shutdown(until: own.engine.defaultDeadline, "its owner is closed") }
            return
        }
        own?.engine.isOwned.store(true, ordering: .relaxed)
        var failure: String?
        do throws(TelemetryError) { try plugin.start() } catch {
            failure = error.description
            engine.report(.component(name: "recorder plug-in '\(name)'", problem: error.description))
        }
        let entry = Engine.PluginEntry(name: name, plugin: failure == nil ? plugin : nil, own: own, error: failure)
        let isLate = engine.withState { state in
            state.plugins.append(entry)
            return state.phase == .closed
        }
        // The shutdown began meanwhile and knows nothing of it.
        guard isLate else { return }
        entry.plugin?.stop(deadline: engine.now.advanced(by: engine.options.shutdownTimeout))
        if let own { _ = own.engine.shutdown(until: own.engine.defaultDeadline, "its owner is closed") }
    }

    /// What the records say about where they come from.
    public var resource: Resource { engine.resource }

    /// How the recorder and its exporters fare.
    public var health: RecorderHealth { engine.health }

    /// Hands everything recorded before the call to the exporters, and waits until they have delivered and flushed it.
    ///
    /// - Parameter timeout: The longest wait, all exporters together.
    /// - Returns: What was achieved.
    /// - Throws: The first error of telemetry itself since the last flush, under ``ErrorHandlingStrategy/propagate``.
    @discardableResult
    public func flush(timeout: Duration = .seconds(2)) throws(TelemetryError) -> FlushReport {
        let report = engine.flush(until: ol_monotonic() &+ UInt64(clamping: timeout.clampedNanoseconds))
        try throwPending()
        return report
    }

    /// Stops recording, ends what is open, delivers everything and closes the exporters.
    ///
    /// Spans that end later run their bodies as always and count as lost. A second call does nothing more.
    ///
    /// - Parameter timeout: The longest wait, all exporters together; nil means the recorder's own option.
    /// - Returns: What was achieved.
    /// - Throws: The first error of telemetry itself since the last flush, under ``ErrorHandlingStrategy/propagate``.
    @discardableResult
    public func shutdown(timeout: Duration? = nil) throws(TelemetryError) -> FlushReport {
        let limit = timeout ?? engine.options.shutdownTimeout
        let report = engine.shutdown(until: ol_monotonic() &+ UInt64(clamping: limit.clampedNanoseconds), "shutdown")
        try throwPending()
        return report
    }

    private func throwPending() throws(TelemetryError) {
        for engine in [engine] + engine.owned where engine.options.onError == .propagate {
            if let error = engine.errors.take() { throw error }
        }
    }
}

// MARK: - for tests

extension Recorder {
    /// Everything committed so far, to `body` instead of the exporters.
    package func drain(_ body: (Batch) -> Void) { engine.drain(body) }

    /// Sets a manual clock.
    ///
    /// Unit: nanoseconds.
    package func setManualTime(_ nanoseconds: UInt64) { unsafe ol_set_manual(engine.core, nanoseconds) }

    /// As if the counter had changed its rate.
    package func leaveCounter() { engine.leaveCounter() }
}

extension Engine {
    /// When a shutdown that nobody gave a deadline must be over.
    var defaultDeadline: UInt64 { ol_monotonic() &+ UInt64(clamping: options.shutdownTimeout.clampedNanoseconds) }
}
