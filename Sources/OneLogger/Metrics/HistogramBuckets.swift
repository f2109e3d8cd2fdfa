/// How a histogram sorts its values.
@nonexhaustive
public enum HistogramBuckets: Sendable, Hashable {
    /// Bounds that suit the unit; ``HistogramBuckets/bounds(forUnit:)`` lists them.
    case automatic
    /// Buckets up to each of these bounds, inclusive, and one for what lies above the last.
    ///
    /// Finite and ascending, at most 1,024.
    case explicit([Double])
    /// Buckets that grow by a constant factor, as fine as fits into `maxSize` of them.
    ///
    /// OpenTelemetry's base-2 exponential histogram: no bounds to choose, any range of values, a relative error below
    /// 5 % with 160 buckets over four orders of magnitude. `maxSize` is 4 to 1,024, `maxScale` -10 to 20.
    case exponential(maxSize: Int = 160, maxScale: Int = 20)

    /// The bounds that ``automatic`` means for a unit.
    ///
    /// Seconds: 1 ms to 1 h. Milliseconds: the same. Bytes: 1 KiB to 64 GiB, by factors of 4. Ratios (`1`): 0.01 to 1.
    /// Other units: 0 to 10,000, as OpenTelemetry has them.
    public static func bounds(forUnit unit: String) -> [Double] {
        switch unit {
        case "s": seconds
        case "ms": seconds.map { $0 * 1000 }
        case "By": (5...18).map { Double(1 << (2 * $0)) }
        case "1": [0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1]
        default: [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000]
        }
    }

    private static let seconds = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600,
    ]

    /// What is wrong with it; nil when nothing is.
    var problem: String? {
        switch self {
        case .automatic: return nil
        case .explicit(let bounds):
            if bounds.count > 1024 { return "there are \(bounds.count) bucket bounds, at most 1,024 are allowed" }
            if let bound = bounds.first(where: { !$0.isFinite }) { return "the bucket bound \(bound) is not finite" }
            guard let pair = zip(bounds, bounds.dropFirst()).first(where: { $0 >= $1 }) else { return nil }
            return "the bucket bound \(pair.1) follows \(pair.0), but bounds must ascend"
        case .exponential(let maxSize, let maxScale):
            if !(4...1024).contains(maxSize) { return "maxSize is \(maxSize), allowed are 4 to 1,024" }
            return (-10...20).contains(maxScale) ? nil : "maxScale is \(maxScale), allowed are -10 to 20"
        }
    }
}
