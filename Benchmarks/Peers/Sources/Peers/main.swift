import Foundation
import Glibc
import OneLogger
@_spi(Benchmarks) import OneLoggerOTLP
import SwiftProtobuf

/// The encoder of OTLP beside SwiftProtobuf, for the same request of 2,000 spans, in one run, turn by turn.
///
/// Exits 1 when the two do not write the same bytes.
typealias ExportRequest = Opentelemetry_Proto_Collector_Trace_V1_ExportTraceServiceRequest
typealias Span = Opentelemetry_Proto_Trace_V1_Span
typealias KeyValue = Opentelemetry_Proto_Common_V1_KeyValue

/// Three attributes: an integer, a number with 17 digits, a short text.
let records = (0..<2_000).map { i in
    let time = UInt64(1_795_220_211_888_000_000 + i * 1_000)
    return SpanRecord(
        "train.step",
        context: SpanContext(
            traceID: TraceID(high: 0x4bf9_2f35_77b3_4da6, low: 0xa3ce_929d_0e0e_4736),
            spanID: SpanID(0x53ce_929d_0e0e_0000 + UInt64(i))),
        parentID: SpanID(0x00f0_67aa_0ba9_02b7), start: Timestamp(nanoseconds: time),
        end: Timestamp(nanoseconds: time + 950),
        attributes: [
            "step": .int(i), "loss": .double(Double(i) * 0.371_234_567_890_123), "worker": .string("worker-\(i % 8)"),
        ])
}
let batch = Batch(spans: records)
var encoder = EncoderBenchmark(json: false, resource: Resource(serviceName: "bench"))

/// What one of them takes for a span: the median and nearly the least of many turns.
///
/// Unit: nanoseconds.
struct Cost {
    var times: [Double] = []
    mutating func add(_ body: () throws -> Int) rethrows {
        let start = now()
        let size = try body(), time = now() - start
        precondition(size > 0)
        times.append(Double(time) / Double(records.count))
    }
    var text: String {
        let sorted = times.sorted()
        return "\(rounded(sorted[sorted.count / 2])) ns per span, near-min \(rounded(sorted[sorted.count / 100]))"
    }
    private func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
    private func rounded(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}

func bytes(_ id: UInt64...) -> Data {
    var data = Data()
    for part in id { withUnsafeBytes(of: part.bigEndian) { data.append(contentsOf: $0) } }
    return data
}

func attribute(_ key: String, _ value: Opentelemetry_Proto_Common_V1_AnyValue.OneOf_Value) -> KeyValue {
    KeyValue.with {
        $0.key = key
        $0.value.value = value
    }
}

/// The tree of messages that SwiftProtobuf writes, from the same values.
func tree(_ frame: ExportRequest) -> ExportRequest {
    var request = frame
    request.resourceSpans[0].scopeSpans[0].spans = records.map { record in
        Span.with {
            $0.traceID = bytes(record.context.traceID.high, record.context.traceID.low)
            $0.spanID = bytes(record.context.spanID.value)
            $0.parentSpanID = bytes(record.parentID.value)
            $0.name = record.name
            $0.kind = .internal
            $0.startTimeUnixNano = record.start.nanoseconds
            $0.endTimeUnixNano = record.end.nanoseconds
            $0.attributes = record.attributes.map { key, value in
                switch value {
                case .int(let number): attribute(key, .intValue(Int64(number)))
                case .double(let number): attribute(key, .doubleValue(number))
                case .string(let text): attribute(key, .stringValue(text))
                default: attribute(key, .boolValue(false))
                }
            }
            $0.flags = 0x101
        }
    }
    return request
}

var ours: [UInt8] = []
encoder.encode(batch) { body in body.withUnsafeBytes { ours = Array($0) } }
let message = try ExportRequest(serializedBytes: ours)
let theirs: [UInt8] = try message.serializedBytes()
let made: [UInt8] = try tree(message).serializedBytes()
guard theirs == ours, made == ours else {
    print("Peers: error: SwiftProtobuf writes other bytes for the same request. Look at the encoder of OTLP.")
    exit(1)
}

var encoding = Cost(), serializing = Cost(), building = Cost()
for _ in 0..<200 {
    encoding.add { encoder.encode(batch) }
    try serializing.add { try (message.serializedBytes() as [UInt8]).count }
    try building.add { try (tree(message).serializedBytes() as [UInt8]).count }
}
print("the same \(ours.count) bytes for 2,000 spans, turn by turn:")
print("OneLogger, from packed records     \(encoding.text)")
print("SwiftProtobuf, tree made before    \(serializing.text)")
print("SwiftProtobuf, tree and message    \(building.text)")
