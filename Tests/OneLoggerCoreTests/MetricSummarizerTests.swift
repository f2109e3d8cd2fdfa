import OneLoggerCore
import Testing

@Suite struct MetricSummarizerTests {
    @Test func `before the first value nothing is known and the count is 0`() {
        let ints = MetricSummarizer<Int>(), doubles = MetricSummarizer<Double>()
        #expect(ints.count == 0)
        #expect(ints.latest == nil && ints.min == nil && ints.max == nil && ints.total == nil && ints.average == nil)
        #expect(doubles.count == 0)
        #expect(doubles.latest == nil && doubles.min == nil && doubles.max == nil && doubles.average == nil)
    }

    @Test func `values of 10 to 50 in steps of 10 are summed up`() {
        var summary = MetricSummarizer<Int>()
        for value in stride(from: 10, through: 50, by: 10) { summary.add(value) }
        #expect(summary.min == 10)
        #expect(summary.max == 50)
        #expect(summary.average == 30)
        #expect(summary.total == 150)
        #expect(summary.latest == 50)
        #expect(summary.count == 5)
    }

    @Test func `negative numbers and fractions are summed up, in any order`() {
        var summary = MetricSummarizer<Double>()
        for value in [0.5, -2, 3] { summary.add(value) }
        #expect(summary.min == -2)
        #expect(summary.max == 3)
        #expect(summary.total == 1.5)
        #expect(summary.average == 0.5)
        #expect(summary.latest == 3)
    }

    @Test func `an average of integers keeps its fraction`() {
        var summary = MetricSummarizer<Int>()
        summary.add(1)
        summary.add(2)
        #expect(summary.average == 1.5)
    }

    @Test func `a total of integers stays at the largest or smallest instead of stopping the program`() {
        var high = MetricSummarizer<Int>(), low = MetricSummarizer<Int>()
        for _ in 0..<3 {
            high.add(.max)
            low.add(.min)
        }
        #expect(high.total == .max)
        #expect(low.total == .min)
        #expect(high.count == 3)
    }

    @Test func `NaN is ignored`() {
        var summary = MetricSummarizer<Double>()
        summary.add(.nan)
        #expect(summary == MetricSummarizer<Double>())
        summary.add(1)
        summary.add(.nan)
        #expect(summary.total == 1)
        #expect(summary.latest == 1)
        #expect(summary.count == 1)
    }

    @Test func `equality and hash look at every field`() {
        var left = MetricSummarizer<Int>(), right = MetricSummarizer<Int>()
        for value in [1, 3, 2] { left.add(value) }
        for value in [3, 1, 2] { right.add(value) }
        #expect(left == right)
        #expect(Set([left, right]).count == 1)
        right.add(2)
        #expect(left != right)
    }
}
