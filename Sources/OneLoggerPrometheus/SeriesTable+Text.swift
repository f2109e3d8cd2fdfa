internal import OneLoggerCore
internal import OneLoggerText

extension SeriesTable {
    /// Writes everything in one format.
    ///
    /// - Parameters:
    ///   - format: Which one; with plain names there is only the text format, because OpenMetrics wants `_total`.
    ///   - writer: Memory for the text.
    /// - Returns: The memory, with the text in it.
    mutating func text(_ format: PrometheusExporter.Format, into writer: consuming JSONWriter) -> JSONWriter {
        writer.removeAll()
        var text = MetricText(writer, names == .plain ? .text : format, constants: constants)
        for place in inOrder() where !families[place].series.isEmpty { append(families[place], to: &text) }
        OwnMetrics.append(self, to: &text)
        return text.finish()
    }

    private func append(_ family: Family, to text: inout MetricText) {
        let name = family.name
        text.begin(
            name.base, family.source.kind.type, family.summary,
            suffix: String(name.sample.dropFirst(name.base.count)), unit: name.unit)
        for series in family.series {
            switch series.value {
            case .sum(let value): text.counter(name.sample, series, value)
            case .upDownSum(let value), .gauge(let value): text.line(name.sample, series.labels, value: value)
            case .histogram(let histogram): text.histogram(name.sample, series, Buckets(histogram))
            case .exponentialHistogram(let histogram): text.histogram(name.sample, series, Buckets(histogram))
            @unknown default: break
            }
        }
    }
}
