internal import OneLoggerCore

/// Events of announced spans, which left before their span's end, where no log record can carry them: they wait for
/// their span, within bounds.
struct KeptEvents: Sendable {
    struct Entry: Sendable {
        var events: [SpanEventRecord] = []
        /// How many did not fit.
        var dropped = 0
    }

    /// The most events of one span, as OpenTelemetry's own SDKs have it.
    static let mostOfOneSpan = 128
    /// The most events of all spans.
    static let mostOfAll = 16_384

    private var entries: [SpanContext: Entry] = [:]
    private var count = 0

    var isEmpty: Bool { entries.isEmpty }

    /// Keeps an event, or counts it.
    mutating func add(_ record: borrowing RecordView) {
        let context = record.context
        var entry = entries[context] ?? Entry()
        if entry.events.count < Self.mostOfOneSpan, count < Self.mostOfAll {
            let event = Event(String(copying: record.name), record.attributes, at: record.start)
            entry.events.append(SpanEventRecord(event, span: context, isError: record.isError))
            count += 1
        } else {
            entry.dropped += 1
        }
        entries[context] = entry
    }

    /// What was kept for a span that has ended.
    mutating func take(_ record: borrowing RecordView) -> Entry? {
        guard let entry = entries.removeValue(forKey: record.context) else { return nil }
        count -= entry.events.count
        return entry
    }
}
