public import OneLoggerCore

/// A span that is started in one place and stopped in another, for code that is called back.
///
/// May be stored, sent anywhere and stopped on another thread. It announces itself when it starts, and its events leave
/// at once. It does not become the parent of what follows: give it as `parent: .span(…)` where it should be.
/// Stopping it twice, or using it afterwards, goes through the recorder's error handling strategy.
public struct ManualSpan: Sendable {
    /// Which span this is; not valid when nothing is recorded.
    public let context: SpanContext
    let slot: ManualSpanTable.Slot?
    let generation: UInt64

    /// False when the recorder is off, the trace is not sampled or the name is filtered out; true even after the stop.
    public var isRecording: Bool { slot != nil }

    /// This span, or its nearest ancestor among the manual spans that is still open; else its own context.
    var nearestOpen: SpanContext { slot?.engine.manualSpans.nearestOpen(self) ?? context }

    /// Sets attributes; the last value of a key counts.
    public func set(_ attributes: Attributes) {
        slot?.engine.manualSpans.change(self, "ManualSpan.set") { slot in
            for (key, value) in attributes { slot.append { $0.append(key, value) } }
        }
    }

    /// Notes a point in time; without a time it happened now.
    public func event(_ event: Event) { slot?.engine.manualSpans.event(self, event, "ManualSpan.event") }

    /// Notes a point in time.
    public func event(_ name: String, _ attributes: Attributes = [:]) { event(Event(name, attributes)) }

    /// Notes an application's error, and that the span failed.
    ///
    /// - Parameters:
    ///   - error: The error; a `CancellationError` makes the span cancelled, not failed.
    ///   - message: What was being done, for people.
    public func error(_ error: any Error, _ message: String = "") {
        slot?.engine.manualSpans.error(self, message, error, "ManualSpan.error")
    }

    /// Relates the span to another one that is not its parent.
    public func link(_ context: SpanContext, _ attributes: Attributes = [:]) {
        slot?.engine.manualSpans.change(self, "ManualSpan.link") { slot in
            slot.append { $0.append(SpanLink(context, attributes)) }
        }
    }

    /// Says how the span ends.
    public func setStatus(_ status: SpanStatus) {
        slot?.engine.manualSpans.change(self, "ManualSpan.setStatus") { slot in
            unsafe slot.status = status.code
            slot.append { $0.append(status) }
        }
    }

    /// Ends the span.
    ///
    /// - Parameters:
    ///   - attributes: What is known about the end; beside the span's own attributes.
    ///   - time: When it ended; nil means now.
    public func stop(_ attributes: Attributes = [:], at time: Timestamp? = nil) {
        slot?.engine.manualSpans.stop(self, attributes, at: time, "ManualSpan.stop")
    }

    /// What is known about the span so far; empty when it is over.
    public var attributes: Attributes { slot?.engine.manualSpans.attributes(self, since: .start) ?? [:] }

    /// What was set after the start; empty when it is over.
    public var updatedAttributes: Attributes { slot?.engine.manualSpans.attributes(self, since: .update) ?? [:] }
}
