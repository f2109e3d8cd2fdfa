/// Percentiles of durations in bounded memory: 32 buckets for each power of two, so that an answer is within 1.6 %.
struct DurationSketch: Sendable {
    /// 1 ns to about 35 years.
    private static let bits: UInt64 = 5, lowest = -30, octaves = 60

    private var counts: [Int] = []
    private(set) var count = 0
    private(set) var total = 0.0, min = 0.0, max = 0.0

    mutating func add(_ seconds: Double) {
        if counts.isEmpty { counts = Array(repeating: 0, count: Self.octaves << Self.bits) }
        min = count == 0 ? seconds : Swift.min(min, seconds)
        max = Swift.max(max, seconds)
        count += 1
        total += seconds
        counts[Self.place(seconds, counts.count)] += 1
    }

    private static func place(_ seconds: Double, _ count: Int) -> Int {
        guard seconds > 0 else { return 0 }
        let exponent = UInt64(1023 + lowest) << bits  // of the smallest, where a number has it
        return Swift.min(Swift.max(0, Int(seconds.bitPattern >> (52 - bits)) - Int(exponent)), count - 1)
    }

    /// The value below which this share of all lies; the middle of its bucket, never beyond what was seen.
    func percentile(_ share: Double) -> Double {
        let wanted = Swift.max(1, Int((share * Double(count)).rounded(.up)))
        var sum = 0
        for (place, number) in counts.enumerated() where number > 0 {
            sum += number
            guard sum >= wanted else { continue }
            let part = Double(place & (1 << Self.bits - 1)), share = (part + 0.5) / Double(1 << Self.bits)
            let middle = (1 + share) * Double(sign: .plus, exponent: place >> Self.bits + Self.lowest, significand: 1)
            return Swift.min(Swift.max(place == 0 ? min : middle, min), max)
        }
        return max
    }
}
