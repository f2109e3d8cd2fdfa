internal import OneLogger
internal import OneLoggerCore
internal import Synchronization

/// The last records of a session, for reading in the process.
///
/// Batches are kept as they are and read only when somebody asks: keeping costs nothing that one would notice.
final class KeptRecords: BatchCollector {
    private struct Kept {
        var batch: Batch
        var count: Int
    }
    private struct State {
        var batches: [Kept] = []
        var first = 0
        var count = 0, bytes = 0, forgotten = 0
    }

    /// Spans and events together.
    static let limit = 10_000
    /// What they may occupy, with whatever else was recorded meanwhile.
    ///
    /// Unit: bytes.
    static let byteLimit = 64 << 20

    private let trace: TraceID
    private let collected: @Sendable () -> Void
    private let state = Locked(State())

    /// - Parameters:
    ///   - trace: The session's.
    ///   - collected: Called after metrics were collected.
    init(_ trace: TraceID, collected: @escaping @Sendable () -> Void) {
        self.trace = trace
        self.collected = collected
    }

    /// How many are no longer kept.
    var forgotten: Int { state.withLock { $0.forgotten } }

    func collect(_ batch: Batch) {
        if !batch.metrics.isEmpty { collected() }
        var count = 0
        batch.forEach { record in if isOurs(record) { count += 1 } }
        guard count > 0 else { return }
        let kept = Kept(batch: batch.with(metrics: [], dataErrors: []), count: count)
        state.withLock { state in
            state.batches.append(kept)
            state.count += count
            state.bytes += kept.batch.byteCount
            while state.first < state.batches.count - 1,
                state.count - state.batches[state.first].count >= Self.limit || state.bytes > Self.byteLimit
            {
                let old = state.batches[state.first]
                state.count -= old.count
                state.bytes -= old.batch.byteCount
                state.forgotten += old.count
                state.first += 1
            }
            // Room at the front is given back now and then.
            if state.first > 64, state.first * 2 > state.batches.count {
                state.batches.removeFirst(state.first)
                state.first = 0
            }
        }
    }

    @inline(__always)
    private func isOurs(_ record: borrowing RecordView) -> Bool {
        guard record.traceLow == trace.low, record.traceHigh == trace.high else { return false }
        switch record.kind {
        case .span, .stop, .typedEvent: return true
        default: return false
        }
    }

    /// The last ones for which `want` says yes, oldest first.
    func records(_ want: (borrowing RecordView) -> Bool) -> [Record] {
        // A copy, so that the other threads need not make one when they go on.
        let batches = state.withLock { $0.batches.dropFirst($0.first).map(\.self) }
        var skipped = max(0, batches.reduce(0) { $0 + $1.count } - Self.limit), result: [Record] = []
        for kept in batches {
            kept.batch.forEach { record in
                guard isOurs(record) else { return }
                if skipped > 0 { return skipped -= 1 }
                if want(record) { result.append(record.record) }
            }
        }
        return result
    }
}
