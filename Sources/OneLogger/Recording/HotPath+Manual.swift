internal import COneLogger
internal import OneLoggerCore

/// What a manual span needs: the place in the tree without opening a scope, and stamps for given times.
extension HotPath {
    /// Ids and parent for a new span; not kept when the trace is not sampled or the name is filtered out.
    static func place(
        _ t: Block, _ engine: Engine, _ name: String, _ parent: SpanParent
    ) -> (context: SpanContext, parent: UInt64, isKept: Bool, isRemote: Bool) {
        // A probe takes the same way as an asynchronous span, and is thrown away.
        var probe = unsafe TimedSpan(noFrame())
        let core = unsafe t.pointee.core.unsafelyUnwrapped
        var sampled = true
        switch parent.resolved {
        case .root: sampled = unsafe newTrace(&probe, t, core)
        case .context(let context): sampled = unsafe adopt(context, &probe, core)
        default: sampled = unsafe inherit(&probe, t, core)
        }
        var isKept = sampled
        if sampled, unsafe core.pointee.flags & OL_FILTER != 0 {
            isKept = engine.options.filter.verdict(name) == .keep
            if !isKept { unsafe ol_add(&t.pointee.filtered, 1) }
        }
        let isRemote = probe.flags & TimedSpan.remoteParent != 0
        let id = isKept ? unsafe ol_next_id(t) : probe.parent
        let context = SpanContext(
            traceID: TraceID(high: probe.traceHigh, low: probe.traceLow), spanID: SpanID(id), isSampled: sampled,
            isRemote: !isKept && isRemote)
        return (context, probe.parent, isKept, isRemote)
    }
}

extension Engine {
    /// A stamp for a given time, or for now; a time that cannot be meant is a mistake, and now is used instead.
    func stamp(_ time: Timestamp?, _ call: String, _ t: HotPath.Block) -> UInt64 {
        guard let time else { return unsafe ol_ticks(core) }
        let now = now, distance = time > now ? time.duration(since: now) : now.duration(since: time)
        guard distance > options.timeTolerance else { return RecordLayout.stamp(time) }
        let words = time > now ? "in the future" : "in the past"
        report(
            .implausibleTime(
                call: call, problem: "the given time lies \(distance) \(words), more than \(options.timeTolerance)"))
        return unsafe ol_ticks(core)
    }

    /// Whether one stamp means an earlier moment than another, of whatever kind both are.
    func isBefore(_ end: UInt64, _ start: UInt64) -> Bool {
        if end &>> 62 == start &>> 62 { return end < start }
        // One is a given time and the other a reading of the clock: a reading is about now.
        let given = RecordLayout.unixBits &>> 62
        let now = Int64(clamping: now.nanoseconds), mask: UInt64 = 1 &<< 62 - 1
        let endTime = end &>> 62 == given ? Int64(end & mask) : now
        let startTime = start &>> 62 == given ? Int64(start & mask) : readTime(start, now)
        return endTime < startTime
    }

    /// About when a stamp of the running clock was taken.
    private func readTime(_ stamp: UInt64, _ now: Int64) -> Int64 {
        if clockKind == OL_CLOCK_MANUAL { return Int64(stamp & (1 &<< 62 - 1)) }
        let scale = unsafe TickScale.rough(core: core)
        return Int64(clamping: scale.utc(stamp).nanoseconds)
    }
}

extension TickScale {
    /// A scale from the first anchor to now, good to a few microseconds.
    static func rough(core: UnsafeMutablePointer<ol_core>) -> TickScale {
        var clock = TickClock(), isTrusted = true
        return clock.scale(isTrusted: &isTrusted)
    }
}
