internal import OneLoggerCore

/// A metric whose data points are being written.
struct OpenMetric {
    fileprivate(set) var item: MessageMark
    fileprivate var data: MessageMark
    fileprivate var points: MessageMark
    /// Where its first data point begins.
    fileprivate(set) var first: Int
}

/// Measurements as `Metric` messages with data points; `Docs/formats/otlp.md` has the table.
extension MessageWriter where Self: ~Copyable {
    /// Begins a metric, up to its data points; all of one group have the same name, unit and kind.
    mutating func beginMetric(_ point: MetricPoint) -> OpenMetric {
        reserve(record: 256)
        let item = beginItem(2, isLong: true)
        if !point.name.isEmpty { text(1, "name", point.name) }
        if !point.summary.isEmpty { text(2, "description", point.summary) }
        if !point.unit.isEmpty { text(3, "unit", point.unit) }
        let data: MessageMark
        switch point.value {
        case .gauge: data = begin(5, "gauge")
        case .sum, .upDownSum: data = begin(7, "sum")
        case .histogram: data = begin(9, "histogram")
        case .exponentialHistogram: data = begin(10, "exponentialHistogram")
        }
        let points = beginList("dataPoints")
        return OpenMetric(item: item, data: data, points: points, first: count)
    }

    /// Ends what ``beginMetric(_:)`` began.
    mutating func endMetric(_ open: OpenMetric, _ point: MetricPoint, _ temporality: OTLPEncoder.Temporality) {
        reserve(record: 64)
        endList(open.points)
        let number: UInt32 = temporality == .delta ? 1 : 2
        switch point.value {
        case .gauge: break
        case .upDownSum: small(2, "aggregationTemporality", 2)
        case .sum:
            small(2, "aggregationTemporality", number)
            bool(3, "isMonotonic", true)
        case .histogram, .exponentialHistogram: small(2, "aggregationTemporality", number)
        }
        end(open.data)
        end(open.item)
    }

    /// One data point of a metric.
    mutating func dataPoint(_ point: MetricPoint) {
        reserve(record: 256)
        let item = beginItem(1, isLong: true)
        switch point.value {
        case .sum(let value), .upDownSum(let value), .gauge(let value): number(value, point)
        case .histogram(let histogram): self.histogram(histogram, point)
        case .exponentialHistogram(let histogram): self.histogram(histogram, point)
        }
        end(item)
    }

    private mutating func times(_ point: MetricPoint) {
        fixed64(2, "startTimeUnixNano", point.start.nanoseconds)
        fixed64(3, "timeUnixNano", point.time.nanoseconds)
    }

    private mutating func number(_ value: Double, _ point: MetricPoint) {
        times(point)
        double(4, "asDouble", value)
        exemplars(5, point)
        attributes(7, "attributes", point.attributes)
    }

    private mutating func histogram(_ histogram: MetricPoint.Histogram, _ point: MetricPoint) {
        times(point)
        fixed64(4, "count", UInt64(clamping: histogram.count))
        double(5, "sum", histogram.sum)
        counts(6, "bucketCounts", histogram.counts, isFixed: true)
        doubles(7, "explicitBounds", histogram.bounds)
        exemplars(8, point)
        attributes(9, "attributes", point.attributes)
        reserve(record: 64)
        if let min = histogram.min { double(11, "min", min) }
        if let max = histogram.max { double(12, "max", max) }
    }

    private mutating func histogram(_ histogram: MetricPoint.ExponentialHistogram, _ point: MetricPoint) {
        attributes(1, "attributes", point.attributes)
        reserve(record: 64)
        times(point)
        fixed64(4, "count", UInt64(clamping: histogram.count))
        double(5, "sum", histogram.sum)
        zigzag(6, "scale", Int32(clamping: histogram.scale))
        fixed64(7, "zeroCount", UInt64(clamping: histogram.zeroCount))
        buckets(8, "positive", histogram.positive)
        buckets(9, "negative", histogram.negative)
        exemplars(11, point)
        reserve(record: 64)
        if let min = histogram.min { double(12, "min", min) }
        if let max = histogram.max { double(13, "max", max) }
        if histogram.zeroThreshold != 0 { double(14, "zeroThreshold", histogram.zeroThreshold) }
    }

    private mutating func buckets(
        _ number: UInt8, _ name: StaticString, _ buckets: MetricPoint.ExponentialHistogram.Buckets
    ) {
        guard !buckets.counts.isEmpty else { return }
        let message = begin(number, name)
        zigzag(1, "offset", Int32(clamping: buckets.offset))
        counts(2, "bucketCounts", buckets.counts, isFixed: false)
        end(message)
    }

    private mutating func exemplars(_ number: UInt8, _ point: MetricPoint) {
        if case .gauge = point.value { return }
        let list = beginList("exemplars")
        for exemplar in point.exemplars {
            reserve(record: 64)
            let item = beginItem(number, isLong: false)
            fixed64(2, "timeUnixNano", exemplar.time.nanoseconds)
            double(3, "asDouble", exemplar.value)
            id(4, "spanId", exemplar.span.spanID.value)
            id(5, "traceId", exemplar.span.traceID.high, exemplar.span.traceID.low)
            end(item)
        }
        endList(list)
        reserve(record: 64)
    }
}
