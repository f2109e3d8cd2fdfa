public import OneLoggerCore

/// What is measured now and then, and does not add up: a temperature, a loss, a share.
///
/// A handle of one word: copy it, keep it, use it from any thread. One of a recorder that is off records nothing.
@frozen
public struct Gauge: Sendable {
    /// Where the recorder keeps it; 0 when nothing is recorded.
    @usableFromInline let address: UInt

    init(address: UInt) { self.address = address }

    /// Sets the series without attributes.
    ///
    /// - Parameter value: What was measured; NaN and infinities are refused and told once.
    @inlinable @inline(__always)
    public func record(_ value: some MetricNumber) {
        if address != 0 { MetricCells.setUnbound(address, value.metricValue) }
    }

    /// Sets the series with these attributes, given as a literal.
    ///
    /// Allocates nothing once the series exists.
    ///
    /// - Parameters:
    ///   - value: What was measured; NaN and infinities are refused and told once.
    ///   - attributes: Which series; evaluated only when something is recorded.
    @inlinable @inline(__always)
    public func record(_ value: some MetricNumber, _ attributes: @autoclosure () -> AttributeLiteral) {
        if address != 0 { MetricCells.set(MetricCells.find(address, attributes()), value.metricValue) }
    }

    /// Sets the series with these attributes, made at run time.
    ///
    /// - Parameters:
    ///   - value: What was measured; NaN and infinities are refused and told once.
    ///   - attributes: Which series; evaluated only when something is recorded.
    @inlinable
    public func record(_ value: some MetricNumber, attributes: @autoclosure () -> Attributes) {
        if address != 0 { MetricCells.set(MetricCells.find(address, attributes()), value.metricValue) }
    }

    /// Takes the value of a series away, because what it told of is gone; the next value brings the series back.
    package func forget(_ attributes: Attributes) {
        if address != 0 { MetricCells.clear(MetricCells.find(address, attributes)) }
    }

    /// The series with these attributes, looked up once: the fastest form.
    public func bound(_ attributes: Attributes) -> Bound {
        Bound(address: address == 0 ? 0 : MetricCells.find(address, attributes))
    }

    /// One series of a gauge; it shows after its first value.
    @frozen
    public struct Bound: Sendable {
        @usableFromInline let address: UInt

        init(address: UInt) { self.address = address }

        /// Sets the series.
        ///
        /// - Parameter value: What was measured; NaN and infinities are refused and told once.
        @inlinable @inline(__always)
        public func record(_ value: some MetricNumber) {
            if address != 0 { MetricCells.set(address, value.metricValue) }
        }
    }
}
