internal import OneLogger

/// The runs that are open, and the traces of those that are over.
///
/// A value: whoever has one guards it.
struct RLMRunTable: Sendable {
    /// A run that is open.
    struct Open: Sendable {
        var span: ManualSpan
        var order: UInt64
        var startedAt: Timestamp
        /// When its last step ended; at first when it began.
        var lastEnd: Timestamp
        var steps = 0
        var total = 0.0
        var counter: Counter.Bound?
    }

    /// What a step has to do with its run.
    struct Place {
        var context: SpanContext
        var startedAt: Timestamp
        var cumulativeReward: Double
        var counter: Counter.Bound?
    }

    var open: [String: Open] = [:]
    private var order: UInt64 = 0
    private var over: RecentRuns
    private let openLimit: Int

    init(openLimit: Int, remembered: Int) {
        self.openLimit = openLimit
        over = RecentRuns(limit: remembered)
    }

    /// The span of a run that is open, or was until lately.
    mutating func context(of run: String) -> SpanContext? { open[run]?.span.context ?? over[run] }

    /// Adds a run.
    ///
    /// - Returns: What must make room for it: the run of the same id that is still open, and the oldest one when there are
    ///   too many.
    mutating func start(
        _ run: String, _ span: ManualSpan, at time: Timestamp, _ counter: Counter.Bound?
    ) -> (same: Open?, oldest: Open?) {
        order += 1
        let same = open.updateValue(
            Open(span: span, order: order, startedAt: time, lastEnd: time, counter: counter), forKey: run)
        guard open.count > openLimit, let oldest = open.min(by: { $0.value.order < $1.value.order })?.key else {
            return (same, nil)
        }
        return (same, end(oldest))
    }

    /// Counts a step; nil when the run is not open.
    mutating func step(_ run: String, _ step: borrowing RLMStep, now: Timestamp) -> Place? {
        guard let index = open.index(forKey: run) else { return nil }
        let finishedAt = step.finishedAt ?? now
        let place = Place(
            context: open.values[index].span.context, startedAt: step.startedAt ?? open.values[index].lastEnd,
            cumulativeReward: step.cumulativeReward ?? open.values[index].total + (step.reward ?? 0),
            counter: open.values[index].counter)
        open.values[index].steps += 1
        open.values[index].total = place.cumulativeReward
        open.values[index].lastEnd = max(open.values[index].lastEnd, finishedAt)
        return place
    }

    /// Takes a run out, and remembers its trace.
    mutating func end(_ run: String) -> Open? {
        guard let ended = open.removeValue(forKey: run) else { return nil }
        over[run] = ended.span.context
        return ended
    }

    /// Takes all runs out, newest first.
    mutating func endAll() -> [Open] {
        let all = open.sorted { $0.value.order > $1.value.order }
        return all.compactMap { end($0.key) }
    }
}

/// The last runs that are over; what was neither set nor asked for the longest goes first.
struct RecentRuns: Sendable {
    private let limit: Int
    private var contexts: [String: (context: SpanContext, use: UInt64)] = [:]
    /// Runs in the order of their uses; an entry whose use is not the run's last one no longer counts.
    private var uses: [(run: String, use: UInt64)] = []
    private var first = 0
    private var use: UInt64 = 0

    init(limit: Int) { self.limit = limit }

    /// How many there are.
    var count: Int { contexts.count }

    subscript(run: String) -> SpanContext? {
        mutating get {
            guard let context = contexts[run]?.context else { return nil }
            note(run, context)
            return context
        }
        set { if let newValue, limit > 0 { note(run, newValue) } }
    }

    private mutating func note(_ run: String, _ context: SpanContext) {
        use += 1
        contexts[run] = (context, use)
        uses.append((run, use))
        while contexts.count > limit { removeFirst() }
        compact()
    }

    private mutating func removeFirst() {
        let oldest = uses[first]
        first += 1
        if contexts[oldest.run]?.use == oldest.use { contexts[oldest.run] = nil }
    }

    /// Forgets uses that no longer count, now and then.
    private mutating func compact() {
        guard uses.count > 2 * limit + 16 else { return }
        uses = uses[first...].filter { contexts[$0.run]?.use == $0.use }
        first = 0
    }
}
