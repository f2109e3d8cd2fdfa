public import OneLogger

/// Spans as a picture of their tree, to be compared with text in a test.
///
///     job
///     ├─ load
///     ╰─ step ✗
public struct SpanTree: CustomStringConvertible, Sendable {
    private let spans: [SpanRecord]
    private let detail: @Sendable (SpanRecord) -> String

    /// Creates a picture.
    ///
    /// - Parameters:
    ///   - spans: Finished spans in any order; siblings are drawn in the order of their starts, then of their names.
    ///   - detail: What stands behind a name; empty by default.
    public init(_ spans: [SpanRecord], detail: @escaping @Sendable (SpanRecord) -> String = { _ in "" }) {
        self.spans = spans.sorted { ($0.start, $0.name) < ($1.start, $1.name) }
        self.detail = detail
    }

    /// One line per span: `✗` marks a failed one, `⊘` a cancelled one.
    public var description: String {
        let known = Set(spans.map(\.context.spanID))
        let roots = spans.filter { !known.contains($0.parentID) }
        return roots.map { draw($0, "", "") }.joined(separator: "\n")
    }

    private func draw(_ span: SpanRecord, _ first: String, _ rest: String) -> String {
        let mark: String
        switch span.status {
        case .error: mark = " ✗"
        case .cancelled: mark = " ⊘"
        default: mark = ""
        }
        let more = detail(span)
        var lines = [first + span.name + mark + (more.isEmpty ? "" : " " + more)]
        let children = spans.filter { $0.parentID == span.context.spanID && $0.context.traceID == span.context.traceID }
        for (place, child) in children.enumerated() {
            let isLast = place == children.count - 1
            lines.append(draw(child, rest + (isLast ? "╰─ " : "├─ "), rest + (isLast ? "   " : "│  ")))
        }
        return lines.joined(separator: "\n")
    }
}
