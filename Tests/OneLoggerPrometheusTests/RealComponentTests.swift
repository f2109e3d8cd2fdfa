import Foundation
import OneLoggerCore
import OneLoggerPrometheus
import OneLoggerTestSupport
import Testing

/// A real Prometheus and a real node exporter, started once for everything that is asked of them.
@Suite(.timeLimit(.minutes(15))) struct RealComponentTests {
    /// Every query of the table in the document.
    private static func document() throws -> [String] {
        let rows = try Repository.text("Docs/formats/prometheus.md").components(separatedBy: "| question |")[1]
            .components(separatedBy: "\n\n")[0].components(separatedBy: "\n").dropFirst(2)
        return rows.flatMap { row in
            row.components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
        }
    }

    private static let odd = "say \"hi\"\\\nbye 日本語 🙂"

    private static func points(_ turn: Int) -> [MetricPoint] {
        var span = MetricPoint.histogram(
            "span.duration", Array(repeating: 0.05, count: 10 * turn), ["span.name": "train.step"])
        span.exemplars = [MetricPoint.Exemplar(value: 0.05, time: someTime, span: someSpan)]
        return [
            span,
            .upDown("tasks.running", 3, unit: "{task}"), .sum("tasks.completed", Double(5 * turn), unit: "{task}"),
            .sum("tasks.failed", Double(turn), unit: "{task}"), .gauge("node.cpu.utilization", 0.5, unit: "1"),
            .gauge("node.gpu.utilization", 0.5, unit: "1"), .gauge("node.memory.utilization", 0.5, unit: "1"),
            .gauge("odd", .infinity, ["text": .string(odd)]),
        ]
    }

    @Test func `a real Prometheus answers every published query, from node exporter and from the endpoint`() throws {
        // given two ranks with a file each, one of them with an endpoint, and a file with plain names
        let folder = TemporaryFolder()
        func open(_ options: PrometheusExporter.Options, rank: Int) throws -> PrometheusBox {
            let resource = Resource(serviceName: "train", pid: 40 + rank, rank: rank)
            return PrometheusBox(try PrometheusExporter(options, ExporterContext(resource: resource)), resource)
        }
        let exporters = [
            try open(.init(path: folder("train-{rank}-{pid}.prom"), listen: "127.0.0.1:0"), rank: 0),
            try open(.init(path: folder("train-{rank}-{pid}.prom")), rank: 1),
            try open(.init(path: folder("plain.prom"), names: .plain), rank: 2),
        ]
        var turn = 0
        func export() throws {
            turn += 1
            for exporter in exporters { try exporter.export(Self.points(turn)) }
        }
        try export()
        let config = try Repository.text("Configs/prometheus/prometheus.yml")
            .replacingOccurrences(of: "scrape_interval: 15s", with: "scrape_interval: 1s")
            .replacingOccurrences(of: "127.0.0.1:9100", with: "127.0.0.1:NODE_PORT")
            .replacingOccurrences(of: "127.0.0.1:9464", with: "127.0.0.1:\(exporters[0].port)")
        let prometheus = try PrometheusServer(textFiles: folder.path, config: config)

        // when their queries are asked, while the values go on
        let queries = try Self.document()
        #expect(queries.count >= 16)
        for query in queries {
            let answer = try prometheus.result(query, between: export)
            #expect(answer.contains(#""status":"success""#) && !answer.contains(#""result":[]"#), "\(query): \(answer)")
        }

        // then node exporter has read every file, and values arrive as they were
        let nodeMetrics = try #require(prometheus.nodeMetrics)
        #expect(nodeMetrics.contains("\nnode_textfile_scrape_error 0\n"))
        #expect(nodeMetrics.components(separatedBy: "\nnode_textfile_mtime_seconds").count == 4)
        #expect(try promtool(nodeMetrics).status != .exit(1))
        for (query, value) in [
            (#"tasks_running{job="node",rank="1",pid="41"}"#, "3"), (#"tasks_running{job="onelogger",rank="0"}"#, "3"),
            (#"count(odd{text="say \"hi\"\\\nbye 日本語 🙂"} == +Inf)"#, "4"), (#"up{job="onelogger"}"#, "1"),
            (#"target_info{job="node",service_name="train",pid="41"}"#, "1"), ("min(onelogger_data_complete)", "1"),
            (#"histogram_quantile(1, span_duration_seconds_bucket{job="node",rank="1"})"#, "0.1"),
        ] {
            let answer = try prometheus.result(query, between: export)
            #expect(answer.contains(",\"\(value)\"]"), "\(query): \(answer)")
        }
        for exporter in exporters { try exporter.close() }
    }

    @Test func `Prometheus accepts the configuration that comes with OneLogger`() throws {
        let file = "\(packageFolder)/Configs/prometheus/prometheus.yml"
        let child = try ChildProcess("promtool", ["check", "config", file])
        let (end, output) = child.finish()
        #expect(end == .exit(0), "\(output)")
    }
}
