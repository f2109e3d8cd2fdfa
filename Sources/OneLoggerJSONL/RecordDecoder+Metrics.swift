internal import OneLoggerCore
internal import OneLoggerText

/// Lines of measurements.
extension RecordDecoder {
    static func metric(_ value: JSONValue) throws(RecordProblem) -> MetricPoint {
        let time = time(value["time_ns"]) ?? zero
        var point = MetricPoint(
            name: try text(value, "name"), unit: value["unit"]?.string ?? "", summary: value["summary"]?.string ?? "",
            attributes: attributes(value["attributes"]), start: self.time(value["start_ns"]) ?? time, time: time,
            value: try measurement(value))
        for exemplar in elements(value["exemplars"]) {
            guard let number = exemplar["value"]?.double else {
                throw RecordProblem(reason: "an exemplar has no 'value' that is a number")
            }
            point.exemplars.append(
                MetricPoint.Exemplar(
                    value: number, time: self.time(exemplar["time_ns"]) ?? time, span: try context(exemplar, "span_id"))
            )
        }
        return point
    }

    private static func measurement(_ value: JSONValue) throws(RecordProblem) -> MetricPoint.Value {
        switch (value["kind"]?.string, value["value"]?.double, value["histogram"]) {
        case ("sum", let number?, _): return .sum(number)
        case ("up_down_sum", let number?, _): return .upDownSum(number)
        case ("gauge", let number?, _): return .gauge(number)
        case ("histogram", _, let fields?): return .histogram(try histogram(fields))
        case ("exponential_histogram", _, let fields?): return .exponentialHistogram(try exponential(fields))
        default: throw RecordProblem(reason: "the metric has no 'kind' that fits its 'value' or 'histogram'")
        }
    }

    private static func histogram(_ fields: JSONValue) throws(RecordProblem) -> MetricPoint.Histogram {
        var histogram = MetricPoint.Histogram(bounds: elements(fields["bounds"]).compactMap(\.double))
        histogram.counts = elements(fields["counts"]).compactMap(\.int)
        guard histogram.counts.count == histogram.bounds.count + 1 else {
            throw RecordProblem(reason: "'histogram.counts' must hold one number more than 'histogram.bounds'")
        }
        histogram.count = fields["count"]?.int ?? 0
        histogram.sum = fields["sum"]?.double ?? 0
        histogram.min = fields["min"]?.double
        histogram.max = fields["max"]?.double
        return histogram
    }

    private static func exponential(_ fields: JSONValue) throws(RecordProblem) -> MetricPoint.ExponentialHistogram {
        guard let scale = fields["scale"]?.int, (-11...20).contains(scale) else {
            throw RecordProblem(reason: "'histogram.scale' is missing or not from -11 to 20")
        }
        func buckets(_ side: String) -> MetricPoint.ExponentialHistogram.Buckets {
            .init(
                offset: fields[side + "_offset"]?.int ?? 0,
                counts: elements(fields[side + "_counts"]).compactMap(\.int))
        }
        return .init(
            count: fields["count"]?.int ?? 0, sum: fields["sum"]?.double ?? 0, min: fields["min"]?.double,
            max: fields["max"]?.double, scale: scale, zeroCount: fields["zero_count"]?.int ?? 0,
            zeroThreshold: fields["zero_threshold"]?.double ?? 0, positive: buckets("positive"),
            negative: buckets("negative"))
    }
}
