internal import COneLogger
internal import OneLoggerCore

/// Callbacks that run one after another on a thread of their own, because the drainer waits for none of them for long.
///
/// All of it is guarded by the monitor: that is why it is `Sendable`.
@safe
private final class CallbackRound: Sendable {
    struct Work: Sendable {
        var instrument: Instrument
        var number: Int
        var body: @Sendable (MetricObserver) throws -> Void
    }

    let work: [Work]
    private let monitor = Monitor()
    nonisolated(unsafe) private var done = 0
    nonisolated(unsafe) private var isAbandoned = false
    nonisolated(unsafe) private var results: [UInt: [(Double, Attributes)]] = [:]

    init(_ work: [Work]) { self.work = work }

    func run(_ engine: Engine) {
        engine.withState { $0.callbackThread = thisThread }
        defer { engine.withState { if $0.callbackThread == thisThread { $0.callbackThread = 0 } } }
        for one in work {
            let observer = MetricObserver()
            do { try one.body(observer) } catch {
                engine.metrics.callbackFailed(one.instrument, one.number, error, engine)
            }
            let values = observer.close()
            let goesOn = monitor.withLock {
                guard unsafe !isAbandoned else { return false }
                unsafe results[one.instrument.address, default: []] += values
                unsafe done += 1
                monitor.signal()
                return true
            }
            guard goesOn else {
                _ = engine.metrics.withCallback(of: one.instrument, one.number) { $0.isStuck = false }
                return
            }
        }
    }

    /// Waits for all of it, `patience` nanoseconds for each and not beyond `deadline`; from then on it is on its own.
    ///
    /// How many were done, and what they observed.
    func wait(until deadline: UInt64, patience: UInt64) -> (Int, [UInt: [(Double, Attributes)]]) {
        monitor.withLock {
            var before = -1, limit = deadline
            while unsafe done < work.count {
                if unsafe done != before {
                    before = unsafe done
                    limit = min(deadline, ol_monotonic() &+ patience)
                }
                guard ol_monotonic() < limit else { break }
                _ = monitor.wait(until: limit)
            }
            unsafe isAbandoned = true
            return unsafe (done, results)
        }
    }
}

extension MetricRegistry {
    /// How long one callback may take, and all of a collection.
    ///
    /// Unit: nanoseconds.
    static let patience: UInt64 = 500_000_000, patienceForAll: UInt64 = 1_000_000_000

    /// Runs the callbacks, and gives what they observed by the address of their instrument.
    func observe(
        _ instruments: [Instrument], _ engine: Engine, until deadline: UInt64
    ) -> [UInt: [(Double, Attributes)]] {
        var rest: [CallbackRound.Work] = monitor.withLock {
            instruments.flatMap { instrument in
                unsafe instrument.callbacks.filter { !$0.isStuck }.map {
                    .init(instrument: instrument, number: $0.number, body: $0.body)
                }
            }
        }
        var all: [UInt: [(Double, Attributes)]] = [:]
        let limit = min(deadline, ol_monotonic() &+ Self.patienceForAll)
        while !rest.isEmpty, ol_monotonic() < limit {
            let round = CallbackRound(rest)
            guard startThread({ round.run(engine) }) else { return all }
            let (done, values) = round.wait(until: limit, patience: Self.patience)
            for (address, values) in values { all[address, default: []] += values }
            guard done < rest.count else { return all }
            markStuck(rest[done], engine)
            rest.removeFirst(done + 1)
        }
        return all
    }

    private func markStuck(_ work: CallbackRound.Work, _ engine: Engine) {
        guard withCallback(of: work.instrument, work.number, { $0.isStuck = true }) != nil else { return }
        engine.report(
            .component(
                name: "callback of metric '\(work.instrument.definition.name)'",
                problem: "it did not return in time, and is not called again before it has"))
    }

    /// A callback that throws is told of once; what it observed before counts.
    fileprivate func callbackFailed(_ instrument: Instrument, _ number: Int, _ error: any Error, _ engine: Engine) {
        let isFirst = withCallback(of: instrument, number) { callback in
            defer { callback.hasFailed = true }
            return !callback.hasFailed
        }
        guard isFirst == true else { return }
        engine.report(
            .component(
                name: "callback of metric '\(instrument.definition.name)'", problem: String(describing: error)))
    }
}
