import OneLoggerCore
import Testing

@Suite struct MetricPointTests {
    @Test func `a value on a bound falls into the bucket below it, one above the last bound into the last`() {
        var histogram = MetricPoint.Histogram(bounds: [1, 10])
        for value in [0.5, 1, 1.5, 10, 10.5, -3] { histogram.add(value) }
        #expect(histogram.counts == [3, 2, 1])
        #expect(histogram.count == 6)
        #expect(histogram.sum == 20.5)
        #expect(histogram.min == -3)
        #expect(histogram.max == 10.5)
    }

    @Test func `a new histogram has no values and no smallest or largest`() {
        let histogram = MetricPoint.Histogram(bounds: [1])
        #expect(histogram.counts == [0, 0])
        #expect(histogram.count == 0)
        #expect(histogram.min == nil)
        #expect(histogram.max == nil)
    }

    @Test func `without bounds one bucket takes everything`() {
        var histogram = MetricPoint.Histogram(bounds: [])
        histogram.add(5)
        histogram.add(-.infinity)
        #expect(histogram.counts == [2])
        #expect(histogram.min == -.infinity)
    }

    @Test func `NaN is ignored, first or later`() {
        var histogram = MetricPoint.Histogram(bounds: [1])
        let empty = histogram
        histogram.add(.nan)
        #expect(histogram == empty)
        histogram.add(2)
        let one = histogram
        histogram.add(-.nan)
        #expect(histogram == one)
        #expect(histogram.sum == 2)
    }

    @Test func `infinities count in the outermost buckets`() {
        var histogram = MetricPoint.Histogram(bounds: [0])
        histogram.add(.infinity)
        histogram.add(-.infinity)
        #expect(histogram.counts == [1, 1])
        #expect(histogram.max == .infinity)
    }
}
