internal import OneLoggerCore
internal import OneLoggerText

/// One of the two text formats of Prometheus, while it is written.
///
/// Text format 0.0.4 and OpenMetrics 1.0 differ in the names behind `# TYPE`, in units, exemplars and the last line.
struct MetricText: ~Copyable {
    private var writer: JSONWriter
    private let isOpenMetrics: Bool
    private let constants: String
    /// Bounds that were written before, because making such a text costs more than looking it up.
    private var bounds: [Double: String] = [:]

    init(_ writer: consuming JSONWriter, _ format: PrometheusExporter.Format, constants: [ConstantLabel]) {
        self.writer = writer
        isOpenMetrics = format == .openMetrics
        self.constants = LabelText.text(constants)
    }

    /// Ends the text and gives it away.
    consuming func finish() -> JSONWriter {
        if isOpenMetrics { writer.raw(text: "# EOF\n") }
        return writer
    }

    // MARK: headers

    /// Writes what stands before the samples of a metric.
    ///
    /// - Parameters:
    ///   - base: Its name in OpenMetrics.
    ///   - type: Its type.
    ///   - help: What it means.
    ///   - suffix: What the other format adds to the name.
    ///   - unit: What `base` ends with.
    mutating func begin(_ base: String, _ type: StaticString, _ help: String, suffix: String = "", unit: String = "") {
        let name = isOpenMetrics ? base : base + suffix
        writer.raw(text: "# HELP \(name) \(LabelText.help(help, for: base, quotes: isOpenMetrics))\n")
        writer.raw(text: "# TYPE \(name) \(type)\n")
        if isOpenMetrics, !unit.isEmpty { writer.raw(text: "# UNIT \(name) \(unit)\n") }
    }

    /// Writes a metric that is all labels.
    mutating func info(_ base: String, _ help: String, _ labels: String) {
        begin(base, isOpenMetrics ? "info" : "gauge", help, suffix: "_info")
        line("\(base)_info", labels, value: 1)
    }

    // MARK: samples

    /// Writes one sample.
    mutating func line(_ name: String, _ labels: String = "", value: Double) {
        start(name, "", labels)
        writer.sample(value)
        end()
    }

    /// Writes a counter's sample; OpenMetrics knows neither one that is no number nor one below zero.
    mutating func counter(_ name: String, _ series: Series, _ value: Double) {
        guard !isOpenMetrics || value >= 0 else { return }
        start(name, "", series.labels)
        writer.sample(value)
        if isOpenMetrics, let last = series.exemplars.max(by: { $0.time < $1.time }) { append(last) }
        end()
    }

    /// Writes the samples of a distribution.
    mutating func histogram(_ name: String, _ series: Series, _ buckets: borrowing Buckets) {
        var lower = -Double.infinity
        for (place, upper) in buckets.bounds.enumerated() {
            bucket(name, series, lower, upper, buckets.counts[place])
            lower = upper
        }
        bucket(name, series, lower, .infinity, buckets.count)
        // In OpenMetrics a sum only grows, and is left out together with the count where values may lie below zero.
        if isOpenMetrics, !(buckets.sum >= 0) || (buckets.bounds.first ?? 0) < 0 { return }
        start(name, "_sum", series.labels)
        writer.sample(buckets.sum)
        end()
        start(name, "_count", series.labels)
        integer(buckets.count)
        end()
    }

    private mutating func bucket(_ name: String, _ series: Series, _ lower: Double, _ upper: Double, _ count: Int) {
        start(name, "_bucket", series.labels, bound: text(upper))
        integer(count)
        if isOpenMetrics, let example = series.exemplars.first(where: { $0.value > lower && $0.value <= upper }) {
            append(example)
        }
        end()
    }

    private mutating func text(_ bound: Double) -> String {
        if let known = bounds[bound] { return known }
        let text = SampleText.bound(bound, isOpenMetrics: isOpenMetrics)
        if bounds.count < 4096 { bounds[bound] = text }
        return text
    }

    private mutating func append(_ exemplar: MetricPoint.Exemplar) {
        let span = exemplar.span
        writer.raw(text: " # {span_id=\"\(span.spanID)\",trace_id=\"\(span.traceID)\"} ")
        writer.sample(exemplar.value)
        writer.reserve(32)
        writer.byte(32)
        writer.number(Double(exemplar.time.milliseconds) / 1000)
    }

    // MARK: pieces

    private mutating func start(_ name: String, _ suffix: String, _ labels: String, bound: String = "") {
        writer.raw(text: name)
        writer.raw(text: suffix)
        writer.reserve(8)
        if !(constants.isEmpty && labels.isEmpty && bound.isEmpty) {
            writer.byte(123)
            writer.raw(text: constants)
            separate(!constants.isEmpty && !labels.isEmpty)
            writer.raw(text: labels)
            if !bound.isEmpty {
                separate(!constants.isEmpty || !labels.isEmpty)
                writer.raw(text: "le=\"")
                writer.raw(text: bound)
                writer.raw(text: "\"")
            }
            writer.reserve(8)
            writer.byte(125)
        }
        writer.byte(32)
    }

    private mutating func separate(_ isNeeded: Bool) {
        guard isNeeded else { return }
        writer.reserve(1)
        writer.byte(44)
    }

    private mutating func integer(_ value: Int) {
        writer.reserve(32)
        writer.integer(value)
    }

    private mutating func end() {
        writer.reserve(1)
        writer.byte(10)
    }
}
