public import OneLoggerCore

/// Takes out events whose attribute `verbosity` is an integer above a limit.
public struct VerbosityFilter: RecordProcessor {
    /// The highest verbosity that goes on.
    public let limit: Int

    /// Creates a filter.
    public init(_ limit: Int) { self.limit = limit }

    private func isWanted(_ attributes: Attributes) -> Bool {
        guard case .int(let verbosity)? = attributes["verbosity"] else { return true }
        return verbosity <= limit
    }

    /// The records without the events that say too much; spans stay.
    public func process(_ records: [Record]) -> [Record] {
        records.compactMap { record in
            switch record {
            case .event(let event): isWanted(event.event.attributes) ? record : nil
            case .span(let span): .span(trimmed(span))
            case .stop(let span): .stop(trimmed(span))
            default: record
            }
        }
    }

    private func trimmed(_ span: SpanRecord) -> SpanRecord {
        var span = span
        span.events.removeAll { !isWanted($0.attributes) }
        return span
    }
}
