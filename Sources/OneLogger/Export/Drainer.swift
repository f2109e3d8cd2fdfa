internal import COneLogger
internal import OneLoggerCore

/// Takes what the threads have committed, one pass after another, and hands it to the exporters' inboxes.
///
/// Used under the engine's `draining` flag, by one thread at a time: that is why nothing here is locked.
struct Drainer {
    /// A span that has said that it began, and has not ended.
    private final class Open {
        let record: SpanRecord
        init(_ record: SpanRecord) { self.record = record }
    }

    private var clock = TickClock()
    /// Spans whose start record was exported.
    private var open: [UInt64: Open] = [:]
    private(set) var roots = OpenRoots()
    /// Spans whose end came before their start, because two threads were read one after the other.
    private var ended: Set<UInt64> = [], endedBefore: Set<UInt64> = []
    let spans: SpanMetrics
    let collectingSince = ol_monotonic()
    var metricsDue: UInt64?
    private var lossesTold: UInt64 = 0, lossesSeen: UInt64 = 0, lossSince: Timestamp?

    /// Start records that turned out not to be needed, and events that went back into their span.
    private(set) var merged = 0
    /// Records that were summarised, or that a processor took out.
    private(set) var filtered = 0
    /// Records that a processor made.
    private(set) var added = 0

    init(_ options: MetricOptions) { spans = SpanMetrics(options.spans) }

    // MARK: one pass

    /// Reads the clock and gives the scale for this pass; leaves the counter for good when it is not to be trusted.
    private mutating func scale(_ engine: Engine) -> TickScale {
        switch engine.clockKind {
        case OL_CLOCK_MANUAL: return .unix
        case OL_CLOCK_MONOTONIC where engine.startedOnMonotonic: return clock.monotonicScale()
        default:
            var isTrusted = true
            let scale = clock.scale(isTrusted: &isTrusted)
            if !isTrusted { engine.leaveCounter() }
            return scale
        }
    }

    /// Drains the pool into batches, collects metrics when it is time, and hands each batch to `deliver`.
    mutating func pass(
        _ engine: Engine, notices: [TelemetryDataError], _ collecting: Collecting, until deadline: UInt64,
        isLast: Bool = false, _ deliver: (Batch) -> Void
    ) {
        if collecting == .whenDue, notices.isEmpty, isIdle(engine) { return }
        endedBefore = ended
        ended = []
        var notices = notices + lossNotice(engine, isLast: isLast), scale = scale(engine), last: Batch?
        unsafe engine.pool.drain { runs in
            if let batch = last.take() { deliver(batch) }
            if engine.clockKind == OL_CLOCK_COUNTER { scale = self.scale(engine) }
            var buffer = RecordBuffer(capacity: unsafe runs.reduce(0) { $0 + $1.count } + 64)
            unsafe runs.forEach { unsafe buffer.append($0) }
            examine(&buffer, scale, engine)
            last = process(Batch(buffer, clock: scale, resource: engine.resource, dataErrors: notices), engine)
            notices = []
        }
        // Metrics travel with the last records, so that a collection is no call of an exporter more; and in portions of
        // at most a sixteenth of an inbox, so that many points do not crowd records out.
        var points = collect(engine, collecting, until: deadline)[...]
        while last != nil || !points.isEmpty || !notices.isEmpty {
            let batch = last ?? Batch([], resource: engine.resource)
            deliver(batch.with(metrics: Array(points.prefix(2000)), dataErrors: batch.dataErrors + notices))
            last = nil
            points = points.dropFirst(2000)
            notices = []
        }
    }

    /// Whether a pass would find nothing and change nothing: what most passes of a quiet program are.
    private func isIdle(_ engine: Engine) -> Bool {
        guard ended.isEmpty, endedBefore.isEmpty, lossSince == nil, let metricsDue else { return false }
        return ol_monotonic() < metricsDue && !engine.pool.hasNews(beyond: lossesSeen)
    }

    /// Notices for everybody that records were lost before any exporter could get them; one per incident.
    private mutating func lossNotice(_ engine: Engine, isLast: Bool) -> [TelemetryDataError] {
        let counts = engine.pool.counts, lost = counts.dropped + counts.overwritten
        let now = engine.now
        if lost > lossesSeen, lossSince == nil { lossSince = now }
        defer { lossesSeen = lost }
        // The incident is over when a pass sees no more of it.
        guard let since = lossSince, isLast || lost == lossesSeen, lost > lossesTold else { return [] }
        let count = lost - lossesTold
        lossesTold = lost
        lossSince = nil
        return [
            TelemetryDataError(
                .incompleteTelemetryData, "records were made faster than they could be taken away; the pool was full",
                firstTime: since, time: now, lostRecords: Int(count))
        ]
    }

    // MARK: records

    /// A root's start record in this pass, and where its events lie.
    private struct Pending {
        var start: Int
        var events: [Int] = []
    }

    /// Decides about start records, adds summaries to the metrics, and takes out what is not to be exported.
    private mutating func examine(_ buffer: inout RecordBuffer, _ scale: TickScale, _ engine: Engine) {
        var pending = PendingRoots<Pending>(), moved: [(at: Int, events: [Int])] = []
        var at = 0
        let end = buffer.count
        while at < end {
            let length = buffer.load(UInt32.self, at: at).int, word = buffer.load(UInt16.self, at: at + 4)
            let kind = UInt8(truncatingIfNeeded: word), flags = UInt8(truncatingIfNeeded: word &>> 8)
            if kind == RecordKind.summary {
                measure(buffer, at, scale, isSummary: true)
                void(&buffer, at)
                filtered += 1
            } else if kind != RecordKind.span.rawValue || flags & RecordLayout.lazy != 0 {
                let id = buffer.load(UInt64.self, at: at + 24)
                switch kind {
                case RecordKind.start.rawValue:
                    let isOver = ended.contains(id) || endedBefore.contains(id)
                    if flags & RecordLayout.lazy == 0 {
                        opened(&buffer, at, id, scale, isOver: isOver)
                    } else if isOver {
                        void(&buffer, at)
                        merged += 1
                    } else {
                        pending.insert(id, Pending(start: at))
                    }
                case RecordKind.event.rawValue where flags & RecordLayout.lazy != 0:
                    pending.update(id) { $0.events.append(at) }
                case RecordKind.stop.rawValue:
                    measure(buffer, at, scale)
                    closed(&buffer, at, id)
                case RecordKind.span.rawValue:
                    measure(buffer, at, scale)
                    if let found = pending.remove(id) {
                        void(&buffer, found.start)
                        merged += 1
                        if !found.events.isEmpty { moved.append((at, found.events)) }
                    } else if open[id] != nil {
                        buffer.overwrite(RecordKind.stop.rawValue, at: at + 4)
                        closed(&buffer, at, id)
                    } else {
                        ended.insert(id)
                    }
                default: break
                }
            } else {
                measure(buffer, at, scale)
            }
            at += length
        }
        pending.forEach { id, found in opened(&buffer, found.start, id, scale) }
        for (at, events) in moved { merge(&buffer, at, events) }
    }

    private func void(_ buffer: inout RecordBuffer, _ at: Int) { buffer.overwrite(RecordKind.void, at: at + 4) }

    /// A start record goes out: its time is fixed, so that the end will show the same one.
    private mutating func opened(
        _ buffer: inout RecordBuffer, _ at: Int, _ id: UInt64, _ scale: TickScale, isOver: Bool = false
    ) {
        let start = scale.utc(buffer.load(UInt64.self, at: at + 8))
        buffer.overwrite(RecordLayout.stamp(start), at: at + 8)
        buffer.overwrite(RecordLayout.stamp(start), at: at + 16)
        guard !isOver else { return }
        let record = buffer.view(at: at) { (view: borrowing RecordView) -> Record in view.record }
        guard case .start(let span) = record else { return }
        open[id] = Open(span)
        let open = open
        if span.parentIsRemote || span.parentID.value == 0 { roots.add(span.context) { open[$0] != nil } }
    }

    private mutating func closed(_ buffer: inout RecordBuffer, _ at: Int, _ id: UInt64) {
        guard let known = open.removeValue(forKey: id) else {
            ended.insert(id)
            return
        }
        buffer.overwrite(RecordLayout.stamp(known.record.start), at: at + 8)
        let open = open
        roots.close(id) { open[$0] != nil }
    }

    /// Puts the events of a short root back into its record, which moves to the end.
    private mutating func merge(_ buffer: inout RecordBuffer, _ at: Int, _ events: [Int]) {
        let start = buffer.count, length = buffer.load(UInt32.self, at: at).int
        buffer.appendCopy(of: at, length)
        for event in events {
            let size = buffer.load(UInt32.self, at: event).int, name = buffer.load(UInt16.self, at: event + 6).int
            let isError = buffer.load(UInt8.self, at: event + 5) & RecordLayout.isError != 0
            let key = min(name, RecordLayout.maximumKey)
            buffer.append(isError ? RecordLayout.Tag.error : RecordLayout.Tag.event)
            buffer.append(UInt8(key))
            buffer.appendCopy(of: event + RecordLayout.header, key)
            let attributes = size - RecordLayout.header - name
            buffer.append(UInt32(8 + attributes))
            buffer.append(buffer.load(UInt64.self, at: event + 8))
            buffer.appendCopy(of: event + RecordLayout.header + name, attributes)
            void(&buffer, event)
            merged += 1
        }
        buffer.close(start)
        void(&buffer, at)
    }

    @inline(__always)
    private func measure(_ buffer: borrowing RecordBuffer, _ at: Int, _ scale: TickScale, isSummary: Bool = false) {
        unsafe spans.add((buffer.base + at).assumingMemoryBound(to: UInt8.self), scale, isSummary: isSummary)
    }

    // MARK: processors

    private mutating func process(_ batch: Batch, _ engine: Engine) -> Batch {
        guard !engine.processors.isEmpty, batch.count > 0 else { return batch }
        var records = batch.records
        for processor in engine.processors {
            do { records = try processor.process(records) } catch { engine.processorFailed(processor, error) }
        }
        return count(batch, Batch(records, resource: batch.resource))
    }

    private mutating func count(_ before: Batch, _ after: Batch) -> Batch {
        let change = after.count - before.count
        if change > 0 { added += change } else { filtered -= change }
        return after
    }

    /// Ends every span that is open and has said so, then lets the processors have their last word.
    mutating func finish(_ engine: Engine, _ reason: String) -> Batch? {
        let now = engine.now
        var records: [Record] = Array(open.values).inOrder { $0.record.start < $1.record.start }.map { known in
            var span = known.record
            span.end = max(now, span.start)
            span.attributes["onelogger.unfinished"] = .string(reason)
            return .stop(span)
        }
        open = [:]
        roots = OpenRoots()
        added += records.count
        for processor in engine.processors {
            do {
                let last = try processor.finish()
                added += Batch(last).count
                records += last
            } catch { engine.processorFailed(processor, error) }
        }
        return records.isEmpty ? nil : Batch(records, resource: engine.resource)
    }

    /// In a forked child: what is open belongs to the parent.
}

/// A few values by span id: roots that are open within a pass.
///
/// Short lists are scanned from their end.
private struct PendingRoots<Value> {
    private var recent: [(id: UInt64, value: Value)] = []
    private var many: [UInt64: Value] = [:]

    mutating func insert(_ id: UInt64, _ value: Value) {
        if recent.count < 16 { recent.append((id, value)) } else { many[id] = value }
    }

    mutating func remove(_ id: UInt64) -> Value? {
        if let place = recent.lastIndex(where: { $0.id == id }) { return recent.remove(at: place).value }
        return many.isEmpty ? nil : many.removeValue(forKey: id)
    }

    mutating func update(_ id: UInt64, _ change: (inout Value) -> Void) {
        if let place = recent.lastIndex(where: { $0.id == id }) {
            change(&recent[place].value)
        } else if var value = many[id] {
            change(&value)
            many[id] = value
        }
    }

    func forEach(_ body: (UInt64, Value) -> Void) {
        for (id, value) in recent { body(id, value) }
        for (id, value) in many { body(id, value) }
    }
}
