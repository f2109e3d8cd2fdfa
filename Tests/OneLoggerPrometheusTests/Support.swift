import Foundation
import OneLoggerCore
import OneLoggerPrometheus
import OneLoggerTestSupport

let someTime = Timestamp(nanoseconds: 1_795_220_211_886_000_000)
let someSpan = SpanContext(
    traceID: TraceID(high: 0x0af7_6519_16cd_43dd, low: 0x8448_eb21_1c80_319c), spanID: SpanID(0x00f0_67aa_0ba9_02b7))

extension MetricPoint {
    static func sum(_ name: String, _ value: Double, _ attributes: Attributes = [:], unit: String = "") -> MetricPoint {
        MetricPoint(name: name, unit: unit, attributes: attributes, start: someTime, time: someTime, value: .sum(value))
    }

    static func gauge(_ name: String, _ value: Double, _ attributes: Attributes = [:], unit: String = "") -> MetricPoint
    {
        MetricPoint(
            name: name, unit: unit, attributes: attributes, start: someTime, time: someTime, value: .gauge(value))
    }

    static func upDown(_ name: String, _ value: Double, _ attributes: Attributes = [:], unit: String = "")
        -> MetricPoint
    {
        MetricPoint(
            name: name, unit: unit, attributes: attributes, start: someTime, time: someTime, value: .upDownSum(value))
    }

    static func histogram(
        _ name: String, _ values: [Double], bounds: [Double] = [0.1, 1, 10], _ attributes: Attributes = [:],
        unit: String = "s"
    ) -> MetricPoint {
        var histogram = Histogram(bounds: bounds)
        for value in values { histogram.add(value) }
        return MetricPoint(
            name: name, unit: unit, attributes: attributes, start: someTime, time: someTime,
            value: .histogram(histogram))
    }
}

/// An exporter that writes one file, and what the file holds after all batches of points.
func written(
    _ batches: [MetricPoint]..., names: PrometheusExporter.Names = .prometheus,
    format: PrometheusExporter.Format = .text, path: String = "m.prom", resource: Resource = Resource()
) throws -> String {
    let folder = TemporaryFolder()
    let options = PrometheusExporter.Options(path: folder(path), names: names, format: format)
    var exporter = try PrometheusExporter(options, ExporterContext(resource: resource))
    for points in batches {
        do { try exporter.export(Batch(metrics: points, resource: resource)) } catch .rejected {}
    }
    try exporter.close()
    return folder.text(String(resource.expanding(path)))
}

extension String {
    /// The lines of the application's own metrics, without what the exporter says about itself.
    var samples: [String] {
        split(separator: "\n").map(String.init).filter { line in
            !line.hasPrefix("#") && !line.hasPrefix("onelogger_") && !line.hasPrefix("target_info")
        }
    }
}

/// What `promtool check metrics` says about a text: 0 for fine, 1 for no valid text, 3 for findings of its lint.
func promtool(_ text: String) throws -> (status: ChildProcess.End, findings: String) {
    let folder = TemporaryFolder()
    folder.write(text, to: "text")
    let child = try ChildProcess(
        "sh", ["-c", "promtool check metrics < \"$0\"", folder("text")], errors: folder("findings"))
    return (child.finish().end, folder.text("findings"))
}

/// What two parsers of Python read from a text: one line per sample, sorted; their complaint when they refuse it.
func parsed(_ text: String, isOpenMetrics: Bool) throws -> String {
    let folder = TemporaryFolder()
    folder.write(text, to: "text")
    let module = isOpenMetrics ? "openmetrics.parser" : "parser"
    let program = """
        import sys
        from prometheus_client.\(module) import text_string_to_metric_families
        for family in text_string_to_metric_families(open(sys.argv[1], encoding="utf-8", newline="\\n").read()):
            for sample in family.samples:
                example = sample.exemplar
                print(family.type, sample.name, sorted(sample.labels.items()), sample.value,
                      "" if example is None else (sorted(example.labels.items()), example.value))
        """
    let child = try ChildProcess(python, ["-c", program, folder("text")], errors: folder("errors"))
    let (end, output) = child.finish()
    return end == .exit(0) ? output : "refused: \(folder.text("errors").suffix(400))"
}

extension PrometheusExporter {
    /// The real port of an IPv4 endpoint; 0 when there is none.
    var port: Int { address.flatMap { Int($0.split(separator: ":")[1]) } ?? 0 }
}

/// Holds an exporter that has to be returned, or kept in a list.
final class PrometheusBox {
    private var exporter: PrometheusExporter?
    private let resource: Resource
    let port: Int

    init(_ exporter: consuming PrometheusExporter, _ resource: Resource = Resource()) {
        port = exporter.port
        self.resource = resource
        self.exporter = consume exporter
    }

    func export(_ points: [MetricPoint]) throws { try exporter?.export(Batch(metrics: points, resource: resource)) }

    func close() throws { if let exporter = exporter.take() { try exporter.close() } }
}
