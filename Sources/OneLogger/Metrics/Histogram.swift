public import OneLoggerCore

/// How values are distributed: durations, sizes.
///
/// A handle of one word: copy it, keep it, use it from any thread. One of a recorder that is off records nothing.
@frozen
public struct Histogram: Sendable {
    /// Where the recorder keeps it; 0 when nothing is recorded.
    @usableFromInline let address: UInt

    init(address: UInt) { self.address = address }

    /// Puts a value into the series without attributes.
    ///
    /// - Parameter value: What was measured; NaN and infinities are refused and told once.
    @inlinable @inline(__always)
    public func record(_ value: some MetricNumber) {
        if address != 0 { MetricCells.recordUnbound(address, value.metricValue) }
    }

    /// Puts a value into the series with these attributes, given as a literal.
    ///
    /// Allocates nothing once the series exists.
    ///
    /// - Parameters:
    ///   - value: What was measured; NaN and infinities are refused and told once.
    ///   - attributes: Which series; evaluated only when something is recorded.
    @inlinable @inline(__always)
    public func record(_ value: some MetricNumber, _ attributes: @autoclosure () -> AttributeLiteral) {
        if address != 0 { MetricCells.record(MetricCells.find(address, attributes()), value.metricValue) }
    }

    /// Puts a value into the series with these attributes, made at run time.
    ///
    /// - Parameters:
    ///   - value: What was measured; NaN and infinities are refused and told once.
    ///   - attributes: Which series; evaluated only when something is recorded.
    @inlinable
    public func record(_ value: some MetricNumber, attributes: @autoclosure () -> Attributes) {
        if address != 0 { MetricCells.record(MetricCells.find(address, attributes()), value.metricValue) }
    }

    /// The series with these attributes, looked up once: the fastest form.
    public func bound(_ attributes: Attributes) -> Bound {
        Bound(address: address == 0 ? 0 : MetricCells.find(address, attributes))
    }

    /// One series of a histogram; it shows after its first value.
    @frozen
    public struct Bound: Sendable {
        @usableFromInline let address: UInt

        init(address: UInt) { self.address = address }

        /// Puts a value into the series.
        ///
        /// - Parameter value: What was measured; NaN and infinities are refused and told once.
        @inlinable @inline(__always)
        public func record(_ value: some MetricNumber) {
            if address != 0 { MetricCells.record(address, value.metricValue) }
        }
    }
}
