internal import OneLoggerCore

/// Remembers each series' last value, to say what came since then.
struct DeltaState: Sendable {
    private struct Series: Hashable {
        var name: String
        var unit: String
        var kind: MetricKind
        var attributes: Attributes
    }

    private struct Last {
        var point: MetricPoint
        /// What the deltas so far add up to, so that their rounding does not accumulate.
        var reported: Double
    }

    private var last: [Series: Last] = [:]

    /// The point since the last one of its series; a series that is new or began again is told as it is.
    ///
    /// Gauges stay as they are, and so do sums that go up and down: what counts of those is where they stand.
    mutating func delta(_ point: MetricPoint) -> MetricPoint {
        let kind = MetricKind(point.value)
        guard kind != .gauge, kind != .upDownSum else { return point }
        let series = Series(name: point.name, unit: point.unit, kind: kind, attributes: point.attributes)
        let total = point.value.total
        guard let before = last[series], point.start <= before.point.start else {
            last[series] = Last(point: point, reported: total)
            return point
        }
        var result = point
        result.start = before.point.time
        result.exemplars = point.exemplars.filter { $0.time > before.point.time }
        let change = total == before.reported ? 0 : total - before.reported
        if let value = point.value.subtracting(before.point.value, change: change) {
            result.value = value
            last[series] = Last(point: point, reported: before.reported + change)
        } else {
            last[series] = Last(point: point, reported: total)  // it fell, so it began again
        }
        return result
    }
}

/// The shapes of a value.
enum MetricKind: Hashable {
    case sum, upDownSum, gauge, histogram, exponentialHistogram

    init(_ value: MetricPoint.Value) {
        self =
            switch value {
            case .sum: .sum
            case .upDownSum: .upDownSum
            case .gauge: .gauge
            case .histogram: .histogram
            case .exponentialHistogram: .exponentialHistogram
            }
    }
}

extension MetricPoint.Value {
    /// What adds up.
    fileprivate var total: Double {
        switch self {
        case .sum(let value), .upDownSum(let value), .gauge(let value): value
        case .histogram(let histogram): histogram.sum
        case .exponentialHistogram(let histogram): histogram.sum
        }
    }

    /// What came since `before`, `change` for the total; nil when something fell, or cannot be compared.
    ///
    /// The least and the greatest value since then are not known.
    fileprivate func subtracting(_ before: Self, change: Double) -> Self? {
        switch (self, before) {
        case (.sum(let now), .sum(let then)):
            return now < then ? nil : .sum(Swift.max(0, change))
        case (.histogram(var now), .histogram(let then)):
            guard now.bounds == then.bounds, now.counts.count == then.counts.count, now.count >= then.count else {
                return nil
            }
            for place in now.counts.indices { now.counts[place] -= then.counts[place] }
            guard now.counts.allSatisfy({ $0 >= 0 }) else { return nil }
            now.count -= then.count
            (now.sum, now.min, now.max) = (change, nil, nil)
            return .histogram(now)
        case (.exponentialHistogram(let now), .exponentialHistogram(let then)):
            return now.subtracting(then, change: change).map { .exponentialHistogram($0) }
        default:
            return nil
        }
    }
}

extension MetricPoint.ExponentialHistogram {
    fileprivate func subtracting(_ before: Self, change: Double) -> Self? {
        guard zeroThreshold == before.zeroThreshold, count >= before.count, zeroCount >= before.zeroCount else {
            return nil
        }
        let coarser = Swift.min(scale, before.scale)
        let (now, then) = (rescaled(to: coarser), before.rescaled(to: coarser))
        guard let positive = now.positive.subtracting(then.positive),
            let negative = now.negative.subtracting(then.negative)
        else { return nil }
        return Self(
            count: count - before.count, sum: change, scale: coarser, zeroCount: zeroCount - before.zeroCount,
            zeroThreshold: zeroThreshold, positive: positive, negative: negative)
    }

    /// The same distribution over wider buckets.
    private func rescaled(to scale: Int) -> Self {
        var result = self
        result.scale = scale
        result.positive = positive.merged(by: self.scale - scale)
        result.negative = negative.merged(by: self.scale - scale)
        return result
    }
}

extension MetricPoint.ExponentialHistogram.Buckets {
    /// Each 2^`steps` buckets as one.
    fileprivate func merged(by steps: Int) -> Self {
        guard steps > 0, !counts.isEmpty else { return self }
        let first = offset >> steps
        var result = Self(offset: first, counts: [])
        for (place, count) in counts.enumerated() {
            let target = (offset + place) >> steps - first
            while result.counts.count <= target { result.counts.append(0) }
            result.counts[target] += count
        }
        return result
    }

    /// What came since `before`; nil when a bucket has lost something.
    fileprivate func subtracting(_ before: Self) -> Self? {
        var result = self
        for (place, count) in before.counts.enumerated() where count != 0 {
            let target = before.offset + place - offset
            guard result.counts.indices.contains(target), result.counts[target] >= count else { return nil }
            result.counts[target] -= count
        }
        return result
    }
}
