/// A finished span, or a span that has begun, as ordinary values.
public struct SpanRecord: Sendable, Hashable {
    /// What was timed.
    public var name: String
    /// Which span this is.
    public var context: SpanContext
    /// The enclosing span; not valid for a root.
    public var parentID: SpanID
    /// True when the enclosing span is in another process.
    public var parentIsRemote: Bool
    /// Which part it plays between processes.
    public var kind: SpanKind
    /// When it began.
    public var start: Timestamp
    /// When it ended; its start while it runs.
    public var end: Timestamp
    /// How it ended.
    public var status: SpanStatus
    /// What is known about it.
    public var attributes: Attributes
    /// What is known about its beginning.
    public var startAttributes: Attributes
    /// What is known about its end.
    public var stopAttributes: Attributes
    /// What happened while it ran, and was not sent ahead, in order.
    public var events: [Event]
    /// Other spans that it has to do with.
    public var links: [SpanLink]
    /// How many attributes and events did not fit.
    public var dropped: Int

    /// Creates a record by hand.
    public init(
        _ name: String, context: SpanContext, parentID: SpanID = SpanID(0), parentIsRemote: Bool = false,
        kind: SpanKind = .internal, start: Timestamp, end: Timestamp, status: SpanStatus = .unset,
        attributes: Attributes = [:], startAttributes: Attributes = [:], stopAttributes: Attributes = [:],
        events: [Event] = [], links: [SpanLink] = [], dropped: Int = 0
    ) {
        self.name = name
        self.context = context
        self.parentID = parentID
        self.parentIsRemote = parentIsRemote
        self.kind = kind
        self.start = start
        self.end = end
        self.status = status
        self.attributes = attributes
        self.startAttributes = startAttributes
        self.stopAttributes = stopAttributes
        self.events = events
        self.links = links
        self.dropped = dropped
    }

    /// From start to end, never negative.
    public var duration: Duration { end > start ? end.duration(since: start) : .zero }
}

/// An event, or an application's error, that left before its span ended.
public struct SpanEventRecord: Sendable, Hashable {
    /// What happened; its time is always set.
    public var event: Event
    /// The span to which it happened.
    public var span: SpanContext
    /// True for an application's error.
    public var isError: Bool

    /// Creates a record by hand; an event without a time gets the beginning of 1970.
    public init(_ event: Event, span: SpanContext, isError: Bool = false) {
        self.event = event
        self.event.time = event.time ?? Timestamp(nanoseconds: 0)
        self.span = span
        self.isError = isError
    }
}

/// One record of a recording, as ordinary values.
@nonexhaustive
public enum Record: Sendable, Hashable {
    /// A span that began and ended.
    case span(SpanRecord)
    /// A span has begun; its end follows.
    case start(SpanRecord)
    /// A span that announced its start has ended.
    case stop(SpanRecord)
    /// An event of a span that has announced itself.
    case event(SpanEventRecord)
    /// An event of a declared type.
    case typedEvent(EventRecord)
    /// A measurement.
    case metric(MetricPoint)
    /// The data are not whole.
    case telemetryDataError(TelemetryDataError)
}
