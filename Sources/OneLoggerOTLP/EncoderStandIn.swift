internal import OneLoggerCore

// A stand-in until the encoder is there: names of spans only, and the counts of everything else.

struct OTLPEncoder {
    struct Limits {
        var records: Int = 2_000
        var bytes: Int
    }
    enum Temporality { case cumulative, delta }

    let format: OTLPFormat, signals: Set<OTLPSignal>, limits: Limits

    init(
        format: OTLPFormat, signals: Set<OTLPSignal>, limits: Limits, temporality: Temporality, resource: Resource
    ) {
        self.format = format
        self.signals = signals
        self.limits = limits
    }

    mutating func messages(_ batch: Batch) -> [OTLPMessage] {
        var names: [OTLPSignal: [String]] = [:]
        batch.forEach { record in
            let signal: OTLPSignal = record.kind == .event ? .logs : .traces
            if record.kind != .start { names[signal, default: []].append(String(copying: record.name)) }
        }
        names[.logs, default: []] += batch.dataErrors.map(\.message)
        names[.metrics, default: []] += batch.metrics.map(\.name)
        return OTLPSignal.allCases.flatMap { signal -> [OTLPMessage] in
            guard signals.contains(signal), let all = names[signal] else { return [] }
            var result: [OTLPMessage] = [], part: [String] = [], bytes = 0
            for name in all {
                if part.count >= limits.records || bytes + name.utf8.count + 64 > limits.bytes, !part.isEmpty {
                    result.append(Self.message(signal, format, part))
                    (part, bytes) = ([], 0)
                }
                part.append(name)
                bytes += name.utf8.count + 64
            }
            return part.isEmpty ? result : result + [Self.message(signal, format, part)]
        }
    }

    static func message(_ signal: OTLPSignal, _ format: OTLPFormat, _ names: [String]) -> OTLPMessage {
        OTLPMessage(
            signal: signal, format: format, body: format == .json ? json(signal, names) : protobuf(signal, names),
            recordCount: names.count)
    }

    private static func protobuf(_ signal: OTLPSignal, _ names: [String]) -> [UInt8] {
        func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
            var count = bytes.count, length: [UInt8] = []
            repeat {
                length.append(UInt8(count & 0x7f) | (count > 0x7f ? 0x80 : 0))
                count >>= 7
            } while count > 0
            return [number << 3 | 2] + length + bytes
        }
        let items = names.flatMap { name in
            switch signal {
            case .traces:
                field(
                    2,
                    field(1, [UInt8](repeating: 1, count: 16)) + field(2, [1, 2, 3, 4, 5, 6, 7, 8])
                        + field(5, Array(name.utf8)))
            case .metrics: field(2, field(1, Array(name.utf8)))
            case .logs: field(2, field(5, field(1, Array(name.utf8))))
            }
        }
        return field(1, field(2, items))
    }

    private static func json(_ signal: OTLPSignal, _ names: [String]) -> [UInt8] {
        let keys: (String, String, String) =
            switch signal {
            case .traces: ("resourceSpans", "scopeSpans", "spans")
            case .metrics: ("resourceMetrics", "scopeMetrics", "metrics")
            case .logs: ("resourceLogs", "scopeLogs", "logRecords")
            }
        let items = names.map { name in
            signal == .logs
                ? "{\"body\":{\"stringValue\":\"\(name)\"}}"
                : signal == .traces
                    ? "{\"traceId\":\"0102030405060708090a0b0c0d0e0f10\",\"spanId\":\"0102030405060708\",\"name\":\"\(name)\"}"
                    : "{\"name\":\"\(name)\"}"
        }
        return Array("{\"\(keys.0)\":[{\"\(keys.1)\":[{\"\(keys.2)\":[\(items.joined(separator: ","))]}]}]}".utf8)
    }
}

extension OTLPMessage {
    func split() -> (OTLPMessage, OTLPMessage)? {
        guard recordCount > 1, format == .protobuf else { return nil }
        var names: [String] = []
        func inner(_ bytes: ArraySlice<UInt8>, _ number: Int) -> [ArraySlice<UInt8>] {
            var reader = ProtobufReader(bytes), result: [ArraySlice<UInt8>] = []
            while let field = reader.next() {
                if field.number == number, case .bytes(let bytes) = field.value { result.append(bytes) }
            }
            return result
        }
        for resource in inner(body[...], 1) {
            for scope in inner(resource, 2) {
                for item in inner(scope, 2) {
                    names += inner(item, signal == .traces ? 5 : 1).map { String(decoding: $0, as: UTF8.self) }
                }
            }
        }
        let half = names.count / 2
        return (
            OTLPEncoder.message(signal, format, Array(names[..<half])),
            OTLPEncoder.message(signal, format, Array(names[half...]))
        )
    }
}
