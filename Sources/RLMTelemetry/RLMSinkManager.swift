public import OneLoggerCore
internal import Synchronization

/// Hands every hook to several sinks, one after the other, and keeps their errors away from the agent and each other.
///
/// A sink itself, so that scopes work on it. Its scoped steps are timed by the first of its sinks that writes into a
/// recorder; the others get the same times. Thread-safe.
public final class RLMSinkManager: RLMSink {
    /// What tells it from other sinks.
    public let name: String
    private let sinksNow: Locked<[any RLMSink]>
    private let errors = SinkGuard()

    /// Creates a manager.
    ///
    /// - Parameters:
    ///   - sinks: Who gets what happens, in this order.
    ///   - name: What tells it from other sinks.
    public init(_ sinks: [any RLMSink] = [], name: String = "manager") {
        self.name = name
        sinksNow = Locked(sinks)
    }

    /// Its sinks, in their order.
    public var sinks: [any RLMSink] { sinksNow.withLock { $0 } }

    /// Adds a sink behind the others; several may have one name.
    public func add(_ sink: any RLMSink) { sinksNow.withLock { $0.append(sink) } }

    /// Takes every sink of this name out; it is neither flushed nor shut down.
    ///
    /// - Returns: True when there was one.
    @discardableResult
    public func remove(named name: String) -> Bool {
        let isGone = sinksNow.withLock { sinks in
            let before = sinks.count
            sinks.removeAll { $0.name == name }
            return sinks.count < before
        }
        if isGone { errors.forget(name) }
        return isGone
    }

    /// The first sink of this name; nil when there is none.
    public func sink(named name: String) -> (any RLMSink)? { sinks.first { $0.name == name } }

    /// The first of its sinks that writes into a recorder.
    public var tracing: RLMRunSink? { sinks.lazy.compactMap(\.tracing).first }

    /// The trace that a run is recorded in; nil when none of its sinks knows one.
    public func traceID(forRun run: String) -> TraceID? {
        sinks.lazy.compactMap { $0.tracing?.traceID(forRun: run) }.first
    }

    /// A run begins.
    public func runStarted(_ run: RLMRunStart) {
        for sink in sinks { errors.attempt(sink, "runStarted") { try sink.runStarted(run) } }
    }

    /// A step of a run is over.
    public func stepFinished(_ run: String, _ step: RLMStep) { stepFinished(run, step, except: nil) }

    func stepFinished(_ run: String, _ step: RLMStep, except done: RLMRunSink?) {
        var step = step
        if step.traceID == nil { step.traceID = traceID(forRun: run) }
        for sink in sinks where done == nil || sink as? RLMRunSink !== done {
            if let nested = sink as? RLMSinkManager {
                nested.stepFinished(run, step, except: done)
            } else {
                errors.attempt(sink, "stepFinished") { try sink.stepFinished(run, step) }
            }
        }
    }

    /// A run is over.
    public func runEnded(_ run: String, _ end: RLMRunEnd) {
        var end = end
        if end.traceID == nil { end.traceID = traceID(forRun: run) }
        for sink in sinks { errors.attempt(sink, "runEnded") { try sink.runEnded(run, end) } }
    }

    /// One row per sink, in their order; one that cannot say how it fares gets a row that says so.
    public func statuses() -> [RLMSinkStatus] { sinks.map(errors.status(of:)) }

    /// All rows in one.
    public func status() -> RLMSinkStatus {
        let all = statuses(), enabled = all.filter(\.isEnabled)
        var status = RLMSinkStatus(
            name: name, isEnabled: !enabled.isEmpty,
            isAvailable: !enabled.isEmpty && enabled.allSatisfy(\.isAvailable),
            detail: all.map { "\($0.name): \($0.detail)" }.joined(separator: "; "))
        status.exported = all.reduce(0) { $0 + $1.exported }
        status.dropped = all.reduce(0) { $0 + $1.dropped }
        status.lastError = all.compactMap(\.lastError).first
        return status
    }
}
