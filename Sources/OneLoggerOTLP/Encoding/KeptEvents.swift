internal import OneLoggerCore

/// Events that left before their span's end, or beside it, where no log record can carry them: they wait for their span,
/// within bounds.
struct KeptEvents: Sendable {
    struct Entry: Sendable {
        var events: [SpanEventRecord] = []
        /// How many did not fit.
        var dropped = 0
        /// Which of the entries that ever were.
        fileprivate var number = 0
    }

    /// The most events of one span, as OpenTelemetry's own SDKs have it.
    static let mostOfOneSpan = 128
    /// The most events of all spans; the oldest make room, because their spans may never end here.
    static let mostOfAll = 16_384

    private var entries: [SpanContext: Entry] = [:]
    private var order = ArraySlice<(context: SpanContext, number: Int)>()
    private var count = 0, numbers = 0

    @inline(__always)
    var isEmpty: Bool { entries.isEmpty }

    /// Keeps an event of a span, or of a declared type, or counts it.
    mutating func add(_ record: borrowing RecordView) {
        if record.kind == .typedEvent {
            let event = record.typedEvent
            guard event.context.isValid else { return }
            add(event.context) {
                let own = event.attributes.after(event.ownAttributes)
                return SpanEventRecord(Event(event.type, own, at: event.time), span: event.context)
            }
        } else {
            let context = record.context
            add(context) {
                let event = Event(String(copying: record.name), record.attributes, at: record.start)
                return SpanEventRecord(event, span: context, isError: record.isError)
            }
        }
    }

    private mutating func add(_ context: SpanContext, _ event: () -> SpanEventRecord) {
        if entries[context] == nil {
            numbers += 1
            entries[context] = Entry(number: numbers)
            order.append((context, numbers))
        }
        guard let known = entries[context]?.events.count, known < Self.mostOfOneSpan else {
            entries[context]?.dropped += 1
            return
        }
        entries[context]?.events.append(event())
        count += 1
        while count > Self.mostOfAll, let oldest = order.popFirst() {
            if entries[oldest.context]?.number == oldest.number { _ = take(oldest.context) }
        }
    }

    /// What was kept for a span that has ended.
    mutating func take(_ context: SpanContext) -> Entry? {
        guard let entry = entries.removeValue(forKey: context) else { return nil }
        count -= entry.events.count
        if entries.isEmpty { order = [] }
        return entry
    }
}
