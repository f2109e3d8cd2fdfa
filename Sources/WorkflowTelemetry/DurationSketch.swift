#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Percentiles of durations in bounded memory: buckets that grow by 2^(1/16), so that an answer is within 2.2 %.
struct DurationSketch: Sendable {
    /// 1 ns to about 35 years.
    private static let perOctave = 16.0, lowest = -30, octaves = 60

    private var counts: [Int] = []
    private(set) var count = 0
    private(set) var total = 0.0, min = 0.0, max = 0.0

    mutating func add(_ seconds: Double) {
        if counts.isEmpty { counts = Array(repeating: 0, count: Int(Self.perOctave) * Self.octaves) }
        min = count == 0 ? seconds : Swift.min(min, seconds)
        max = Swift.max(max, seconds)
        count += 1
        total += seconds
        counts[Self.place(seconds, counts.count)] += 1
    }

    private static func place(_ seconds: Double, _ count: Int) -> Int {
        guard seconds > 0 else { return 0 }
        return Swift.min(Swift.max(0, Int((log2(seconds) - Double(lowest)) * perOctave)), count - 1)
    }

    /// The value below which this share of all lies; the middle of its bucket, never beyond what was seen.
    func percentile(_ share: Double) -> Double {
        let wanted = Swift.max(1, Int((share * Double(count)).rounded(.up)))
        var sum = 0
        for (place, number) in counts.enumerated() where number > 0 {
            sum += number
            guard sum >= wanted else { continue }
            let middle = exp2((Double(place) + 0.5) / Self.perOctave + Double(Self.lowest))
            return Swift.min(Swift.max(place == 0 ? min : middle, min), max)
        }
        return max
    }
}
