/// One measurement of a metric, as an exporter sees it.
public struct MetricPoint: Sendable, Hashable {
    /// What was measured.
    @nonexhaustive
    public enum Value: Sendable, Hashable {
        /// A count or an amount that only grows, since ``MetricPoint/start``.
        case sum(Double)
        /// A count or an amount that grows and shrinks, since ``MetricPoint/start``: values of several processes add up.
        case upDownSum(Double)
        /// A value that goes up and down: values of several processes do not add up.
        case gauge(Double)
        /// A distribution since ``MetricPoint/start``.
        case histogram(Histogram)
        /// A distribution over buckets that grow exponentially, since ``MetricPoint/start``.
        case exponentialHistogram(ExponentialHistogram)
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

    /// A distribution over buckets whose bounds are powers of one base, by OpenTelemetry's data model.
    ///
    /// With the scale `s` the base is 2^(2^-s). The bucket of index `i` holds what is greater than base^i and at most
    /// base^(i+1), by absolute value.
    public struct ExponentialHistogram: Sendable, Hashable {
        /// Counts of neighbouring buckets.
        public struct Buckets: Sendable, Hashable {
            /// The index of the first count.
            public var offset: Int
            /// How many values fell into each bucket, from `offset` on.
            public var counts: [Int]

            /// Creates counts.
            public init(offset: Int = 0, counts: [Int] = []) {
                self.offset = offset
                self.counts = counts
            }
        }

        /// The number of values.
        public var count: Int
        /// Their sum.
        public var sum: Double
        /// The smallest; nil when there is none.
        public var min: Double?
        /// The largest; nil when there is none.
        public var max: Double?
        /// How fine the buckets are, -10 to 20.
        public var scale: Int
        /// How many values were zero, or as near as `zeroThreshold`.
        public var zeroCount: Int
        /// What counts as zero: absolute values up to this one.
        public var zeroThreshold: Double
        /// The values above zero.
        public var positive: Buckets
        /// The values below zero, by absolute value.
        public var negative: Buckets

        /// Creates a distribution from its parts.
        public init(
            count: Int, sum: Double, min: Double? = nil, max: Double? = nil, scale: Int, zeroCount: Int = 0,
            zeroThreshold: Double = 0, positive: Buckets = Buckets(), negative: Buckets = Buckets()
        ) {
            self.count = count
            self.sum = sum
            self.min = min
            self.max = max
            self.scale = scale
            self.zeroCount = zeroCount
            self.zeroThreshold = zeroThreshold
            self.positive = positive
            self.negative = negative
        }
    }

    /// One value that was measured inside a span, kept as an example.
    public struct Exemplar: Sendable, Hashable {
        /// What was measured.
        public var value: Double
        /// When.
        public var time: Timestamp
        /// The span in which it was measured.
        public var span: SpanContext

        /// Creates an example.
        public init(value: Double, time: Timestamp, span: SpanContext) {
            self.value = value
            self.time = time
            self.span = span
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
    /// Examples of values, at most one per bucket; only for sums and distributions.
    public var exemplars: [Exemplar]

    /// Creates a point.
    public init(
        name: String, unit: String = "", summary: String = "", attributes: Attributes = [:], start: Timestamp,
        time: Timestamp, value: Value, exemplars: [Exemplar] = []
    ) {
        self.name = name
        self.unit = unit
        self.summary = summary
        self.attributes = attributes
        self.start = start
        self.time = time
        self.value = value
        self.exemplars = exemplars
    }
}
