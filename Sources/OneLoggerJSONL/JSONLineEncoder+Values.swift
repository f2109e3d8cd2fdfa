package import OneLoggerCore
package import OneLoggerText

/// Lines made from ordinary values: the header and notices. They are few, so they may allocate.
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

    mutating func close(_ writer: inout JSONWriter) {
        writer.reserve(128)
        finish(&writer)
    }
}

extension JSONWriter {
    /// A literal; makes room itself.
    mutating func literal(_ text: StaticString) {
        reserve(text.utf8CodeUnitCount)
        raw(text)
    }

    /// `,"name":nanoseconds`; makes room itself.
    mutating func member(_ name: StaticString, _ time: Timestamp) {
        literal(",\"")
        literal(name)
        literal("\":")
        reserve(32)
        decimal(time.nanoseconds)
    }
}
