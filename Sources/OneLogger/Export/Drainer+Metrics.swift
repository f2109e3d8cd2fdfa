internal import COneLogger
internal import OneLoggerCore

/// When a pass also collects metrics.
enum Collecting {
    case whenDue
    case now
    case never
}

extension Drainer {
    /// The points of this pass, when it is time for them.
    mutating func collect(_ engine: Engine, _ collecting: Collecting, until deadline: UInt64) -> [MetricPoint] {
        let now = ol_monotonic(), interval = UInt64(clamping: engine.options.metricsInterval.clampedNanoseconds)
        if metricsDue == nil { metricsDue = collectingSince &+ interval }
        guard collecting == .now || collecting == .whenDue && now >= metricsDue ?? 0 else { return [] }
        metricsDue = now &+ interval
        return points(engine, until: deadline)
    }

    /// All points, without a change of the schedule.
    func points(_ engine: Engine, until deadline: UInt64) -> [MetricPoint] {
        let hasRecorded = engine.pool.counts.written > 0
        guard hasRecorded || !spans.isEmpty || !engine.metrics.isEmpty else { return [] }
        let time = engine.now, since = engine.metrics.since
        var points = engine.metrics.points(engine, callbacksUntil: deadline)
        points += spans.points(since, time)
        if engine.options.metrics.health { points += engine.healthPoints(since, time) }
        if engine.options.metrics.process { points += ProcessMetrics.points(time) }
        return points
    }
}

extension Engine {
    /// For readers in the process.
    func currentMetrics() -> [MetricPoint] {
        guard phase != .closed || !metrics.isEmpty else { return [] }
        let deadline = ol_monotonic() &+ 2_000_000_000
        guard beginDraining(until: deadline) else { return metrics.points(self, callbacksUntil: 0) }
        defer { endDraining() }
        var points: [MetricPoint] = []
        ThreadBlocks.muted { points = unsafe drainer.pointee.points(self, until: deadline) }
        return points
    }
}
