internal import OneLogger

/// A standard span that has begun.
@usableFromInline
struct OpenSpan: Sendable {
    let kind: TrainingSpan
    /// A reading of the clock, or a given time; 0 when nothing is recorded.
    let start: UInt64
    private let box: Box?

    /// Holds the span: one that is only timed is copied all the time, and a nil of our own costs less than another
    /// module's struct.
    private final class Box: Sendable {
        let span: ManualSpan
        init(_ span: ManualSpan) { self.span = span }
    }

    init(kind: TrainingSpan, start: UInt64, span: ManualSpan? = nil) {
        self.kind = kind
        self.start = start
        box = span.map(Box.init)
    }

    /// The span itself; nil when it is only timed.
    var span: ManualSpan? { box?.span }
    /// True when what runs inside it hangs under it.
    @usableFromInline var isExported: Bool { box != nil }
    /// The span, or one that records nothing when it is only timed.
    var handle: ManualSpan { span ?? .nothing }
    /// Not valid when it is only timed.
    var context: SpanContext { handle.context }

    static func nothing(_ kind: TrainingSpan) -> OpenSpan { OpenSpan(kind: kind, start: 0) }
}

/// A set of standard spans.
struct TrainingSpanSet: Sendable {
    private var bits: UInt32 = 0

    init(_ spans: [TrainingSpan]) { for span in spans { bits |= 1 << UInt32(span.rawValue) } }

    func contains(_ span: TrainingSpan) -> Bool { bits >> UInt32(span.rawValue) & 1 == 1 }
}

/// Readings of the recorder's clock as times.
struct StampScale: Sendable {
    private var scale: TickScale

    init(_ recorder: Recorder) { scale = recorder.tickScale }

    /// Both ends of a stretch as times, by one scale; a new scale is made about once a second.
    mutating func times(_ start: UInt64, _ end: UInt64, _ recorder: Recorder) -> (start: Timestamp, end: Timestamp) {
        var last = scale.utc(end)
        // Only the processor's counter has readings without the highest bit, and only these drift.
        if end >> 63 == 0, last.nanoseconds > scale.nanoseconds &+ 1_000_000_000 {
            scale = recorder.tickScale
            last = scale.utc(end)
        }
        return (scale.utc(start), last)
    }
}
