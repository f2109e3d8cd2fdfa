import OneLoggerCore
import OneLoggerPrometheus
import OneLoggerTestSupport
import Testing

@Suite struct CollisionTests {
    private let folder = TemporaryFolder()

    /// What exporting the points one batch after another says, and what the file shows then.
    private func export(
        _ batches: [[MetricPoint]], maxSeries: Int = 1000
    ) throws -> (reports: [String?], samples: [String], text: String) {
        var exporter = try PrometheusExporter(.init(path: folder("m.prom"), maxSeries: maxSeries))
        var reports: [String?] = []
        for points in batches {
            do {
                try exporter.export(Batch(metrics: points))
                reports.append(nil)
            } catch {
                reports.append(error.description)
            }
        }
        try exporter.close()
        let text = folder.text("m.prom")
        #expect(try promtool(text).status != .exit(1))
        #expect(try parsed(text, isOpenMetrics: false).hasPrefix("refused") == false)
        return (reports, text.samples, text)
    }

    @Test(
        arguments: [
            ([.gauge("a.b", 1), .gauge("a_b", 2)], ["a_b 1"], "\"a_b\" (gauge) would be called 'a_b'"),
            ([.gauge("x", 1), .sum("x", 2)], ["x 1"], "\"x\" (counter) would be called 'x'"),
            ([.gauge("x", 1), .upDown("x", 2)], ["x 1"], "\"x\" (upDownCounter) would be called 'x'"),
            ([.gauge("x.total", 1), .sum("x", 2)], ["x_total 1"], "would be called 'x_total'"),
            ([.gauge("x", 1, unit: "s"), .gauge("x.seconds", 2)], ["x_seconds 1"], "would be called 'x_seconds'"),
            ([.gauge("h.count", 1), .histogram("h", [1], unit: "")], ["h_count 1"], "would be called 'h_count'"),
            ([.gauge("target.info", 1), .gauge("y", 2)], ["y 2"], "'target_info', which belongs to this exporter"),
            ([.gauge("onelogger.data.complete", 5)], [], "belongs to this exporter"),
        ] as [([MetricPoint], [String], String)])
    func `the first of two metrics with one name is kept, and the other is told of`(
        points: [MetricPoint], samples: [String], report: String
    ) throws {
        let result = try export([points, points])
        #expect(result.samples == samples)
        let said = try #require(result.reports[0])
        #expect(said.hasPrefix("\(folder("m.prom")): error: records refused: ") && said.contains(report), "\(said)")
        #expect(result.reports[1] == nil, "once is enough")
        #expect(result.text.contains("\nonelogger_data_complete 0\n"))
    }

    @Test func `metrics that differ by unit or type have names of their own`() throws {
        let result = try export([[.gauge("x", 1, unit: "s"), .gauge("x", 2, unit: "By"), .sum("y.a", 1), .sum("y", 2)]])
        #expect(result.reports == [nil])
        #expect(result.samples == ["x_bytes 2", "x_seconds 1", "y_total 2", "y_a_total 1"])
    }

    @Test(
        arguments: [
            (["a": 1], ["a": "1"]), (["a": ""], [:]), (["a.b": "x;y"], ["a.b": "x", "a_b": "y"]), (["é": 1], ["ü": 1]),
        ] as [(Attributes, Attributes)])
    func `the first of two series with the same labels is kept`(first: Attributes, second: Attributes) throws {
        let both: [MetricPoint] = [.gauge("x", 1, first), .gauge("x", 2, second)]
        let result = try export([both, both])
        #expect(result.samples.count == 1 && result.samples[0].hasSuffix(" 1"))
        #expect(result.reports[0]?.contains("two series of \"x\" have the same labels") == true)
        #expect(result.reports[1] == nil)
    }

    @Test func `an attribute that is no number is no reason to take a series for another`() throws {
        let points: [MetricPoint] = [.gauge("x", 1, ["n": .double(.nan)])]
        let result = try export([points, points])
        #expect(result.reports == [nil, nil] && result.samples == [#"x{n="nan"} 1"#])
    }

    @Test func `a report is one line, whatever the names are`() throws {
        let odd = "a\nb" + String(repeating: "x", count: 500)
        let result = try export([[.gauge(odd, 1), .sum(odd, 1, unit: "s"), .upDown(odd, 1)]])
        let said = try #require(result.reports[0])
        #expect(!said.contains("\n") && said.utf8.count < 1500)
    }

    @Test func `a histogram keeps its own le`() throws {
        let result = try export([[.histogram("h", [0.5], bounds: [1], ["le": "mine"])]])
        #expect(result.samples.first == #"h_seconds_bucket{exported_le="mine",le="1"} 1"#)
    }

    @Test func `what is too much is not shown, and told of once`() throws {
        let many = (0..<10).map { MetricPoint.gauge("x", Double($0), ["n": .int($0)]) }
        let result = try export([many, many], maxSeries: 4)
        #expect(result.samples.count == 4)
        #expect(result.reports[0]?.contains("there are more than 'max_series' (4) series") == true)
        #expect(result.reports[1] == nil)
        let names = (0..<10).map { MetricPoint.gauge("x\($0)", Double($0)) }
        #expect(try export([names], maxSeries: 4).samples.count == 4)
    }

    @Test func `a distribution that is none is refused, and the rest is shown`() throws {
        var short = MetricPoint.Histogram(bounds: [1, 2])
        short.counts = [1]
        var descending = MetricPoint.Histogram(bounds: [2, 1])
        descending.count = 1
        var negative = MetricPoint.Histogram(bounds: [1])
        negative.counts = [-1, 0]
        var huge = MetricPoint.Histogram(bounds: [1])
        huge.counts = [.max, .max]
        let values: [MetricPoint.Value] = [
            .histogram(short), .histogram(descending), .histogram(negative), .histogram(huge),
            .histogram(MetricPoint.Histogram(bounds: [.nan])),
            .exponentialHistogram(.init(count: 1, sum: 1, scale: 2000)),
            .exponentialHistogram(.init(count: 1, sum: 1, scale: 0, positive: .init(offset: .max, counts: [1]))),
            .exponentialHistogram(.init(count: 1, sum: 1, scale: 0, zeroCount: -4)),
        ]
        let points = values.enumerated().map {
            MetricPoint(name: "bad\($0.offset)", start: someTime, time: someTime, value: $0.element)
        }
        let result = try export([points + [.gauge("good", 1)]])
        #expect(result.samples == ["good 1"])
        #expect(result.reports[0]?.contains("\"bad0\" has 2 bounds and 1 buckets, not one more (and 7 more)") == true)
    }

    @Test func `bounds that end with infinity are written once`() throws {
        let result = try export([[.histogram("h", [0.5, 2], bounds: [-.infinity, 1, .infinity], unit: "")]])
        #expect(
            result.samples == [
                #"h_bucket{le="1"} 1"#, #"h_bucket{le="+Inf"} 2"#, "h_sum 2.5", "h_count 2",
            ])
    }
}
