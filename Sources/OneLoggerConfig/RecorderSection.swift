public import OneLoggerCore

/// The section `recorder` of a configuration: how records are made and taken away.
public struct RecorderSection: SettingsReadable, Equatable {
    /// What happens when telemetry itself fails; nil when nobody said, see ``onError(isEnabled:)``.
    ///
    /// Key `on_error`: `propagate` or `disable_quietly`.
    public var onError: OnError?
    /// What happens when the pool is full.
    ///
    /// Key `when_full`: `block`, `drop_newest` or `overwrite_oldest`.
    public var whenFull = WhenFull.block
    /// How long a thread waits for room at most, with ``WhenFull/block``.
    ///
    /// Key `block_limit_ms`, 0 to 10,000. Unit: milliseconds.
    public var blockLimit = Duration.milliseconds(10)
    /// The most memory that records may occupy before they are taken away.
    ///
    /// Key `pool_bytes`, 256 KiB to 1 GiB. Unit: bytes.
    public var poolBytes = 16 << 20
    /// The longest time that a record waits before exporters get it.
    ///
    /// Key `flush_interval_ms`, 10 to 60,000. Unit: milliseconds.
    public var flushInterval = Duration.milliseconds(100)
    /// Which traces are recorded.
    ///
    /// Key `sampling`.
    public var sampling = Sampling.all
    /// Which spans are exported.
    ///
    /// Key `filter`.
    public var filter = Filter.all
    /// Events whose attribute `verbosity` is above this are not exported; nil exports them all.
    ///
    /// Key `verbosity`.
    public var verbosity: Int?
    /// Which spans say that they have begun.
    ///
    /// Key `announce`: `none`, `roots` or `all`.
    public var announce = Announce.roots
    /// What happens at SIGTERM and SIGINT.
    ///
    /// Key `signals`: `default` or `none`.
    public var signals = Signals.handleDefault
    /// After how many failures in a row an exporter is disabled.
    ///
    /// Key `disable_after`, 1 to 1,000.
    public var disableAfter = 5
    /// How long a disabled exporter rests before it is tried again.
    ///
    /// Key `probe_after_s`, 0.01 to 60. Unit: seconds.
    public var probeAfter = Duration.seconds(1)
    /// How long a shutdown may take, all exporters together.
    ///
    /// Key `shutdown_timeout_s`, 0.01 to 600. Unit: seconds.
    public var shutdownTimeout = Duration.seconds(2)
    /// How often metrics are exported.
    ///
    /// Key `metrics_interval_s`, 0.1 to 3,600. Unit: seconds.
    public var metricsInterval = Duration.seconds(10)
    /// Which metrics come by themselves, and the limits of all.
    ///
    /// Key `metrics`.
    public var metrics = Metrics()
    /// How far from now a given start or stop time may lie.
    ///
    /// Key `time_tolerance_s`, 1 to 31,536,000 (a year). Unit: seconds.
    public var timeTolerance = Duration.seconds(36_000)

    /// Creates the defaults.
    public init() {}

    /// Reads the section.
    ///
    /// - Throws: `SettingsError` that names each problem and its place.
    public init(_ settings: inout Settings) throws(SettingsError) {
        onError = settings.choice(
            "on_error",
            [
                "propagate": .propagate, "disable_quietly": .disableQuietly, "propagate_exceptions": .propagate,
                "disable_quietly_and_report_metric_error": .disableQuietly,
            ])
        settings.read(
            "when_full", into: &whenFull,
            ["block": .block, "drop_newest": .dropNewest, "overwrite_oldest": .overwriteOldest])
        settings.readMilliseconds("block_limit_ms", into: &blockLimit, in: 0...10_000)
        settings.read("pool_bytes", into: &poolBytes, in: (256 << 10)...(1 << 30))
        settings.readMilliseconds("flush_interval_ms", into: &flushInterval, in: 10...60_000)
        settings.section("sampling") { nested throws(SettingsError) in sampling = try Sampling(&nested) }
        settings.section("filter") { nested throws(SettingsError) in filter = try Filter(&nested) }
        verbosity = settings.int("verbosity")
        settings.read("announce", into: &announce, ["none": .nothing, "roots": .roots, "all": .all])
        settings.read("signals", into: &signals, ["default": .handleDefault, "none": .ignore])
        settings.read("disable_after", into: &disableAfter, in: 1...1_000)
        settings.readSeconds("probe_after_s", into: &probeAfter, in: 0.01...60)
        settings.readSeconds("shutdown_timeout_s", into: &shutdownTimeout, in: 0.01...600)
        settings.readSeconds("metrics_interval_s", into: &metricsInterval, in: 0.1...3_600)
        settings.section("metrics") { nested throws(SettingsError) in metrics = try Metrics(&nested) }
        settings.readSeconds("time_tolerance_s", into: &timeTolerance, in: 1...31_536_000)
        try settings.finish()
    }

    /// What happens when telemetry fails: what was configured, else `propagate` where this process records and
    /// `disable_quietly` where it does not.
    ///
    /// - Parameter isEnabled: ``ApplicationSection/isEnabled``.
    /// - Returns: The configured strategy, or the default.
    public func onError(isEnabled: Bool) -> OnError { onError ?? (isEnabled ? .propagate : .disableQuietly) }

    /// The values that apply where nobody gives others.
    static let defaults: SettingsNode = [
        "when_full": "block", "block_limit_ms": 10, "pool_bytes": 16_777_216, "flush_interval_ms": 100,
        "sampling": ["mode": "all"], "announce": "roots", "signals": "default", "disable_after": 5, "probe_after_s": 1,
        "shutdown_timeout_s": 2, "metrics_interval_s": 10, "metrics": Metrics.defaults, "time_tolerance_s": 36_000,
    ]
}
