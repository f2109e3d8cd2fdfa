/// Which metrics a recorder makes by itself, and the limits of all.
public struct MetricOptions: Sendable, Hashable {
    /// Which names of spans are timed and counted in the metrics `span.duration` and `span.count`.
    @nonexhaustive
    public enum Spans: Sendable, Hashable {
        /// All names, up to a limit of 2,000.
        case all
        /// These names.
        case only(Set<String>)
        /// None but those that ``SpanFilter`` summarises.
        case none
    }

    /// Which spans are timed and counted.
    public var spans = Spans.all
    /// Processor time, memory and start time of the process: `process.*`.
    public var process = true
    /// How the recorder and its exporters fare: `onelogger.*`.
    public var health = true
    /// Whether counters and histograms keep the span in which a value was measured.
    public var exemplars = false
    /// The most series of an instrument that is not given its own limit; 1 to 1,000,000.
    ///
    /// What comes on top is summed up in one series with `otel.metric.overflow`, which the limit includes.
    public var seriesLimit = 2000

    /// Creates the defaults.
    public init() {}
}
