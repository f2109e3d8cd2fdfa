/// Counts of values in buckets that grow with the value, so that quantiles are known to 1.6 % in bounded memory.
///
/// Values below 32 have a bucket each; above, every power of two is divided into 32 buckets of equal width. A quantile is
/// the middle of its bucket, so it is off by at most 1/64 of itself. At most 1,920 buckets exist, and only the range
/// between the smallest and the largest value met takes memory. Two histograms merge without loss.
package struct LogHistogram: Sendable, Hashable {
    /// The number of values.
    package private(set) var count: UInt64 = 0
    /// Their sum; stays at the largest number when it would be larger.
    package private(set) var sum: UInt64 = 0
    /// The smallest value; nil when there is none.
    package private(set) var min: UInt64?
    /// The largest value; nil when there is none.
    package private(set) var max: UInt64?

    /// The bucket that `counts` begins with.
    private var first = 0
    private var counts: [UInt64] = []

    private static let bits: UInt64 = 5
    private static let perOctave = 1 << Int(bits)

    package init() {}

    /// Adds `value`, `times` times.
    package mutating func add(_ value: UInt64, times: UInt64 = 1) {
        guard times > 0 else { return }
        let place = Self.bucket(of: value)
        cover(place...place)
        counts[place - first] += times
        count += times
        let (product, tooLarge) = value.multipliedReportingOverflow(by: times)
        addToSum(tooLarge ? .max : product)
        min = Swift.min(min ?? value, value)
        max = Swift.max(max ?? value, value)
    }

    /// Adds everything that `other` holds.
    package mutating func merge(_ other: LogHistogram) {
        guard let low = other.min, let high = other.max else { return }
        cover(other.first...(other.first + other.counts.count - 1))
        for (place, n) in other.counts.enumerated() { counts[other.first + place - first] += n }
        count += other.count
        addToSum(other.sum)
        min = Swift.min(min ?? low, low)
        max = Swift.max(max ?? high, high)
    }

    /// The value that is as large as the share `q` (0 to 1) of all values, by nearest rank; nil when there is none.
    package func quantile(_ q: Double) -> UInt64? {
        guard let min, let max else { return nil }
        let share = (q * Double(count)).rounded(.up)
        guard share > 1 else { return min }
        guard share < Double(count) else { return max }
        let rank = UInt64(share)
        var seen: UInt64 = 0
        for (place, n) in counts.enumerated() {
            seen += n
            if seen >= rank { return Swift.min(Swift.max(Self.middle(of: first + place), min), max) }
        }
        return max
    }

    /// The mean; nil when there is no value.
    package var mean: UInt64? { count == 0 ? nil : sum / count }

    /// How many buckets take memory.
    package var bucketCount: Int { counts.count }

    private mutating func addToSum(_ more: UInt64) {
        let (total, tooLarge) = sum.addingReportingOverflow(more)
        sum = tooLarge ? .max : total
    }

    /// Makes room for a range of buckets.
    private mutating func cover(_ range: ClosedRange<Int>) {
        guard !counts.isEmpty else {
            first = range.lowerBound
            counts = Array(repeating: 0, count: range.count)
            return
        }
        if range.lowerBound < first {
            counts.insert(contentsOf: repeatElement(0, count: first - range.lowerBound), at: 0)
            first = range.lowerBound
        }
        let missing = range.upperBound - (first + counts.count - 1)
        if missing > 0 { counts.append(contentsOf: repeatElement(0, count: missing)) }
    }

    private static func bucket(of value: UInt64) -> Int {
        guard value >= UInt64(perOctave) else { return Int(value) }
        let shift = UInt64(63 - value.leadingZeroBitCount) - bits
        return Int(shift + 1) * perOctave + Int(value >> shift & UInt64(perOctave - 1))
    }

    private static func middle(of bucket: Int) -> UInt64 {
        guard bucket >= perOctave else { return UInt64(bucket) }
        let shift = UInt64(bucket / perOctave - 1)
        let low = UInt64(perOctave + bucket % perOctave) << shift
        return low + ((1 << shift) - 1) / 2
    }
}
