public import OneLoggerCore

/// Takes what a callback observes.
///
/// Usable until the callback returns; what comes later is ignored.
///
/// Everything is guarded by the monitor: that is why it is `Sendable`.
@safe
public final class MetricObserver: Sendable {
    private let monitor = Monitor()
    nonisolated(unsafe) private var values: [(Double, Attributes)] = []
    nonisolated(unsafe) private var isOpen = true

    init() {}

    /// Says what a series of the instrument is now.
    ///
    /// A second value of the same series in one callback replaces the first.
    ///
    /// - Parameters:
    ///   - value: For counters the total since the beginning. NaN and infinities are refused and told once.
    ///   - attributes: Which series.
    public func observe(_ value: some MetricNumber, _ attributes: Attributes = [:]) {
        let value = value.metricValue
        monitor.withLock {
            // Twice the largest limit of series: whoever observes without end must end somewhere.
            guard unsafe isOpen, unsafe values.count < 2_000_000 else { return }
            unsafe values.append((value, attributes))
        }
    }

    /// What was observed; nothing is taken from now on.
    func close() -> [(Double, Attributes)] {
        monitor.withLock {
            unsafe isOpen = false
            defer { unsafe values = [] }
            return unsafe values
        }
    }
}

/// An instrument that is asked, not told: its callback runs before each collection.
public struct ObservableInstrument: Sendable {
    /// Which instrument and which of its callbacks; nil when nothing is recorded.
    let callback: (instrument: Instrument, number: Int)?

    /// Removes the callback; its series are no longer exported.
    public func stop() {
        guard let (instrument, number) = callback else { return }
        instrument.engine.metrics.removeCallback(of: instrument, number)
    }
}
