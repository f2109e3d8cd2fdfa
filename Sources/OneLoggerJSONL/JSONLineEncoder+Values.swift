package import OneLoggerCore

/// Lines made from ordinary values: the header, notices and metrics. They are few, so they may allocate.
extension JSONLineEncoder {
    /// What the header calls the format, and its version; a reader refuses neither a later version nor unknown fields.
    package static let format = "onelogger.jsonl"
    package static let version = 1

    /// Appends the line that says what wrote the following ones.
    package mutating func appendHeader(_ resource: Resource, at time: Timestamp, to writer: inout JSONWriter) {
        writer.literal("{\"type\":\"header\",\"format\":\"onelogger.jsonl\",\"version\":1,\"resource\":")
        writer.object(resource.attributes)
        writer.member("time_ns", time)
        close(&writer)
    }

    /// Appends the line that says that data are missing.
    ///
    /// The notice's own names win over equal ones of its attributes.
    package mutating func append(_ notice: TelemetryDataError, to writer: inout JSONWriter) {
        writer.literal(
            "{\"type\":\"telemetry_data_error\",\"error\":{\"name\":\"telemetry_data_error\",\"attributes\":")
        var all: Attributes = [
            "error_message": .string(notice.message),
            "telemetry_data_error_type": .string(notice.kind.rawValue),
            "lost_records": .int(notice.lostRecords),
            "first_time_ns": .int(Int(clamping: notice.firstTime.nanoseconds)),
            "last_time_ns": .int(Int(clamping: notice.time.nanoseconds)),
        ]
        for (key, value) in notice.attributes where all[key] == nil { all[key] = value }
        all["timestamp_msec"] = nil
        all["timestamp_msec"] = .int(notice.time.milliseconds)
        writer.object(all)
        writer.literal("}")
        close(&writer)
    }

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

    private mutating func close(_ writer: inout JSONWriter) {
        writer.reserve(128)
        finish(&writer)
    }
}

extension JSONWriter {
    /// A literal; makes room itself.
    fileprivate mutating func literal(_ text: StaticString) {
        reserve(text.utf8CodeUnitCount)
        raw(text)
    }

    /// `,"name":nanoseconds`; makes room itself.
    fileprivate mutating func member(_ name: StaticString, _ time: Timestamp) {
        literal(",\"")
        literal(name)
        literal("\":")
        reserve(32)
        decimal(time.nanoseconds)
    }
}
