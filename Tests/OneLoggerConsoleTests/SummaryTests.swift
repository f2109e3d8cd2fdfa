import OneLoggerConsole
import OneLoggerCore
import Testing

@Suite struct SummaryTests {
    private let quiet = ConsoleExporter.Options(verbosity: .summary)

    /// The words of the row that begins with `name`.
    private func row(_ name: String, _ text: String) -> [String]? {
        text.split(separator: "\n").first { $0.hasPrefix(name + " ") }?.split(separator: "  ").map {
            $0.trimmingPrefix(" ").description
        }
    }

    @Test func `the numbers are those of the spans`() throws {
        let steps = (1...100).map { step in
            let status: SpanStatus = step % 10 == 0 ? .error("x") : .unset
            return Record.span(span("step", UInt64(step), 0, Double(step) * 0.01, status))
        }
        let text = try output([Batch(Array(steps.prefix(50))), Batch(Array(steps.suffix(50)))], quiet)
        // 10 ms to 1 s in steps of 10 ms; quantiles within 1.6 %.
        #expect(row("step", text) == ["step", "100", "10", "50.5 s", "505 ms", "499 ms", "948 ms", "1.00 s"])
    }

    @Test func `the largest total comes first`() throws {
        let text = try output(
            [Batch([.span(span("small", 1, 0, 1)), .span(span("large", 2, 0, 3)), .stop(span("middle", 3, 0, 2))])],
            quiet)
        let names = text.split(separator: "\n").dropFirst(2).map { $0.prefix { $0 != " " } }
        #expect(names == ["large", "middle", "small"])
    }

    @Test func `starts count nothing and stops count as spans`() throws {
        let text = try output([Batch([.start(span("train", 1, 0, 0)), .stop(span("train", 1, 0, 2))])], quiet)
        #expect(row("train", text)?.prefix(4) == ["train", "1", "-", "2.00 s"])
    }

    @Test func `100,000 names are bounded and none is lost`() throws {
        let batches = (0..<10).map { part in
            Batch(
                (0..<10_000).map { index in
                    let id = UInt64(part * 10_000 + index + 1)
                    return .span(
                        span("name \(id)", id, 0, 0.001, id % 2 == 0 ? .error("") : .unset, events: [Event("e\(id)")]))
                })
        }
        let text = try output(batches, quiet)
        #expect(row("(other names)", text)?.prefix(4) == ["(other names)", "99,900", "49,950", "1.67 min"])
        #expect(text.contains("(other names)  99,900\n"))
        #expect(text.split(separator: "\n").count == 2 + 101 + 1 + 101)
    }

    @Test func `events are counted by name, in spans and on their own`() throws {
        let text = try output(
            [
                Batch([.span(span("s", 1, 0, 1, events: [Event("saved", at: at(0.1)), Event("saved", at: at(0.2))]))]),
                Batch([event(Event("saved", at: at(3)), in: 1), event(.error("bad", at: at(3)), in: 1, isError: true)]),
            ], quiet)
        #expect(row("saved", text) == ["saved", "3"] && row("error", text) == ["error", "1"])
    }

    @Test func `metrics show their latest value per series`() throws {
        func point(_ device: Int, _ value: Double, _ time: Double) -> Record {
            .metric(
                MetricPoint(
                    name: "gpu.memory", unit: "By", attributes: ["device": .int(device)], start: at(0), time: at(time),
                    value: .gauge(value)))
        }
        var latency = MetricPoint.Histogram(bounds: [1, 2])
        for value in [0.5, 1.5, 4] { latency.add(value) }
        let histogram = MetricPoint(
            name: "latency", unit: "s", start: at(0), time: at(2), value: .histogram(latency))
        let text = try output(
            [Batch([point(0, 10, 1), point(1, 20, 1)]), Batch([point(0, 30, 2), .metric(histogram)])], quiet)
        #expect(
            text.hasSuffix(
                """
                metric                 latest value
                gpu.memory {device=0}  30 By
                gpu.memory {device=1}  20 By
                latency                count 3, mean 2.00 s, min 500 ms, max 4.00 s


                """))
        #expect(try output([Batch([point(0, 1999, 1), point(1, 3.5e12, 1)])], quiet).contains("  2 kB\n"))
        let narrow = try output(
            [Batch((0..<10).map { point($0, 1, 1) })], ConsoleExporter.Options(verbosity: .summary, maxNames: 3))
        #expect(narrow.contains("gpu.memory {device=2}") && !narrow.contains("gpu.memory {device=3}"))
        #expect(narrow.contains("(other series)         not kept\n"))
    }

    @Test func `spans that are only in metrics have a row`() throws {
        var durations = MetricPoint.Histogram(bounds: [0.001, 0.01, 0.1])
        for index in 1...1000 { durations.add(Double(index) * 0.000_1) }
        func timing(_ name: String, _ metric: String, _ value: MetricPoint.Value, _ status: String? = nil) -> Record {
            var attributes: Attributes = ["span.name": .string(name)]
            attributes["span.status"] = status.map { .string($0) }
            return .metric(MetricPoint(name: metric, attributes: attributes, start: at(0), time: at(1), value: value))
        }
        let records = [
            timing("parse", "span.duration", .histogram(durations)), timing("parse", "span.count", .sum(997), "unset"),
            timing("parse", "span.count", .sum(3), "error"),
            timing("step", "span.duration", .histogram(durations)), .span(span("step", 1, 0, 1)),
        ]
        // The points are totals: the same ones again change nothing.
        let text = try output([Batch(records), Batch(Array(records.prefix(3)))], quiet)
        #expect(
            row("parse", text) == ["parse", "1,000", "3", "50.1 s", "50.1 ms", "~50.0 ms", "~95.0 ms", "100 ms"])
        #expect(row("step", text)?[1] == "1", "its spans were recorded")
        #expect(!text.contains("span.duration") && !text.contains("span.count"), "the rows say it already")
    }

    @Test func `what still runs at the end is named`() throws {
        let text = try output([Batch([.start(span("train", 1, 0, 0)), .span(span("x", 3, in: 2, 0.1, 0.2))])], .init())
        #expect(text.hasSuffix("\nstill running: train\n\n"))
    }

    @Test func `notices of any number of kinds are bounded and none is lost`() throws {
        let errors = (0..<1000).map { index in
            TelemetryDataError(
                .incompleteTelemetryData, "problem \(index)", firstTime: at(0), time: at(Double(index)), lostRecords: 2)
        }
        let lines = try output([Batch(dataErrors: errors)], quiet).split(separator: "\n").suffix(21)
        #expect(lines.first == "! incomplete_telemetry_data: problem 0; 2 records lost; at 12:00:00.000")
        #expect(
            lines.last.map(String.init)
                == "! incomplete_telemetry_data: other messages; 980 notices; 1,960 records lost; "
                + "12:00:00.000 to 12:16:39.000")
    }

    @Test func `no summary when it is not wanted`() throws {
        #expect(try output([Batch([.span(span("x", 1, 0, 1))])], .init(verbosity: .summary, summary: false)) == "")
    }
}
