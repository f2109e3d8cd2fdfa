import Foundation
import OneLoggerCore
import OneLoggerPrometheus
import OneLoggerTestSupport
import Testing

@Suite struct TextFormatTests {
    /// The text of the document, as values.
    static let resource = Resource(
        serviceName: "digits-train", host: "node-7", pid: 28052, rank: 0, sessionTag: "run-12",
        customMetadata: ["team": "vision"])
    static let points: [MetricPoint] = {
        var points = [
            MetricPoint.histogram(
                "span.duration", [0.005, 0.05, 0.5], bounds: [0.01, 0.1], ["span.name": "train.step"]),
            .sum("span.count", 1, ["span.name": "train.step", "span.status": "error"], unit: "{span}"),
            .upDown("tasks.running", 3, unit: "{task}"),
            .gauge("loss", 0.6931471805599453, ["set": "validation \"a\""]),
        ]
        points[0].summary = "How long spans took"
        points[0].exemplars = [MetricPoint.Exemplar(value: 0.5, time: someTime, span: someSpan)]
        points[1].summary = "Spans that ended, by their status"
        points[2].summary = "Tasks that run"
        return points
    }()

    /// The example of the document in one language, and what the exporter writes for the same values.
    private func documented(_ language: String, _ format: PrometheusExporter.Format) throws -> (String, String) {
        let guide = try String(contentsOfFile: "\(packageFolder)/Docs/formats/prometheus.md", encoding: .utf8)
        let block = try #require(guide.components(separatedBy: "```\(language)\n").dropFirst().first)
        let example = try #require(block.components(separatedBy: "```").first)
        let text = try written(Self.points, format: format, path: "{rank}-{pid}", resource: Self.resource)
        // The moment of the last update is the only thing that changes.
        let parts = text.components(separatedBy: "\nonelogger_last_update_seconds{pid=\"28052\",rank=\"0\"} ")
        try #require(parts.count == 2)
        let rest = try #require(parts[1].firstIndex(of: "\n"))
        let fixed =
            parts[0] + "\nonelogger_last_update_seconds{pid=\"28052\",rank=\"0\"} 1795220219.886" + parts[1][rest...]
        return (example, fixed)
    }

    @Test func `the text format is that of the document, and promtool has nothing to say`() throws {
        let (example, text) = try documented("prometheus", .text)
        #expect(text == example)
        let (status, findings) = try promtool(text)
        #expect(status == .exit(0), "\(findings)")
        #expect(text.hasSuffix("\n"))
    }

    @Test func `OpenMetrics is that of the document, with its example, and Python reads it`() throws {
        let (example, text) = try documented("openmetrics", .openMetrics)
        #expect(text == example)
        let samples = try parsed(text, isOpenMetrics: true)
        #expect(!samples.hasPrefix("refused"), "\(samples)")
        #expect(samples.contains(someSpan.traceID.description))
        #expect(samples.contains("counter span_count_total"))
        #expect(samples.contains("info target_info"))
    }

    @Test func `plain names answer the published queries, and promtool's lint complains about them only`() throws {
        let points: [MetricPoint] = [
            .upDown("tasks.running", 3, unit: "{task}"), .sum("tasks.completed", 5, unit: "{task}"),
            .sum("tasks.failed", 0, unit: "{task}"), .gauge("node.cpu.utilization", 0.5, unit: "1"),
            .gauge("node.gpu.utilization", 0.5, unit: "1"), .gauge("node.memory.utilization", 0.5, unit: "1"),
        ]
        let text = try written(points, names: .plain)
        #expect(
            text.samples == [
                "node_cpu_utilization 0.5", "node_gpu_utilization 0.5", "node_memory_utilization 0.5",
                "tasks_completed 5", "tasks_failed 0", "tasks_running 3",
            ])
        let (status, findings) = try promtool(text)
        #expect(status == .exit(3))
        #expect(
            findings.split(separator: "\n").allSatisfy { $0.hasSuffix("counter metrics should have \"_total\" suffix") }
        )
        #expect(
            try written(points).samples == [
                "node_cpu_utilization 0.5", "node_gpu_utilization 0.5", "node_memory_utilization 0.5",
                "tasks_completed_total 5", "tasks_failed_total 0", "tasks_running 3",
            ])
    }

    @Test func `numbers that are no numbers are written as Prometheus knows them`() throws {
        let points: [MetricPoint] = [
            .gauge("a", .nan), .gauge("b", .infinity), .gauge("c", -.infinity), .sum("d", .nan), .sum("e", -1),
            .histogram("f", [.infinity]), .histogram("g", [-5], bounds: [-1, 1]), .histogram("h", [-5], bounds: [1]),
        ]
        let text = try written(points)
        #expect(text.samples.prefix(5) == ["a NaN", "b +Inf", "c -Inf", "d_total NaN", "e_total -1"])
        #expect(try promtool(text).status == .exit(0))
        let samples = try parsed(try written(points, format: .openMetrics), isOpenMetrics: true)
        #expect(!samples.hasPrefix("refused"), "\(samples)")
        #expect(!samples.contains("d_total") && !samples.contains("g_seconds_sum"), "OpenMetrics has no place for them")
    }

    @Test func `names and values of any kind make a valid text of both formats`() throws {
        let odd = [
            "", "\"", "\\", "\n", "a\nb", "\r\n", "\u{0}", "\u{1b}[31m", "日本語 🙂", "é\u{301}", "{}", "le", "# EOF",
            "=\",x=\"",
        ]
        var points: [MetricPoint] = []
        for (place, text) in odd.enumerated() {
            var point = MetricPoint.gauge("metric\(place) \(text)", 1, [text: .string(text), "other": "x"], unit: text)
            point.summary = text
            points += [point, .histogram("h\(place)\(text)", [1], [text: .string(text)], unit: text)]
        }
        let text = try written(points)
        #expect(try promtool(text).status != .exit(1))
        let plain = try parsed(text, isOpenMetrics: false)
        let open = try parsed(try written(points, format: .openMetrics), isOpenMetrics: true)
        for samples in [plain, open] {
            #expect(!samples.hasPrefix("refused"), "\(samples)")
            #expect(samples.split(separator: "\n").count { $0.contains(" metric") } == odd.count)
            #expect(samples.contains("日本語 🙂"))
        }
        #expect(plain.contains(#"'a\nb'"#), "a line end comes back as one")
    }

    @Test func `an exponential histogram becomes classic buckets`() throws {
        let value = MetricPoint.ExponentialHistogram(
            count: 10, sum: 21.5, scale: 0, zeroCount: 1, zeroThreshold: 0.25,
            positive: .init(offset: 0, counts: [2, 0, 3]),
            negative: .init(offset: -1, counts: [3, 1]))
        let point = MetricPoint(name: "x", start: someTime, time: someTime, value: .exponentialHistogram(value))
        let text = try written([point])
        #expect(
            text.samples == [
                #"x_bucket{le="-1"} 1"#, #"x_bucket{le="-0.5"} 4"#, #"x_bucket{le="0.25"} 5"#, #"x_bucket{le="2"} 7"#,
                #"x_bucket{le="4"} 7"#, #"x_bucket{le="8"} 10"#, #"x_bucket{le="+Inf"} 10"#, "x_sum 21.5", "x_count 10",
            ])
        #expect(try promtool(text).status == .exit(0))
        let samples = try parsed(try written([point], format: .openMetrics), isOpenMetrics: true)
        #expect(!samples.hasPrefix("refused"), "\(samples)")
    }

    @Test(arguments: [-10, 0, 20])
    func `bounds of an exponential histogram ascend, however fine or far they are`(scale: Int) throws {
        for offset in [-1_000_000_000, -2000, -1, 0, 2000, 1_000_000_000] {
            let value = MetricPoint.ExponentialHistogram(
                count: 6, sum: 1, scale: scale, zeroCount: 0, positive: .init(offset: offset, counts: [1, 2, 3]))
            let point = MetricPoint(name: "x", start: someTime, time: someTime, value: .exponentialHistogram(value))
            let samples = try written([point]).samples
            #expect(samples.contains(#"x_bucket{le="+Inf"} 6"#), "\(samples)")
            let bounds = samples.filter { $0.hasPrefix("x_bucket") }.compactMap {
                $0.split(separator: "\"").dropFirst().first.flatMap { Double($0 == "+Inf" ? "inf" : $0) }
            }
            #expect(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 })
            #expect(bounds.count == samples.count - 2)
        }
    }
}
