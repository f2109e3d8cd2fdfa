internal import COneLogger
package import OneLoggerCore
internal import Synchronization

/// Gets every batch that exporters get, on the drainer's thread: it must be quick.
package protocol BatchCollector: AnyObject, Sendable {
    func collect(_ batch: Batch)
}

/// What a session needs of its recorder.
extension Recorder {
    package func add(_ collector: any BatchCollector) { engine.withState { $0.collectors.append(collector) } }

    package func remove(_ collector: any BatchCollector) {
        engine.withState { $0.collectors.removeAll { $0 === collector } }
    }

    /// Hands everything recorded before the call to exporters and collectors; waits for no exporter.
    ///
    /// False at the deadline, nanoseconds of CLOCK_MONOTONIC.
    @discardableResult
    package func handOver(until deadline: UInt64) -> Bool { engine.drain(until: deadline, .whenDue) }

    /// Now, on the recorder's time line, and on one that never jumps.
    ///
    /// Unit: nanoseconds.
    package var moment: (time: Timestamp, steady: UInt64) {
        if engine.clockKind == OL_CLOCK_MANUAL {
            let now = engine.now
            return (now, now.nanoseconds)
        }
        return (Timestamp(nanoseconds: ol_realtime()), ol_monotonic())
    }

    /// The same with one reading of a clock.
    package func moment(_ clocks: ClockPair) -> (time: Timestamp, steady: UInt64) {
        guard engine.clockKind != OL_CLOCK_MANUAL else { return moment }
        return clocks.now
    }

    /// The clock of deadlines.
    ///
    /// Unit: nanoseconds.
    package static var steadyNow: UInt64 { ol_monotonic() }

    /// The first root that was announced and is open: the application's span; nil when there is none.
    ///
    /// Known after the first pass of the drainer that sees it.
    package var applicationSpan: SpanContext? { engine.withState { $0.oldestRoot } }

    /// The span from another process under which roots hang; nil when there is none.
    package var remoteParent: SpanContext? { engine.remoteParent.isValid ? engine.remoteParent : nil }

    /// The innermost open span of this task or thread; nil when there is none.
    package var currentContext: SpanContext? {
        let gate = gate.load(ordering: .relaxed)
        guard gate != 0, let t = unsafe HotPath.find(gate) else { return nil }
        if unsafe t.pointee.scope != 0, unsafe t.pointee.task == ol_task() {
            return unsafe SpanContext(
                traceID: TraceID(high: t.pointee.trace_hi, low: t.pointee.trace_lo), spanID: SpanID(t.pointee.span),
                isSampled: t.pointee.scope == 1)
        }
        guard unsafe ol_task() != nil, let scope = engine.scope.get() else { return nil }
        return SpanContext(
            traceID: TraceID(high: scope.traceHigh, low: scope.traceLow), spanID: SpanID(scope.span),
            isSampled: scope.isSampled, isRemote: scope.isRemote)
    }

    /// Runs `body` as if the span of `context` were open here: what begins inside hangs under it, in new tasks too.
    package func within<R: ~Copyable, E: Error>(_ context: SpanContext, _ body: () throws(E) -> R) throws(E) -> R {
        var result: Result<R, E>?
        var span = unsafe TimedSpan(HotPath.noFrame())
        HotPath.enter(&span, gate.load(ordering: .relaxed), context)
        bind(context) { () -> Void in
            do throws(E) { result = .success(try body()) } catch { result = .failure(error) }
        }
        HotPath.leave(&span)
        guard let done = result.take() else { preconditionFailure("a task-local's scope runs its body") }
        return try done.get()
    }

    /// Runs `body` so that tasks which it makes hang under `context`.
    package func bind<R>(_ context: SpanContext, _ body: () -> R) -> R {
        engine.scope.withValue(Scope(context)) { body() }
    }

    /// Runs `body` as if the span of `context` were open here.
    package func within<R, E: Error>(
        _ context: SpanContext, isolation: isolated (any Actor)? = #isolation,
        _ body: nonisolated(nonsending) () async throws(E) -> R
    ) async throws(E) -> R {
        let result: Result<R, E> = await engine.scope.withValue(Scope(context)) { () async -> Result<R, E> in
            _ = isolation  // captured, so that this closure runs on the caller's actor
            do throws(E) { return .success(try await body()) } catch { return .failure(error) }
        }
        return try result.get()
    }
}

extension Scope {
    init(_ context: SpanContext) {
        self.init(
            traceHigh: context.traceID.high, traceLow: context.traceID.low, span: context.spanID.value,
            isSampled: context.isSampled, isRemote: context.isRemote)
    }
}

extension HotPath {
    /// Puts a span that is timed elsewhere on this thread, as if it were open.
    static func enter(_ span: inout TimedSpan, _ gate: UInt, _ context: SpanContext) {
        guard gate != 0, let t = unsafe find(gate) else { return }
        span.parent = context.spanID.value
        span.traceHigh = context.traceID.high
        span.traceLow = context.traceID.low
        unsafe save(&span, t)
        unsafe place(&span, t, ol_task(), isSampled: context.isSampled)
        span.flags |= TimedSpan.silent
    }

    static func leave(_ span: inout TimedSpan) {
        guard let raw = unsafe span.block else { return }
        let t = unsafe raw.assumingMemoryBound(to: ol_thread.self)
        unsafe endWithCare(&span, t, 0, UnsafePointer(span.base.assumingMemoryBound(to: UInt8.self)), 0)
    }
}
