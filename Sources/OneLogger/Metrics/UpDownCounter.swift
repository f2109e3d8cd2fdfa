public import OneLoggerCore

/// What grows and shrinks, and adds up over processes: open files, queued items.
///
/// A handle of one word: copy it, keep it, use it from any thread. One of a recorder that is off records nothing.
@frozen
public struct UpDownCounter: Sendable {
    /// Where the recorder keeps it; 0 when nothing is recorded.
    @usableFromInline let address: UInt

    init(address: UInt) { self.address = address }

    /// Adds to the series without attributes.
    ///
    /// - Parameter value: How much, below zero to take away; NaN and infinities are refused and told once.
    @inlinable @inline(__always)
    public func add(_ value: some MetricNumber) {
        if address != 0 { MetricCells.changeUnbound(address, value.metricValue) }
    }

    /// Adds to the series with these attributes, given as a literal.
    ///
    /// Allocates nothing once the series exists.
    ///
    /// - Parameters:
    ///   - value: How much, below zero to take away; NaN and infinities are refused and told once.
    ///   - attributes: Which series; evaluated only when something is recorded.
    @inlinable @inline(__always)
    public func add(_ value: some MetricNumber, _ attributes: @autoclosure () -> AttributeLiteral) {
        if address != 0 { MetricCells.change(MetricCells.find(address, attributes()), value.metricValue) }
    }

    /// Adds to the series with these attributes, made at run time.
    ///
    /// - Parameters:
    ///   - value: How much, below zero to take away; NaN and infinities are refused and told once.
    ///   - attributes: Which series; evaluated only when something is recorded.
    @inlinable
    public func add(_ value: some MetricNumber, attributes: @autoclosure () -> Attributes) {
        if address != 0 { MetricCells.change(MetricCells.find(address, attributes()), value.metricValue) }
    }

    /// The series with these attributes, looked up once: the fastest form.
    public func bound(_ attributes: Attributes) -> Bound {
        Bound(address: address == 0 ? 0 : MetricCells.find(address, attributes))
    }

    /// One series of an up-down counter; it is there with 0 from now on.
    @frozen
    public struct Bound: Sendable {
        @usableFromInline let address: UInt

        init(address: UInt) { self.address = address }

        /// Adds to the series.
        ///
        /// - Parameter value: How much, below zero to take away; NaN and infinities are refused and told once.
        @inlinable @inline(__always)
        public func add(_ value: some MetricNumber) {
            if address != 0 { MetricCells.change(address, value.metricValue) }
        }
    }
}
