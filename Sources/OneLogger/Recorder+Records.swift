internal import COneLogger
package import OneLoggerCore
internal import Synchronization

// What domain libraries need beyond the public interface: spans that are over, events that stay with their
// span, and their plug-ins back.

extension Timestamp {
    /// The wall clock's time.
    package static var now: Timestamp { Timestamp(nanoseconds: ol_realtime()) }
}

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
}
