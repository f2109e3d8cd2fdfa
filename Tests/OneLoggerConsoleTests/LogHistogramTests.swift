import OneLoggerConsole
import Testing

@Suite struct LogHistogramTests {
    private static let quantiles = [0.0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1]

    /// Values whose sizes differ by many powers of ten, the same in every run.
    private static func values(_ count: Int) -> [UInt64] {
        var state: UInt64 = 42
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> (state >> 7 & 63)
        }
    }

    @Test func `quantiles are within 1 point 6 percent of the exact ones`() throws {
        let values = Self.values(20_000), sorted = values.sorted()
        var histogram = LogHistogram()
        for value in values { histogram.add(value) }
        for q in Self.quantiles {
            let exact = sorted[max(0, Int((q * Double(sorted.count)).rounded(.up)) - 1)]
            let found = try #require(histogram.quantile(q))
            let error = abs(Double(found) - Double(exact))
            #expect(error <= Double(exact) / 64 + 0.5, "\(q): \(found) for \(exact)")
        }
    }

    @Test func `small values are exact`() {
        var histogram = LogHistogram()
        for value in 0..<64 as Range<UInt64> { histogram.add(value) }
        for rank in 1...64 { #expect(histogram.quantile(Double(rank) / 64) == UInt64(rank - 1)) }
    }

    @Test func `count, sum, mean, smallest and largest are exact`() {
        var histogram = LogHistogram()
        for value in [7_000_001, 3, 999_999_999_999] as [UInt64] { histogram.add(value) }
        #expect(histogram.count == 3)
        #expect(histogram.sum == 1_000_007_000_003)
        // Not inside the macro, where both sides would become AnyHashable and AddressSanitizer stops.
        let mean: UInt64 = 1_000_007_000_003 / 3
        #expect(histogram.mean == mean)
        #expect(histogram.min == 3 && histogram.max == 999_999_999_999)
    }

    @Test func `merging says the same as adding everything to one`() {
        let values = Self.values(3000)
        var whole = LogHistogram(), parts = [LogHistogram(), LogHistogram(), LogHistogram()]
        for (place, value) in values.enumerated() {
            whole.add(value)
            parts[place % 2].add(value)
        }
        var merged = LogHistogram()
        for part in parts { merged.merge(part) }
        #expect(merged.count == whole.count && merged.sum == whole.sum)
        for q in Self.quantiles { #expect(merged.quantile(q) == whole.quantile(q)) }
    }

    @Test func `values of all sizes take at most 1,920 buckets`() {
        var histogram = LogHistogram()
        for value in Self.values(50_000) + [0, .max] { histogram.add(value) }
        #expect(histogram.bucketCount == 1920)
        #expect(histogram.quantile(1) == .max)
        #expect(histogram.sum == .max, "a sum that does not fit stays at the largest number")
    }

    @Test func `an empty one knows nothing`() {
        let histogram = LogHistogram()
        #expect(histogram.quantile(0.5) == nil && histogram.mean == nil && histogram.count == 0)
    }

    @Test func `a value may be added many times at once`() {
        var histogram = LogHistogram()
        histogram.add(10, times: 99)
        histogram.add(1_000_000, times: 1)
        histogram.add(5, times: 0)
        #expect(histogram.count == 100 && histogram.min == 10 && histogram.sum == 1_000_990)
        #expect(histogram.quantile(0.99) == 10 && histogram.quantile(1) == 1_000_000)
    }
}
