internal import COneLogger
package import OneLoggerCore
internal import Synchronization

// What domain libraries need beyond the public interface: the recorder's clock, spans that are over, events that stay
// with their span, scopes without a span of their own, and their plug-ins back.

extension Timestamp {
    /// The wall clock's time.
    package static var now: Timestamp { Timestamp(nanoseconds: ol_realtime()) }
}

/// What ``Monitor/wait(until:)`` counts from.
///
/// Unit: nanoseconds.
package func monotonicNow() -> UInt64 { ol_monotonic() }

/// Starts a detached thread that records nothing and takes no signals; false when the system refuses another one.
package func startSilentThread(_ body: @escaping @Sendable () -> Void) -> Bool { startThread(body) }

extension ManualSpan {
    /// Notes a point in time as a part of the span's own record, which leaves when the span stops.
    ///
    /// For what belongs to the end: exporters that keep spans and loose events apart show it with the span.
    package func keep(_ event: Event) {
        slot?.engine.manualSpans.change(self, "ManualSpan.keep") { slot in
            let stamp = unsafe event.time.map(RecordLayout.stamp) ?? ol_ticks(slot.engine.core)
            slot.append { $0.append(event, at: stamp) }
        }
    }
}

extension Recorder {
    /// Now, on the recorder's own time line.
    package var now: Timestamp { engine.now }

    /// The first plug-in of this type that runs, such as the one that a configuration asked for.
    ///
    /// - Parameters:
    ///   - type: The plug-in's type.
    ///   - name: Its name in the configuration; nil for any.
    /// - Returns: The plug-in; nil when none was added, or it could not be started.
    public func plugin<P: RecorderPlugin>(_ type: P.Type, named name: String? = nil) -> P? {
        engine.withState { $0.plugins }.lazy.filter { name == nil || $0.name == name }
            .compactMap { $0.plugin as? P }.first
    }

    /// Records a span that is over.
    ///
    /// - Parameters:
    ///   - name: What was timed.
    ///   - parent: Under which span it hangs; must be valid.
    ///   - start: When it began; nil means now.
    ///   - end: When it ended; nil means now.
    ///   - describe: Sets what is known about it; called only when it is recorded.
    package func record(
        _ name: StaticName, parent: SpanContext, from start: Timestamp?, to end: Timestamp?,
        _ describe: (inout TimedSpan) -> Void
    ) {
        let gate = gate.load(ordering: .relaxed)
        guard gate != 0, parent.isValid else { return }
        unsafe withUnsafeTemporaryAllocation(byteCount: TimedSpan.frameSize + 32, alignment: 16) { frame in
            guard let base = frame.baseAddress else { return }
            let text = unsafe name.text.utf8Start, count = name.text.utf8CodeUnitCount
            var span = unsafe TimedSpan(base)
            unsafe HotPath.begin(&span, gate, text, count, true, under: .context(parent))
            guard let block = unsafe span.block else { return }
            let t = unsafe block.assumingMemoryBound(to: ol_thread.self)
            if let start, span.isRecording { span.start = unsafe engine.stamp(start, "Recorder.record", t) }
            let stop = end.map { unsafe engine.stamp($0, "Recorder.record", t) }
            if span.isRecording {
                describe(&span)
                if span.flags & TimedSpan.announced != 0 { unsafe HotPath.announce(&span, text, count) }
            }
            let now = unsafe stop ?? ol_ticks(t.pointee.core.unsafelyUnwrapped)
            if span.isRecording, engine.isBefore(now, span.start) {
                span.store("onelogger.stopped_before_start", 3, 1)
            }
            // What it replaced on this thread is put back there; a span under a given parent always replaced it.
            unsafe HotPath.endWithCare(&span, t, now, text, count)
        }
    }

    /// Makes `context` the parent of what `body` opens, as if that span were open here.
    package func within<R: ~Copyable, E: Error>(_ context: SpanContext, _ body: () throws(E) -> R) throws(E) -> R {
        let gate = gate.load(ordering: .relaxed)
        guard gate != 0, context.isValid, let t = unsafe HotPath.find(gate) else { return try body() }
        var scope = unsafe TimedSpan(HotPath.noFrame())
        let isSampled = unsafe HotPath.adopt(context, &scope, t.pointee.core.unsafelyUnwrapped)
        unsafe HotPath.save(&scope, t)
        unsafe HotPath.place(&scope, t, ol_task(), isSampled: isSampled)
        // Nothing is written at the end; what was open before is put back.
        scope.flags |= TimedSpan.silent
        defer { unsafe HotPath.endWithCare(&scope, t, 0, StaticName("").text.utf8Start, 0) }
        return try body()
    }

    /// Makes `context` the parent of what `body` and its child tasks open, as if that span were open here.
    package func within<R, E: Error>(
        _ context: SpanContext, isolation: isolated (any Actor)? = #isolation,
        _ body: nonisolated(nonsending) () async throws(E) -> R
    ) async throws(E) -> R {
        guard isRecording, context.isValid else { return try await body() }
        let scope = Scope(
            traceHigh: context.traceID.high, traceLow: context.traceID.low, span: context.spanID.value,
            isSampled: context.isSampled, isRemote: context.isRemote)
        let result: Result<R, E> = await engine.scope.withValue(scope) { () async -> Result<R, E> in
            // Captured, so that this closure runs on the caller's actor.
            _ = isolation
            do throws(E) { return .success(try await body()) } catch { return .failure(error) }
        }
        return try result.get()
    }
}
