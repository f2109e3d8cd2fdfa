import Foundation
import OneLoggerCore
import OneLoggerOTLP
import OneLoggerTestSupport
import Testing

extension Receiver {
    func port(_ wireProtocol: OTLPExporter.WireProtocol) -> Int { wireProtocol == .grpc ? grpc : http }
}

/// One test's exporter and what its receiver says.
struct Probe {
    let receiver: Receiver
    let id = UUID().uuidString
    var options: OTLPExporter.Options

    init(
        _ wireProtocol: OTLPExporter.WireProtocol = .httpProtobuf, script: String = "[]", always: String? = nil,
        port: Int? = nil, receiver: Receiver? = nil
    ) throws {
        self.receiver = try receiver ?? #require(Receiver.shared)
        var headers = ["x-test": id, "x-script": script]
        if let always { headers["x-always"] = always }
        options = OTLPExporter.Options(
            endpoint: "http://127.0.0.1:\(port ?? self.receiver.port(wireProtocol))", wireProtocol: wireProtocol,
            headers: headers)
        options.retry.initial = .milliseconds(5)
        options.retry.max = .milliseconds(20)
        // A machine with more to do than this may be slow.
        options.retry.total = .seconds(60)
        change { $0.timeout = .seconds(60) }
    }

    /// Changes all destinations.
    mutating func change(_ body: (inout OTLPExporter.Destination) -> Void) {
        if var traces = options.traces { body(&traces); options.traces = traces }
        if var metrics = options.metrics { body(&metrics); options.metrics = metrics }
        if var logs = options.logs { body(&logs); options.logs = logs }
    }

    /// Exports, closes, and says what went wrong with each batch, then with the close.
    func run(_ batches: Batch..., context: ExporterContext = ExporterContext()) -> [ExportError?] {
        do throws(ExportError) {
            var exporter = try OTLPExporter(options, context)
            var errors: [ExportError?] = []
            for batch in batches {
                do throws(ExportError) {
                    try exporter.export(batch)
                    errors.append(nil)
                } catch { errors.append(error) }
            }
            do throws(ExportError) { try exporter.close() } catch { errors.append(error) }
            return errors
        } catch { return [error] }
    }

    func got(_ isEnough: ([Request]) -> Bool = { _ in true }) -> [Request] { receiver.got(id, isEnough) }
}

/// Spans with numbered names.
func spans(_ numbers: Range<Int>) -> Batch {
    Batch(
        spans: numbers.map { number in
            SpanRecord(
                "span \(number)",
                context: SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(UInt64(number + 1))),
                start: Timestamp(nanoseconds: 1_700_000_000_000_000_000),
                end: Timestamp(nanoseconds: 1_700_000_000_001_000_000))
        })
}

func names(_ numbers: Range<Int>) -> [String] { numbers.map { "span \($0)" } }

/// Spans, a measurement and an event.
func everyKind() -> Batch {
    let time = Timestamp(nanoseconds: 1_700_000_000_000_000_000)
    let context = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3))
    return Batch(
        [
            .span(SpanRecord("one", context: context, start: time, end: time)),
            .event(SpanEventRecord(Event("happened", at: time), span: context)),
            .metric(MetricPoint(name: "speed", start: time, time: time, value: .gauge(1))),
        ])
}

extension ExportError {
    /// How many records a partial loss concerns; nil for other errors.
    var lost: Int? { if case .partial(_, let lost, _) = self { lost } else { nil } }
    var isUnavailable: Bool { if case .unavailable = self { true } else { false } }
    var isRejected: Bool { if case .rejected = self { true } else { false } }
}
