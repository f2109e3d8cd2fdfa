public import OneLogger
internal import Synchronization

/// A run inside its scope.
///
/// May be sent to other tasks and threads, which may run steps side by side; of no use when the scope is over.
public final class RLMRun: Sendable {
    /// The run's id.
    public let id: String
    /// The span of the run; not valid when it is not recorded.
    public let context: SpanContext
    let sink: any RLMSink
    let tracing: RLMRunSink?
    // Asked once: a cast takes longer than a step.
    private let manager: RLMSinkManager?
    private let isTracingItself: Bool
    private let state: Locked<State>

    private struct State: Sendable {
        var steps = 0
        var end: RLMRunEnd?
    }

    init(_ id: String, _ sink: any RLMSink) {
        self.id = id
        self.sink = sink
        let tracing = sink.tracing.flatMap { $0.isRecording ? $0 : nil }
        self.tracing = tracing
        manager = sink as? RLMSinkManager
        isTracingItself = tracing != nil && sink as? RLMRunSink === tracing
        context =
            tracing?.context(forRun: id) ?? SpanContext(traceID: TraceID(high: 0, low: 0), spanID: SpanID(0))
        state = Locked(State())
    }

    /// The trace that the run is recorded in; nil when it is not.
    public var traceID: TraceID? { context.isValid ? context.traceID : nil }

    /// Says what comes of the run; the last call counts, and a body that throws makes it fail all the same.
    ///
    /// Without it, a run whose body returns is completed.
    public func conclude(_ end: RLMRunEnd) { state.withLock { $0.end = end } }

    /// Notes a step that is over, for steps that are no scopes.
    public func stepFinished(_ step: RLMStep) {
        SinkGuard.shared.attempt(sink, "stepFinished") { try sink.stepFinished(id, numbered(step)) }
    }

    /// Gives a step its number, from 1, unless it has one.
    private func numbered(_ step: RLMStep) -> RLMStep {
        var step = step
        if step.number == nil { step.number = nextStep() }
        return step
    }

    func nextStep() -> Int {
        state.withLock { state in
            state.steps += 1
            return state.steps
        }
    }

    /// Ends the run as its body did.
    func finish(_ thrown: (any Error)?) {
        var end = state.withLock { $0.end } ?? RLMRunEnd(isCompleted: thrown == nil)
        if let thrown {
            end.isCompleted = false
            if end.error == nil { end.error = String(describing: thrown) }
        }
        SinkGuard.shared.attempt(sink, "runEnded") { try sink.runEnded(id, end) }
    }

    /// The moment, on the time line of whoever times steps.
    var now: Timestamp { tracing?.recorder.now ?? .now }

    /// Fills in what the body of a step left open.
    func complete(_ step: inout RLMStep, _ startedAt: Timestamp, _ thrown: (any Error)?) {
        step.complete(thrown)
        if step.startedAt == nil { step.startedAt = startedAt }
        if step.finishedAt == nil { step.finishedAt = now }
        if step.traceID == nil { step.traceID = traceID }
    }

    /// Tells the sinks that did not time the step themselves.
    func tell(_ step: RLMStep, except done: RLMRunSink?) {
        if let manager {
            manager.stepFinished(id, step, except: done)
        } else if done == nil || !isTracingItself {
            SinkGuard.shared.attempt(sink, "stepFinished") { try sink.stepFinished(id, step) }
        }
    }
}
