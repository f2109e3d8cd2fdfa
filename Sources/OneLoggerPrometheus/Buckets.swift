internal import OneLoggerCore

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A distribution as Prometheus wants it: how many values are at most as large as each bound.
struct Buckets {
    /// Ascending and finite; the bucket of all values is not among them.
    private(set) var bounds: [Double] = []
    /// As many as there are bounds.
    private(set) var counts: [Int] = []
    private(set) var count = 0
    private(set) var sum: Double

    init(_ histogram: MetricPoint.Histogram) {
        sum = histogram.sum
        for (place, more) in histogram.counts.enumerated() {
            count += more
            if place < histogram.bounds.count, histogram.bounds[place].isFinite { close(histogram.bounds[place]) }
        }
    }

    /// Each bucket gets a bound of its own; those that are too near to zero or too far from it are left out, and their
    /// values count for the next bound.
    init(_ histogram: MetricPoint.ExponentialHistogram) {
        sum = histogram.sum
        let step = exp2(-Double(histogram.scale))
        for (place, more) in histogram.negative.counts.enumerated().reversed() {
            count += more
            close(-exp2(Double(histogram.negative.offset + place) * step))
        }
        count += histogram.zeroCount
        close(histogram.zeroThreshold)
        for (place, more) in histogram.positive.counts.enumerated() {
            count += more
            close(exp2(Double(histogram.positive.offset + place + 1) * step))
        }
    }

    private mutating func close(_ bound: Double) {
        guard bound.isFinite, bounds.last.map({ $0 < bound }) ?? true else { return }
        bounds.append(bound)
        counts.append(count)
    }

    /// What keeps a value from being a distribution; nil when nothing does.
    static func problem(_ value: MetricPoint.Value) -> String? {
        switch value {
        case .histogram(let histogram):
            let bounds = histogram.bounds
            if histogram.counts.count != bounds.count + 1 {
                return "has \(bounds.count) bounds and \(histogram.counts.count) buckets, not one more"
            }
            if bounds.contains(where: \.isNaN) || zip(bounds, bounds.dropFirst()).contains(where: { $0 >= $1 }) {
                return "has bounds that do not ascend"
            }
            return problem(counts: histogram.counts)
        case .exponentialHistogram(let histogram):
            guard -10...20 ~= histogram.scale, isSmall(histogram.positive), isSmall(histogram.negative) else {
                return "has a scale or an offset out of range"
            }
            return problem(counts: histogram.positive.counts + histogram.negative.counts + [histogram.zeroCount])
        default: return nil
        }
    }

    private static func isSmall(_ buckets: MetricPoint.ExponentialHistogram.Buckets) -> Bool {
        Int(Int32.min)...Int(Int32.max) ~= buckets.offset
    }

    private static func problem(counts: [Int]) -> String? {
        var total = 0
        for count in counts {
            let (sum, overflow) = total.addingReportingOverflow(count)
            if overflow || count < 0 { return "has counts that are no counts" }
            total = sum
        }
        return nil
    }
}
