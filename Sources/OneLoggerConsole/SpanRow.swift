internal import OneLoggerCore

/// What the summary says about all spans of one name, with times in nanoseconds.
struct SpanRow: Sendable {
    var name: String
    var count: UInt64
    var failed: UInt64
    var total: UInt64
    var mean: UInt64
    var median: UInt64
    var p95: UInt64
    var max: UInt64
    /// True when the quantiles come from a metric's wide buckets.
    var isEstimate = false

    init?(_ name: String, _ durations: LogHistogram, failed: UInt64) {
        guard let mean = durations.mean, let median = durations.quantile(0.5), let p95 = durations.quantile(0.95),
            let largest = durations.max
        else { return nil }
        self.name = name
        count = durations.count
        self.failed = failed
        total = durations.sum
        self.mean = mean
        self.median = median
        self.p95 = p95
        max = largest
    }

    /// Spans that were only timed: the points of the metric `span.duration` with one `span.name`.
    init?(_ name: String, _ points: [MetricPoint], failed: UInt64) {
        var all: MetricPoint.Histogram?
        for point in points {
            guard case .histogram(let one) = point.value, one.count > 0 else { continue }
            let scale = Self.nanoseconds(point.unit), scaled = one.scaled(by: scale)
            all = all.map { $0.merged(with: scaled) } ?? scaled
        }
        guard let all else { return nil }
        self.name = name
        count = UInt64(all.count)
        self.failed = failed
        total = Self.clamped(all.sum)
        mean = Self.clamped(all.sum / Double(all.count))
        median = Self.clamped(all.quantile(0.5))
        p95 = Self.clamped(all.quantile(0.95))
        max = Self.clamped(all.max ?? all.quantile(1))
        isEstimate = true
    }

    private static func nanoseconds(_ unit: String) -> Double {
        switch unit {
        case "ms": 1e6
        case "us": 1e3
        case "ns": 1
        default: 1e9
        }
    }

    private static func clamped(_ value: Double) -> UInt64 {
        value.isNaN || value <= 0 ? 0 : value >= 0x1p63 ? 1 &<< 63 : UInt64(value.rounded())
    }
}

extension MetricPoint.Histogram {
    fileprivate func scaled(by factor: Double) -> Self {
        var result = self
        result.sum *= factor
        result.min = min.map { $0 * factor }
        result.max = max.map { $0 * factor }
        result.bounds = bounds.map { $0 * factor }
        return result
    }

    /// Both distributions; the buckets of the larger one when they differ.
    fileprivate func merged(with other: Self) -> Self {
        var result = bounds == other.bounds || count >= other.count ? self : other
        if bounds == other.bounds, counts.count == other.counts.count {
            result.counts = zip(counts, other.counts).map { $0 + $1 }
        }
        result.count = count + other.count
        result.sum = sum + other.sum
        result.min = [min, other.min].compactMap(\.self).min()
        result.max = [max, other.max].compactMap(\.self).max()
        return result
    }

    /// Linear within the bucket, and never outside what was met.
    fileprivate func quantile(_ q: Double) -> Double {
        let inBuckets = counts.reduce(0, +)
        let low = min ?? 0, high = max ?? Swift.max(low, bounds.last ?? low)
        let rank = q * Double(inBuckets)
        var seen = 0.0
        for (place, n) in counts.enumerated() where n > 0 {
            if seen + Double(n) >= rank {
                let from = Swift.max(low, place == 0 ? low : place <= bounds.count ? bounds[place - 1] : low)
                let to = Swift.min(high, place < bounds.count ? bounds[place] : high)
                return Swift.min(Swift.max(from + (to - from) * (rank - seen) / Double(n), low), high)
            }
            seen += Double(n)
        }
        return high
    }
}
