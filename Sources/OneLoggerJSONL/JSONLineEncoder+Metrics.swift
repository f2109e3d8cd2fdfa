package import OneLoggerCore
package import OneLoggerText

/// Lines of measurements.
extension JSONLineEncoder {
    /// Appends the line of a measurement.
    package mutating func append(_ point: MetricPoint, to writer: inout JSONWriter) {
        writer.literal("{\"type\":\"metric\",\"name\":")
        writer.text(point.name)
        switch point.value {
        case .sum(let value): number("sum", value, &writer)
        case .upDownSum(let value): number("up_down_sum", value, &writer)
        case .gauge(let value): number("gauge", value, &writer)
        case .histogram(let histogram): self.histogram(histogram, &writer)
        case .exponentialHistogram(let histogram): self.histogram(histogram, &writer)
        }
        if !point.unit.isEmpty {
            writer.literal(",\"unit\":")
            writer.text(point.unit)
        }
        if !point.summary.isEmpty {
            writer.literal(",\"summary\":")
            writer.text(point.summary)
        }
        if !point.attributes.isEmpty {
            writer.literal(",\"attributes\":")
            writer.object(point.attributes)
        }
        exemplars(point.exemplars, &writer)
        writer.member("start_ns", point.start)
        writer.member("time_ns", point.time)
        close(&writer)
    }

    private func number(_ kind: StaticString, _ value: Double, _ writer: inout JSONWriter) {
        writer.literal(",\"kind\":\"")
        writer.literal(kind)
        writer.literal("\",\"value\":")
        writer.value(.double(value))
    }

    private func histogram(_ histogram: MetricPoint.ExponentialHistogram, _ writer: inout JSONWriter) {
        var fields: Attributes = ["count": .int(histogram.count), "sum": .double(histogram.sum)]
        fields["min"] = histogram.min.map { .double($0) }
        fields["max"] = histogram.max.map { .double($0) }
        fields["scale"] = .int(histogram.scale)
        fields["zero_count"] = .int(histogram.zeroCount)
        fields["zero_threshold"] = .double(histogram.zeroThreshold)
        fields["positive_offset"] = .int(histogram.positive.offset)
        fields["positive_counts"] = .ints(histogram.positive.counts)
        fields["negative_offset"] = .int(histogram.negative.offset)
        fields["negative_counts"] = .ints(histogram.negative.counts)
        writer.literal(",\"kind\":\"exponential_histogram\",\"histogram\":")
        writer.object(fields)
    }

    private func histogram(_ histogram: MetricPoint.Histogram, _ writer: inout JSONWriter) {
        var fields: Attributes = ["count": .int(histogram.count), "sum": .double(histogram.sum)]
        fields["min"] = histogram.min.map { .double($0) }
        fields["max"] = histogram.max.map { .double($0) }
        fields["bounds"] = .doubles(histogram.bounds)
        fields["counts"] = .ints(histogram.counts)
        writer.literal(",\"kind\":\"histogram\",\"histogram\":")
        writer.object(fields)
    }

    private func exemplars(_ exemplars: [MetricPoint.Exemplar], _ writer: inout JSONWriter) {
        guard !exemplars.isEmpty else { return }
        writer.literal(",\"exemplars\":[")
        for (place, exemplar) in exemplars.enumerated() {
            writer.literal(place == 0 ? "{\"value\":" : ",{\"value\":")
            writer.value(.double(exemplar.value))
            writer.member("time_ns", exemplar.time)
            writer.literal(",\"trace_id\":\"")
            writer.reserve(64)
            writer.hexadecimal(exemplar.span.traceID.high)
            writer.hexadecimal(exemplar.span.traceID.low)
            writer.raw("\",\"span_id\":\"")
            writer.hexadecimal(exemplar.span.spanID.value)
            writer.raw("\"}")
        }
        writer.literal("]")
    }
}
