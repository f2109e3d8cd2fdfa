/// How a ``Recorder`` works.
///
/// Every property has a default that suits a long job.
public struct RecorderOptions: Sendable {
    /// What produces the records; `pid` and `host` are filled in when they are not given.
    public var resource = Resource()
    /// What happens when telemetry itself fails.
    public var onError = ErrorHandlingStrategy.propagate
    /// What happens when the pool is full.
    public var whenFull = BackPressure.block(upTo: .milliseconds(10))
    /// The most memory that records may occupy before they are taken away.
    ///
    /// Unit: bytes, 256 KiB to 1 GiB. Every thread that records holds a part of it: there is room for one per 4 KiB.
    public var poolBytes = 16 << 20
    /// The longest time that a record waits before exporters get it; 10 ms to 60 s.
    public var flushInterval = Duration.milliseconds(100)
    /// Which traces are recorded.
    public var sampling = Sampling.all
    /// Which spans are exported.
    public var filter = SpanFilter.all
    /// Events whose attribute `verbosity` is an integer above this are not exported.
    public var verbosity = Int.max
    /// Which spans say that they have begun.
    public var announce = Announcing.roots
    /// After how many failures in a row an exporter is disabled, 1 or more.
    public var disableAfter = 5
    /// How long a disabled exporter rests before it is tried again; doubles up to 60 s.
    public var probeAfter = Duration.seconds(1)
    /// How long a shutdown may take when it is not told, all exporters together.
    public var shutdownTimeout = Duration.seconds(2)
    /// How often metrics are exported, besides every flush and the shutdown.
    public var metricsInterval = Duration.seconds(10)
    /// Which metrics come by themselves, and the limits of all.
    public var metrics = MetricOptions()
    /// How far from now a given start or stop time may lie before it counts as a mistake.
    public var timeTolerance = Duration.seconds(36_000)
    /// False when this process should not record, such as a rank that is not chosen: spans then cost next to nothing.
    public var isEnabled = true
    /// The span in another process under which roots hang; nil when they start traces of their own.
    public var remoteParent: SpanContext?
    /// What happens to records between the application and its exporters, in this order.
    public var processors: [any RecordProcessor] = []
    /// Where time comes from.
    package var clock = ClockChoice.automatic

    /// Creates the defaults.
    public init() {}

    /// Where time comes from.
    package enum ClockChoice: Sendable {
        /// The processor's counter when it is safe and `ONELOGGER_CLOCK` is not `monotonic`, else CLOCK_MONOTONIC.
        case automatic
        case monotonic
        case manual
    }
}
