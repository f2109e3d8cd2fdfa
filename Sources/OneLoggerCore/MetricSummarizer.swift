/// Sums up values as they come: the latest, the smallest, the largest, their average, total and number.
///
/// For integers and floating-point numbers, such as `MetricSummarizer<Int>` or `MetricSummarizer<Double>`. Keeps no
/// values, so it takes the same room for three as for a billion.
public struct MetricSummarizer<Value: Comparable & Hashable & Sendable>: Sendable, Hashable {
    /// The value added last; nil before the first one.
    public private(set) var latest: Value?
    /// The smallest value; nil before the first one.
    public private(set) var min: Value?
    /// The largest value; nil before the first one.
    public private(set) var max: Value?
    /// All values together; nil before the first one.
    public private(set) var total: Value?
    /// How many values were added.
    public private(set) var count = 0

    /// Creates a summary of nothing.
    public init() {}

    private mutating func take(_ value: Value, total: Value) {
        latest = value
        min = Swift.min(min ?? value, value)
        max = Swift.max(max ?? value, value)
        self.total = total
        count += 1
    }
}

extension MetricSummarizer where Value: FixedWidthInteger {
    /// Adds one value.
    ///
    /// The total stays at the largest or smallest integer when it would pass it.
    public mutating func add(_ value: Value) {
        let (sum, overflow) = (total ?? 0).addingReportingOverflow(value)
        take(value, total: overflow ? (value < 0 ? .min : .max) : sum)
    }

    /// The total divided by the number of values; nil before the first one.
    public var average: Double? { total.map { Double($0) / Double(count) } }
}

extension MetricSummarizer where Value: BinaryFloatingPoint {
    /// Adds one value.
    ///
    /// NaN is ignored: it has no place in an order and would spoil the total.
    public mutating func add(_ value: Value) {
        guard !value.isNaN else { return }
        take(value, total: (total ?? 0) + value)
    }

    /// The total divided by the number of values; nil before the first one.
    public var average: Value? { total.map { $0 / Value(count) } }
}
