internal import OneLoggerCore

/// Puts finished spans in their place: below their parent, although children end first.
///
/// A span is shown when it ends if its parent has been shown, or if it is a root; else it waits, with everything below
/// it, for its parent to end or to announce itself. What has waited for too long, or is too much, is shown at once below
/// a line `▶ …`, which stands for a span that still runs and whose name is not known yet. So memory is bounded, and a
/// long span that has not announced itself does not hide what happens within it.
struct SpanTree: Sendable {
    /// A span whose beginning was shown, and that has not ended.
    private struct Open {
        var depth: Int
        /// Nil while only a `▶ …` says that there is such a span.
        var name: String?
    }

    /// A span that has ended.
    private struct Closed {
        /// Nil when it had not been shown by then.
        var depth: Int?
    }

    /// What waits for one parent.
    private struct Waiting {
        var since: Timestamp
        var blocks: [Block] = []
    }

    /// A finished span with everything below it.
    private struct Block {
        var start: Timestamp
        var lines: [Line]
    }

    /// How long a block waits at most, by the times in the records.
    private let hold: Duration
    private let limits: Limits
    private var open = InsertionOrder<SpanKey, Open>()
    /// Spans that ended a short while ago, for children that arrive late.
    private var closed = InsertionOrder<SpanKey, Closed>()
    /// Traces whose root is open.
    private var roots = InsertionOrder<TraceID, SpanKey>()
    private var waiting = InsertionOrder<SpanKey, Waiting>()
    private var latest = Timestamp(nanoseconds: 0)
    private(set) var waitingLines = 0
    private(set) var waitingBytes = 0

    /// What the tree remembers at most.
    struct Limits: Sendable {
        var open = 8192
        var closed = 1024
        var lines = 10_000
        var bytes = 4 << 20
    }

    init(hold: Duration, limits: Limits = Limits()) {
        self.hold = hold
        self.limits = limits
    }

    /// Shows the items, in the order of ``TreeItem/isBefore(_:_:)``, as far as their place is known.
    mutating func add(_ items: [TreeItem], to printer: inout LinePrinter) {
        // What has waited too long comes before newer lines, unless its parent is about to end.
        if let first = items.first {
            settle(at: first.moment, &printer, except: Set(items.lazy.filter { $0.kind == .end }.map(\.key)))
        }
        for item in items {
            latest = max(latest, item.moment)
            switch item.kind {
            case .begin: begin(item, &printer)
            case .event: place(Block(start: item.start, lines: item.lines), below: item.key, &printer)
            case .end: end(item, &printer)
            }
            while waitingLines > limits.lines || waitingBytes > limits.bytes, let key = waiting.oldest {
                release(key, &printer)
            }
        }
        settle(at: latest, &printer)
    }

    /// Shows what has waited for too long at `time`.
    mutating func settle(at time: Timestamp, _ printer: inout LinePrinter, except ending: Set<SpanKey> = []) {
        latest = max(latest, time)
        while let key = waiting.oldest, !ending.contains(key), let group = waiting[key],
            group.since.advanced(by: hold) <= latest
        {
            release(key, &printer)
        }
    }

    /// Shows everything that waits.
    mutating func releaseAll(to printer: inout LinePrinter) {
        while let key = waiting.oldest { release(key, &printer) }
    }

    /// Names of the spans that are shown as running, oldest first.
    var openNames: [String] { open.entries.compactMap(\.value.name) }

    // MARK: records

    private mutating func begin(_ item: TreeItem, _ printer: inout LinePrinter) {
        let depth = open[item.key]?.depth ?? depth(below: item.parent) ?? unknownDepth(item.key.trace)
        show(item.lines, depth, &printer)
        remember(item.key, Open(depth: depth, name: item.name))
        if item.parent == nil {
            roots[item.key.trace] = item.key
            roots.trim(to: limits.open)
        }
        for block in take(item.key) { show(block.lines, depth + 1, &printer) }
    }

    private mutating func end(_ item: TreeItem, _ printer: inout LinePrinter) {
        let children = take(item.key)
        if let begun = open.remove(item.key) {
            if roots[item.key.trace] == item.key { roots[item.key.trace] = nil }
            for block in children { show(block.lines, begun.depth + 1, &printer) }
            show(Array(item.lines.dropFirst()), begun.depth + 1, &printer)
            var last = item.lines[0]
            last.mark = .ended
            last.time = item.end
            show([last], begun.depth, &printer)
            close(item.key, depth: begun.depth)
            return
        }
        var block = Block(start: item.start, lines: Array(item.lines.prefix(1)))
        let own = item.lines.dropFirst().map { Block(start: $0.time, lines: [$0]) }
        for part in Self.inOrder(own + children) {
            for var line in part.lines {
                line.depth += 1
                block.lines.append(line)
            }
        }
        close(item.key, depth: depth(below: item.parent))
        place(block, below: item.parent, &printer)
    }

    /// Shows the block below `parent`, or lets it wait.
    private mutating func place(_ block: Block, below parent: SpanKey?, _ printer: inout LinePrinter) {
        guard let depth = depth(below: parent) else {
            guard let parent else { return }
            waitingLines += block.lines.count
            waitingBytes += block.lines.reduce(0) { $0 + $1.text.utf8.count }
            waiting.update(parent, preset: Waiting(since: latest)) { $0.blocks.append(block) }
            return
        }
        show(block.lines, depth, &printer)
    }

    /// Shows what waits for `key` although nothing is known of it.
    private mutating func release(_ key: SpanKey, _ printer: inout LinePrinter) {
        let blocks = take(key)
        let depth = unknownDepth(key.trace)
        if closed[key] == nil {
            let start = blocks.map(\.start).min() ?? latest
            show([Line(mark: .begun, time: start, text: printer.style.ellipsis)], depth, &printer)
            remember(key, Open(depth: depth, name: nil))
        }
        for block in blocks { show(block.lines, depth + 1, &printer) }
    }

    // MARK: places

    /// What waits for `key`, in the order of its beginnings.
    private mutating func take(_ key: SpanKey) -> [Block] {
        guard let group = waiting.remove(key) else { return [] }
        for block in group.blocks {
            waitingLines -= block.lines.count
            waitingBytes -= block.lines.reduce(0) { $0 + $1.text.utf8.count }
        }
        return Self.inOrder(group.blocks)
    }

    private static func inOrder(_ blocks: [Block]) -> [Block] {
        blocks.inOrder { $0.start < $1.start }
    }

    /// The depth of what stands below `parent`; nil when the parent has not been shown.
    private func depth(below parent: SpanKey?) -> Int? {
        guard let parent else { return 0 }
        return (open[parent]?.depth ?? closed[parent]?.depth).map { $0 + 1 }
    }

    /// The depth of a span of which only the trace is known: at least this.
    private func unknownDepth(_ trace: TraceID) -> Int {
        roots[trace].flatMap { open[$0] }.map { $0.depth + 1 } ?? 0
    }

    private mutating func remember(_ key: SpanKey, _ span: Open) {
        open[key] = span
        open.trim(to: limits.open)
    }

    private mutating func close(_ key: SpanKey, depth: Int?) {
        closed[key] = Closed(depth: depth)
        closed.trim(to: limits.closed)
    }

    private func show(_ lines: [Line], _ depth: Int, _ printer: inout LinePrinter) {
        for line in lines { printer.append(line, depth: depth) }
    }
}
