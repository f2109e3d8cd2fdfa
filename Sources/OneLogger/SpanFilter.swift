/// Which spans are exported, decided by their name when they begin.
///
/// A span that is not exported leaves the tree whole: its children hang under its nearest exported ancestor.
@nonexhaustive
public enum SpanFilter: Sendable {
    /// All of them.
    case all
    /// These names only.
    case include(Set<String>)
    /// All but these names.
    case exclude(Set<String>)
    /// All; but spans of these names are only timed and counted, in the metric `span.duration`.
    case summarise(Set<String>)
    /// What the function says; asked once per thread and static name.
    case predicate(@Sendable (String) -> Verdict)

    /// What happens to a span of some name.
    public enum Verdict: UInt8, Sendable {
        /// It is exported.
        case keep = 0
        /// It is not exported, and its attributes are not evaluated.
        case drop = 1
        /// It is timed and counted in a metric, and not exported.
        case summarise = 2
    }

    /// The verdict on a name.
    public func verdict(_ name: String) -> Verdict {
        switch self {
        case .all: .keep
        case .include(let names): names.contains(name) ? .keep : .drop
        case .exclude(let names): names.contains(name) ? .drop : .keep
        case .summarise(let names): names.contains(name) ? .summarise : .keep
        case .predicate(let decide): decide(name)
        }
    }

    /// False when no span has to be asked about.
    var isActive: Bool { if case .all = self { false } else { true } }
}

/// Which traces are recorded, decided at their root.
@nonexhaustive
public enum Sampling: Sendable, Hashable {
    /// All of them.
    case all
    /// This share, from 0 to 1, chosen by the trace id alone: every process chooses the same traces.
    case ratio(Double)
    /// What the remote parent says; for roots without one, this share of the traces.
    case parentBased(ratio: Double)
}

/// Which spans say that they have begun, so that they can be seen before they end.
@nonexhaustive
public enum Announcing: Sendable, Hashable {
    /// None, but for manual spans, which always do.
    case nothing
    /// Roots that are still open when the recorder drains, at most one flush interval after they began.
    case roots
    /// Every span, when it begins.
    case all
}

/// What happens when records are made faster than they are taken away, and the pool of memory is full.
@nonexhaustive
public enum BackPressure: Sendable, Hashable {
    /// The thread waits this long at most, then its record is dropped and counted.
    case block(upTo: Duration)
    /// The record is dropped and counted.
    case dropNewest
    /// The oldest full chunk of records is overwritten; its records are counted.
    case overwriteOldest
}

/// What happens when telemetry itself fails: by misuse, inconsistent state or configuration.
///
/// Never concerns the application's own errors, which pass through unchanged, nor failing exporters, which show in
/// ``Recorder/health``. Under both strategies every exporter gets one notice per incident that the data are incomplete.
public enum ErrorHandlingStrategy: Sendable, Hashable {
    /// The first error, with the count of the others, is thrown by the next `flush` or `shutdown`.
    case propagate
    /// One line says so, then the recorder flushes, closes its exporters and records nothing more.
    case disableQuietly
}
