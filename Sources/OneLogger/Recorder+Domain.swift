internal import COneLogger
package import OneLoggerCore
internal import Synchronization

/// What domain libraries of this package need beyond the public interface: readings of the clock that become durations
/// later, and spans that are only counted.
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
        engine.clockKind == OL_CLOCK_MANUAL ? .unix : unsafe TickScale.rough(core: engine.core)
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

    /// Lets what was recorded go to the exporters now if it would go soon anyway; call it after records that a timer brought.
    package func drainIfDueSoon() { engine.drainIfDueSoon() }

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
}

extension ManualSpan {
    /// A span that records nothing.
    package static var nothing: ManualSpan {
        ManualSpan(
            context: SpanContext(traceID: TraceID(high: 0, low: 0), spanID: SpanID(0)), slot: nil, generation: 0)
    }
}
