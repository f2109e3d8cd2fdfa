import Foundation
import OneLogger
import OneLoggerTesting
import Testing

@Suite struct ExponentialHistogramTests {
    private func values(_ values: [Double], _ buckets: HistogramBuckets) throws -> MetricPoint.ExponentialHistogram {
        let recorder = quietRecorder()
        let histogram = recorder.histogram("h", buckets: buckets)
        for value in values { histogram.record(value) }
        guard case .exponentialHistogram(let result)? = recorder.metrics().first?.value else { throw Missing() }
        return result
    }
    struct Missing: Error {}

    @Test func `a bucket holds what is above its lower bound and at most its upper one`() throws {
        // With the scale 0 bounds are powers of two.
        let result = try values([0.25, 0.5, 0.51, 1, 1.5, 2, 3, 4, 0, -0.0, -1.5], .exponential(maxScale: 0))
        #expect(result.scale == 0 && result.zeroCount == 2 && result.count == 11)
        #expect(result.positive.offset == -3 && result.positive.counts == [1, 1, 2, 2, 2])
        #expect(result.negative.offset == 0 && result.negative.counts == [1])
        #expect(result.min == -1.5 && result.max == 4)
    }

    @Test func `negative scales have wider buckets`() throws {
        // Base 16: 2^(2^2).
        let result = try values([1, 1.5, 16, 17, 256], .exponential(maxScale: -2))
        #expect(result.scale == -2 && result.positive.offset == -1 && result.positive.counts == [1, 2, 2])
    }

    @Test func `every value lies within the bounds of its bucket, at every scale`() throws {
        var random = SystemRandomNumberGenerator()
        for scale in -10...20 {
            // The base is 2^width.
            let width = pow(2, -Double(scale))
            for _ in 0..<20 {
                let value = Double.random(in: 0.5...8, using: &random)
                let result = try values([value], .exponential(maxScale: scale))
                #expect(result.scale == scale && result.positive.counts == [1])
                let low = exp2(Double(result.positive.offset) * width)
                let high = exp2(Double(result.positive.offset + 1) * width)
                #expect(low * (1 - 1e-9) < value && value <= high * (1 + 1e-9), "\(value) at \(scale)")
            }
        }
    }

    @Test func `the scale shrinks until the values fit, and no count is lost`() throws {
        let numbers = (0..<5000).map { pow(1.01, Double($0 % 1000)) * ($0 % 2 == 0 ? 1 : -1) }
        for size in [4, 20, 160, 1024] {
            let result = try values(numbers, .exponential(maxSize: size))
            #expect(result.positive.counts.count <= size && result.negative.counts.count <= size)
            #expect(result.positive.counts.count > size / 4, "no coarser than it must be")
            #expect(result.positive.counts.reduce(0, +) == 2500 && result.negative.counts.reduce(0, +) == 2500)
            // The same, computed at once.
            var expected: [Int: Int] = [:]
            for number in numbers where number > 0 {
                let index = Int(ceil(log2(number) * pow(2, Double(result.scale)))) - 1
                expected[index, default: 0] += 1
            }
            for (place, count) in result.positive.counts.enumerated() where abs(count) > 1 || size < 100 {
                let known = expected[result.positive.offset + place] ?? 0
                #expect(abs(known - count) <= 2, "rounding at a bound at most")
            }
        }
    }

    @Test func `the smallest and the largest numbers there are fit together`() throws {
        let least = Double.leastNonzeroMagnitude
        let result = try values([least, .greatestFiniteMagnitude, -least, 1], .exponential(maxSize: 4))
        #expect(result.count == 4 && result.positive.counts.reduce(0, +) == 3)
        #expect(result.positive.counts.count <= 4 && result.scale >= -11)
    }
}
