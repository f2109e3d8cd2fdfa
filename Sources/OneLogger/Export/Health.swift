public import OneLoggerCore

/// How an exporter fares.
public struct ExporterHealth: Sendable, Hashable {
    /// What state an exporter can be in.
    @nonexhaustive
    public enum State: String, Sendable, Hashable {
        /// The last batch got through, or none was sent yet.
        case healthy
        /// The last batch failed; the next one is tried.
        case failing
        /// Too many batches failed in a row; one is tried now and then.
        case disabled
        /// Closed by a shutdown.
        case closed
    }

    /// The exporter's name.
    public var name: String
    /// Its state.
    public var state: State
    /// Records that got through.
    public var exported: Int
    /// Records that did not, for any of the reasons below.
    public var lost: Int { lostToFailure + lostToFullInbox + lostToShutdown }
    /// Records of batches that the exporter could not deliver, or that came while it was disabled.
    public var lostToFailure: Int
    /// Records that its inbox could not hold.
    public var lostToFullInbox: Int
    /// Records that were still waiting when the deadline of a shutdown passed.
    public var lostToShutdown: Int
    /// Batches that failed in a row until now.
    public var consecutiveFailures: Int
    /// Batches that failed, since the beginning.
    public var failures: Int
    /// What went wrong last; nil when nothing did.
    public var lastError: ExportError?
    /// What waits in the inbox.
    ///
    /// Unit: bytes.
    public var inboxBytes: Int
    /// How long the last batch took.
    public var lastExportDuration: Duration
}

/// How a recorder fares.
///
/// For each exporter at shutdown, `recorded = exported + lost + lostBeforeExport + filtered`.
public struct RecorderHealth: Sendable, Hashable {
    /// What state a recorder can be in.
    @nonexhaustive
    public enum State: String, Sendable, Hashable {
        /// It records.
        case recording
        /// It was told not to record, or an error made it stop.
        case disabled
        /// It was shut down.
        case closed
    }

    /// How a recorder plug-in fares.
    public struct Plugin: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// What went wrong; nil when it runs.
        public var error: String?
        /// The exporters of its own recorder; none when it writes into this one.
        public var exporters: [ExporterHealth]
    }

    /// Its state.
    public var state: State
    /// Records that the application made: spans, starts, stops and events, filtered ones included.
    public var recorded: Int
    /// Records that a filter or a processor kept back.
    public var filtered: Int
    /// Records that no exporter ever got, for any of the reasons below.
    public var lostBeforeExport: Int { dropped + overwritten + late }
    /// Records that the full pool could not take.
    public var dropped: Int
    /// Records that newer ones replaced.
    public var overwritten: Int
    /// Records of spans that ended after the shutdown.
    public var late: Int
    /// Memory of the pool in use.
    ///
    /// Unit: bytes.
    public var poolBytes: Int
    /// Threads that have recorded and still run.
    public var threads: Int
    /// Where time comes from: `counter`, `monotonic` or `manual`.
    public var clock: String
    /// Errors of telemetry itself: misuse, failed processors or plug-ins.
    public var telemetryErrors: Int
    /// Its exporters.
    public var exporters: [ExporterHealth]
    /// Its plug-ins.
    public var plugins: [Plugin]
}

/// What a flush achieved.
public struct FlushReport: Sendable, Hashable {
    /// Records that all exporters together have delivered, since the beginning.
    public var exported: Int
    /// Records that are known to be lost, all exporters together and before them, since the beginning.
    public var lost: Int
    /// True when everything recorded before the call was delivered or counted as lost.
    public var isComplete: Bool
    /// The exporters that were still busy at the deadline.
    public var pending: [String]
}
