internal import OneLoggerCore
internal import OneLoggerText

/// Single fields of a line.
extension RecordDecoder {
    static var zero: Timestamp { Timestamp(nanoseconds: 0) }

    static func text(_ value: JSONValue, _ name: String) throws(RecordProblem) -> String {
        guard let text = value[name]?.string else { throw RecordProblem(reason: "'\(name)' is missing or no text") }
        return text
    }

    static func elements(_ value: JSONValue?) -> [JSONValue] {
        if case .array(let elements) = value { elements } else { [] }
    }

    static func attributes(_ value: JSONValue?, without reserved: String = "") -> Attributes {
        guard case .object(let members) = value else { return [:] }
        var result = Attributes()
        for member in members where reserved.isEmpty || member.name != reserved {
            if let attribute = member.value.attribute { result[member.name] = attribute }
        }
        return result
    }

    static func time(_ value: JSONValue?) -> Timestamp? {
        value?.int.map { Timestamp(nanoseconds: UInt64(clamping: $0)) }
    }

    /// The time of one of the reference's events.
    static func moment(_ attributes: JSONValue?) -> Timestamp? {
        nanoseconds(ofMilliseconds: attributes?["timestamp_msec"]).map { Timestamp(nanoseconds: $0) }
    }

    static func nanoseconds(ofMilliseconds value: JSONValue?) -> UInt64? {
        switch value {
        case .int(let number):
            let (product, overflow) = UInt64(clamping: number).multipliedReportingOverflow(by: 1_000_000)
            return overflow ? .max : product
        case .double(let number): return Timestamp(secondsSince1970: number / 1000).nanoseconds
        default: return nil
        }
    }

    /// The span under `name`, and its trace where the line knows it.
    static func context(_ value: JSONValue, _ name: String) throws(RecordProblem) -> SpanContext {
        var trace = TraceID(high: 0, low: 0)
        if let text = value["trace_id"]?.string {
            guard let halves = hexadecimal(text), text.utf8.count == 32 else {
                throw RecordProblem(reason: "'trace_id' is not 32 hexadecimal digits")
            }
            trace = TraceID(high: halves.high, low: halves.low)
        }
        return SpanContext(traceID: trace, spanID: SpanID(try id(value, name)))
    }

    /// 16 hexadecimal digits; of a UUID, which the reference uses, the last 16.
    static func id(_ value: JSONValue, _ name: String) throws(RecordProblem) -> UInt64 {
        guard let text = value[name]?.string, let halves = hexadecimal(text) else {
            throw RecordProblem(reason: "'\(name)' is missing, or neither 16 hexadecimal digits nor a UUID")
        }
        return halves.low
    }

    /// 16 or 32 hexadecimal digits, with dashes anywhere.
    private static func hexadecimal(_ text: String) -> (high: UInt64, low: UInt64)? {
        var high: UInt64 = 0, low: UInt64 = 0, count = 0
        for byte in text.utf8 where byte != 45 {
            guard let digit = hexadecimalDigit(byte) else { return nil }
            high = high &<< 4 | low &>> 60
            low = low &<< 4 | UInt64(digit)
            count += 1
        }
        return count == 16 || count == 32 ? (high, low) : nil
    }
}
