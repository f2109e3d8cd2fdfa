/// One measurement of a metric, as an exporter sees it.
public struct MetricPoint: Sendable, Hashable {
    /// What was measured.
    @nonexhaustive
    public enum Value: Sendable, Hashable {
        /// A count or an amount that only grows, since ``MetricPoint/start``.
        case sum(Double)
        /// A value that goes up and down.
        case gauge(Double)
        /// A distribution since ``MetricPoint/start``.
        case histogram(Histogram)
    }

    /// A distribution over fixed buckets.
    public struct Histogram: Sendable, Hashable {
        /// The number of values.
        public var count: Int
        /// Their sum.
        public var sum: Double
        /// The smallest; nil when there is none.
        public var min: Double?
        /// The largest; nil when there is none.
        public var max: Double?
        /// Upper bounds of the buckets, ascending, each inclusive.
        public var bounds: [Double]
        /// How many values fell into each bucket; one more than the bounds, the last for what lies above them.
        public var counts: [Int]

        /// Creates an empty distribution; without bounds it has one bucket, for everything.
        public init(bounds: [Double]) {
            count = 0
            sum = 0
            self.bounds = bounds
            counts = Array(repeating: 0, count: bounds.count + 1)
        }

        /// Adds one value.
        ///
        /// NaN belongs to no bucket and would spoil the sum, so it is ignored.
        public mutating func add(_ value: Double) {
            guard !value.isNaN else { return }
            count += 1
            sum += value
            min = Swift.min(min ?? value, value)
            max = Swift.max(max ?? value, value)
            counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        }
    }

    /// The metric's name.
    public var name: String
    /// Its unit by UCUM, such as `s` or `By`; empty when it has none.
    public var unit: String
    /// What it means, for people.
    public var summary: String
    /// Which series of the metric this is.
    public var attributes: Attributes
    /// Since when it was collected.
    public var start: Timestamp
    /// When it was read.
    public var time: Timestamp
    /// The value.
    public var value: Value

    /// Creates a point.
    public init(
        name: String, unit: String = "", summary: String = "", attributes: Attributes = [:], start: Timestamp,
        time: Timestamp, value: Value
    ) {
        self.name = name
        self.unit = unit
        self.summary = summary
        self.attributes = attributes
        self.start = start
        self.time = time
        self.value = value
    }
}
