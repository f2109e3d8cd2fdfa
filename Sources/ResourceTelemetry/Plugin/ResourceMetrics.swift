internal import OneLogger
internal import OneLoggerCore
internal import Synchronization

/// The last samples as metrics.
///
/// What has not been sampled for three intervals and ten seconds is gone, and so are its series: a machine that has died
/// does not stay busy for ever, and a GPU that is lost does not, either.
final class ResourceMetrics: Sendable {
    private struct Place: Hashable {
        var backend: String
        var node: String
        var gpu: Int?
    }

    private struct Value {
        /// The latest value, or what a counter has counted.
        var number: Double
        var seen: ContinuousClock.Instant
    }

    private struct Known {
        var sample: ResourceSample
        /// By the place of the instrument.
        var values = [Value?](repeating: nil, count: ResourceInstrument.all.count)
        /// The series of the documented gauges that have had a value, by the place of their instrument.
        var series: [Int: Gauge.Bound] = [:]

        var latest: ContinuousClock.Instant? { values.compactMap { $0?.seen }.max() }
    }

    private struct State {
        var known: [Place: Known] = [:]
        var told: [(index: Int, gauge: Gauge)] = []
    }

    private let age: Duration
    /// The process whose samples these are: a forked child tells nothing, and perhaps has a lock that nobody gives up.
    private let home = HomeProcess()
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Locked(State())
    /// Places beyond this many are not kept: a cluster whose workers have a new name each time must not fill the memory.
    private static let mostPlaces = 10_000

    init(interval: Duration, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        // Ten seconds are for clusters, whose workers tell of themselves at their own pace.
        age = interval * 3 + .seconds(10)
        self.now = now
    }

    // MARK: samples

    /// Takes a sample.
    ///
    /// - Parameters:
    ///   - sample: What was read.
    ///   - isTold: True when a session tells the documented gauges, because it sees the same sample as an event.
    func note(_ sample: ResourceSample, isTold: Bool) {
        let now = now(), place = Place(backend: sample.backend, node: sample.node, gpu: sample.gpu)
        state.withLock { state in
            if state.known[place] == nil, state.known.count >= Self.mostPlaces {
                expire(&state, now)
                guard state.known.count < Self.mostPlaces else { return }
            }
            let told = isTold ? [] : state.told
            Self.take(sample, now, told, into: &state.known[place, default: Known(sample: sample)])
        }
    }

    private static func take(
        _ sample: ResourceSample, _ now: ContinuousClock.Instant, _ told: [(index: Int, gauge: Gauge)],
        into entry: inout Known
    ) {
        entry.sample = sample
        let instruments = ResourceInstrument.all
        for index in 0..<(sample.gpu == nil ? ResourceInstrument.ofNodes : instruments.count) {
            let instrument = instruments[index]
            guard let value = instrument.value(sample), value.isFinite else { continue }
            let before = instrument.kind == .counter ? entry.values[index]?.number ?? 0 : 0
            entry.values[index] = Value(number: before + value, seen: now)
        }
        for (index, gauge) in told {
            guard let value = entry.values[index], value.seen == now else { continue }
            let series = entry.series[index] ?? gauge.bound(instruments[index].attributes(sample))
            entry.series[index] = series
            series.record(value.number)
        }
    }

    /// Lets go of what is too old.
    private func expire(_ state: inout State, _ now: ContinuousClock.Instant) {
        for (place, var entry) in state.known {
            for (index, gauge) in state.told {
                guard let value = entry.values[index], now - value.seen >= age else { continue }
                gauge.forget(ResourceInstrument.all[index].attributes(entry.sample))
                entry.values[index] = nil
                state.known[place] = entry
            }
            if entry.latest.map({ now - $0 >= age }) ?? true { state.known[place] = nil }
        }
    }

    // MARK: instruments

    func register(on recorder: Recorder) {
        for (index, instrument) in ResourceInstrument.all.enumerated() {
            let name = instrument.name, unit = instrument.unit, meaning = instrument.meaning
            let observe: @Sendable (MetricObserver) -> Void = { self.observe(index, $0) }
            switch instrument.kind {
            case .told:
                let gauge = recorder.gauge(name, unit: unit, description: meaning)
                state.withLock { $0.told.append((index, gauge)) }
            case .gauge: recorder.observableGauge(name, unit: unit, description: meaning, observe)
            case .upDownCounter: recorder.observableUpDownCounter(name, unit: unit, description: meaning, observe)
            case .counter: recorder.observableCounter(name, unit: unit, description: meaning, observe)
            }
        }
    }

    /// Called before each collection; that is also when the documented gauges lose what is too old.
    private func observe(_ index: Int, _ observer: MetricObserver) {
        guard home.isHere else { return }
        let now = now(), instrument = ResourceInstrument.all[index]
        let entries = state.withLock { state in
            expire(&state, now)
            return Array(state.known.values)
        }
        for entry in entries {
            guard let value = entry.values[index], now - value.seen < age else { continue }
            observer.observe(value.number, instrument.attributes(entry.sample))
        }
    }
}
