internal import COneLogger
package import OneLoggerCore
internal import Synchronization

/// What domain libraries of this package need beyond the public interface: readings of the clock that become durations
/// later, spans that are only counted, and the place where a span of theirs hangs.
extension Recorder {
    /// A reading of the clock that spans use; 0 while nothing is recorded.
    package var stamp: UInt64 {
        let gate = gate.load(ordering: .relaxed)
        return gate == 0 ? 0 : unsafe ol_ticks(engine.core)
    }

    /// What turns readings of the clock into times, good to a few microseconds for about a second.
    ///
    /// Reads the clocks some twenty times.
    package var tickScale: TickScale {
        engine.clockKind == UInt32(OL_CLOCK_MANUAL) ? .unix : unsafe TickScale.rough(core: engine.core)
    }

    /// The time now, as spans see it.
    package var now: Timestamp { engine.now }

    /// What the filter says about a name.
    package func verdict(_ name: String) -> SpanFilter.Verdict { engine.options.filter.verdict(name) }

    /// A number for the calling thread; 0 while nothing is recorded.
    package var threadMark: UInt {
        let gate = gate.load(ordering: .relaxed)
        guard gate != 0, let t = unsafe HotPath.find(gate) else { return 0 }
        return UInt(bitPattern: t)
    }

    /// A given time, or nil, and a mistake, when it lies too far from now.
    package func plausible(_ time: Timestamp, _ call: String) -> Timestamp? {
        let gate = gate.load(ordering: .relaxed)
        guard gate != 0, let t = unsafe HotPath.find(gate) else { return nil }
        return unsafe engine.stamp(time, call, t) == RecordLayout.stamp(time) ? time : nil
    }

    /// Counts a span that the filter wants summarised.
    ///
    /// Both stamps are readings of ``stamp``, or `RecordLayout` stamps of given times. Allocates nothing.
    package func summarise(_ name: StaticName, from start: UInt64, to end: UInt64, hasFailed: Bool) {
        let gate = gate.load(ordering: .relaxed)
        guard gate != 0, let t = unsafe HotPath.find(gate) else { return }
        var span = unsafe TimedSpan(HotPath.noFrame())
        if hasFailed { span.flags = 2 }
        unsafe HotPath.write(
            t, span, name.text.utf8Start, name.text.utf8CodeUnitCount, span.base, 0, RecordKind.summary, start, end)
    }

    /// The innermost open span of this task or thread; nil when there is none.
    package var openSpan: SpanContext? {
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

    /// Runs `body` as if the span of `context` were a timed span that encloses it.
    package func inside<R: ~Copyable, E: Error>(
        _ context: SpanContext, _ body: () throws(E) -> R
    ) throws(E) -> R {
        let gate = gate.load(ordering: .relaxed)
        guard context.isValid, gate != 0, let t = unsafe HotPath.find(gate) else { return try body() }
        var scope = unsafe TimedSpan(HotPath.noFrame())
        unsafe HotPath.save(&scope, t)
        scope.parent = context.spanID.value
        scope.traceHigh = context.traceID.high
        scope.traceLow = context.traceID.low
        unsafe HotPath.place(&scope, t, ol_task(), isSampled: context.isSampled)
        // Nothing of its own is written at the end: only the thread's scope is put back.
        scope.flags |= TimedSpan.silent
        defer { unsafe HotPath.endWithCare(&scope, t, 0, HotPath.noFrame().assumingMemoryBound(to: UInt8.self), 0) }
        return try body()
    }

    /// Runs `body` as if the span of `context` were a timed span that encloses it and its child tasks.
    package func inside<R, E: Error>(
        _ context: SpanContext, isolation: isolated (any Actor)? = #isolation,
        _ body: nonisolated(nonsending) () async throws(E) -> R
    ) async throws(E) -> R {
        guard context.isValid, isRecording else { return try await body() }
        let scope = Scope(
            traceHigh: context.traceID.high, traceLow: context.traceID.low, span: context.spanID.value,
            isSampled: context.isSampled, isRemote: false)
        let result: Result<R, E> = await engine.scope.withValue(scope) { () async -> Result<R, E> in
            // Captured, so that this closure runs on the caller's actor.
            _ = isolation
            do throws(E) { return .success(try await body()) } catch { return .failure(error) }
        }
        return try result.get()
    }
}

extension ManualSpan {
    /// A span that records nothing.
    package static var nothing: ManualSpan {
        ManualSpan(
            context: SpanContext(traceID: TraceID(high: 0, low: 0), spanID: SpanID(0)), slot: nil, generation: 0)
    }
}
