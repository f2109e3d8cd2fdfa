internal import OneLoggerCore

/// Which span, in any trace.
struct SpanKey: Hashable, Sendable {
    var trace: TraceID
    var span: SpanID

    /// The ids are random already.
    func hash(into hasher: inout Hasher) { hasher.combine(span.value ^ trace.low) }
}

/// What one record contributes to the tree: its lines, and where they belong.
struct TreeItem: Sendable {
    enum Kind: Int, Sendable {
        case begin, event, end
    }

    var kind: Kind
    /// The span; for an event the span that it happened to.
    var key: SpanKey
    /// The span below which it stands; nil for a root of this process.
    var parent: SpanKey?
    /// The span's name as it is shown; empty for an event.
    var name = ""
    var start: Timestamp
    var end: Timestamp
    /// Its own line, then the lines of what happened to it.
    var lines: [Line]

    /// The order in which a batch is shown, whatever thread its records come from: by the moment at which a record was
    /// made, and children, which begin later, before a parent that ends at the same moment.
    static func isBefore(_ left: TreeItem, _ right: TreeItem) -> Bool {
        if left.moment != right.moment { return left.moment < right.moment }
        if left.kind != right.kind { return left.kind.rawValue < right.kind.rawValue }
        return left.start > right.start
    }

    /// When the record was made.
    var moment: Timestamp { kind == .begin ? start : end }
}
