/// A number that an instrument takes: `Int`, `Double` and their kin, so that counts need no conversion.
///
/// Instruments compute with `Double`: whole numbers are exact up to 2^53.
public protocol MetricNumber: Sendable {
    /// The number as instruments keep it.
    var metricValue: Double { get }
}

extension Double: MetricNumber {
    /// The number itself.
    @export(implementation) public var metricValue: Double { @inline(__always) get { self } }
}

extension Float: MetricNumber {
    /// The same number, wider.
    @export(implementation) public var metricValue: Double { @inline(__always) get { Double(self) } }
}

extension Int: MetricNumber {
    /// The nearest number.
    @export(implementation) public var metricValue: Double { @inline(__always) get { Double(self) } }
}

extension Int64: MetricNumber {
    /// The nearest number.
    @export(implementation) public var metricValue: Double { @inline(__always) get { Double(self) } }
}

extension UInt64: MetricNumber {
    /// The nearest number.
    @export(implementation) public var metricValue: Double { @inline(__always) get { Double(self) } }
}
