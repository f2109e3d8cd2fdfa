internal import COneLogger
internal import OneLoggerCore
internal import Synchronization

/// The instruments of one recorder.
///
/// All of it is guarded by the monitor: that is why it is `Sendable`. No callback runs under it.
@safe
final class MetricRegistry: Sendable {
    let monitor = Monitor()
    nonisolated(unsafe) private var instruments: [Instrument] = []
    /// By name in lower case: OpenTelemetry's names do not differ by case.
    nonisolated(unsafe) private var byName: [String: Instrument] = [:]
    nonisolated(unsafe) private var start = Timestamp(nanoseconds: 0)
    nonisolated(unsafe) private var epoch: UInt32 = 0
    nonisolated(unsafe) private var callbacks = 0
    private let refused = Atomic<Int>(0)

    // MARK: registration

    /// The instrument of that name, made when it is new; nil, and an error of telemetry, when that cannot be.
    func register(_ definition: Instrument.Definition, _ call: String, _ engine: Engine) -> Instrument? {
        if let problem = InstrumentName.problem(definition.name) ?? InstrumentName.problem(unit: definition.unit) {
            engine.report(
                .misuse(call: call, problem: problem, advice: "What is recorded with it is lost; give it another one."))
            return nil
        }
        var conflict: String?
        let found: Instrument? = monitor.withLock {
            let key = definition.name.lowercased()
            guard let known = unsafe byName[key] else {
                let made = Instrument(definition, engine)
                unsafe byName[key] = made
                unsafe instruments.append(made)
                return made
            }
            guard known.definition.form == definition.form else {
                conflict = "'\(definition.name)' is \(known.definition.form) already, and now \(definition.form)"
                return nil
            }
            return known
        }
        if let conflict {
            engine.report(
                .misuse(
                    call: call, problem: conflict,
                    advice: "What is recorded with the second one is lost; give it another name."))
        } else if let found, found.definition.bounds != definition.bounds {
            engine.report(
                .misuse(
                    call: call, problem: "'\(definition.name)' has other bucket bounds already",
                    advice: "The first ones are used; give it another name, or the same bounds."))
        }
        return found
    }

    func addCallback(
        to instrument: Instrument, _ body: @escaping @Sendable (MetricObserver) throws -> Void
    ) -> ObservableInstrument {
        monitor.withLock {
            unsafe callbacks += 1
            let number = unsafe callbacks
            unsafe instrument.callbacks.append(Instrument.Callback(number: number, body: body))
            return ObservableInstrument(callback: (instrument, number))
        }
    }

    func removeCallback(of instrument: Instrument, _ number: Int) {
        // What the callback holds is let go of without the lock: its end may run anything.
        let removed = monitor.withLock { () -> Instrument.Callback? in
            guard let place = unsafe instrument.callbacks.firstIndex(where: { $0.number == number }) else { return nil }
            return unsafe instrument.callbacks.remove(at: place)
        }
        withExtendedLifetime(removed) {}
    }

    /// After the last collection: a recorder's engine lives for ever, what callbacks hold must not.
    func removeCallbacks() {
        let removed = monitor.withLock {
            unsafe instruments.map { instrument in
                defer { unsafe instrument.callbacks = [] }
                return unsafe instrument.callbacks
            }
        }
        withExtendedLifetime(removed) {}
    }

    /// Changes one callback, when it is still there.
    func withCallback<R>(of instrument: Instrument, _ number: Int, _ body: (inout Instrument.Callback) -> R) -> R? {
        monitor.withLock {
            guard let place = unsafe instrument.callbacks.firstIndex(where: { $0.number == number }) else { return nil }
            return unsafe body(&instrument.callbacks[place])
        }
    }

    // MARK: reading

    /// Values that no instrument could take.
    var refusedValues: Int { refused.load(ordering: .relaxed) }
    func countRefused() { refused.add(1, ordering: .relaxed) }

    var isEmpty: Bool { monitor.withLock { unsafe instruments.isEmpty } }
    var all: [Instrument] { monitor.withLock { unsafe instruments } }

    /// Since when sums and distributions count.
    var since: Timestamp { monitor.withLock { unsafe start } }

    /// Every series that has a value.
    ///
    /// - Parameters:
    ///   - engine: Whose registry it is.
    ///   - deadline: Until when callbacks are waited for; nanoseconds of CLOCK_MONOTONIC, 0 for not at all.
    /// - Returns: The points, by instrument in the order of their registration.
    func points(_ engine: Engine, callbacksUntil deadline: UInt64) -> [MetricPoint] {
        let instruments = all
        guard !instruments.isEmpty else { return [] }
        let observed = observe(instruments, engine, until: deadline), since = since, time = engine.now
        var points: [MetricPoint] = []
        for instrument in instruments {
            if instrument.definition.isObserved {
                points += instrument.points(observed: observed[instrument.address] ?? [], since, time)
            } else {
                instrument.appendPoints(to: &points, since, time)
            }
        }
        let epoch = monitor.withLock {
            unsafe self.epoch &+= 1
            return unsafe self.epoch
        }
        for instrument in instruments { unsafe ol_set_epoch(instrument.core, epoch) }
        return points
    }

    // MARK: fork

    func begin(at time: Timestamp) { monitor.withLock { unsafe start = time } }

    func prepareFork() { monitor.lock() }
    func parentAfterFork() { monitor.unlock() }
    func childAfterFork(at time: Timestamp) {
        monitor.reset()
        unsafe start = time
        refused.store(0, ordering: .relaxed)
        for instrument in unsafe instruments { instrument.childAfterFork() }
    }
}
