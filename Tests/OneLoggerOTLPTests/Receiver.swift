import Foundation
import OneLoggerOTLP
import OneLoggerCore
import OneLoggerTestSupport
import Synchronization
import Testing

/// What a receiver got.
struct Request: Decodable, Sendable {
    var test: String
    var signal: String
    var path: String
    var headers: [String: String]
    var names: [String]
    var size: Int
    var peer: String
    var at: Double
}

/// `Tests/Helpers/otlp_receiver.py`, which speaks all three protocols.
final class Receiver: Sendable {
    /// One for all tests.
    static let shared: Receiver? = {
        let receiver = try? Receiver()
        pidOfShared.withLock { $0 = receiver?.process.pid ?? 0 }
        atexit { pidOfShared.withLock { pid in if pid > 0 { kill(pid, SIGKILL) } } }
        return receiver
    }()
    private static let pidOfShared = Mutex<pid_t>(0)

    private struct Ports: Decodable {
        var http, grpc: Int
    }

    let process: ChildProcess
    let http: Int, grpc: Int
    private let requests = Mutex<[Request]>([])

    init(http: Int = 0, grpc: Int = 0) throws {
        process = try ChildProcess(python, ["\(packageFolder)/Tests/Helpers/otlp_receiver.py", "\(http)", "\(grpc)"])
        let line = try #require(process.line(), "make test installs what the receiver needs")
        let ports = try JSONDecoder().decode(Ports.self, from: Data(line.utf8))
        (self.http, self.grpc) = (ports.http, ports.grpc)
        Thread { [self] in
            while let line = process.line() {
                guard let request = try? JSONDecoder().decode(Request.self, from: Data(line.utf8)) else { continue }
                requests.withLock { $0.append(request) }
            }
        }.start()
    }

    func stop() {
        process.kill(SIGKILL)
        _ = process.end()
    }

    func port(_ wireProtocol: OTLPExporter.WireProtocol) -> Int { wireProtocol == .grpc ? grpc : http }

    /// What a test has sent so far.
    func got(_ test: String) -> [Request] { requests.withLock { all in all.filter { $0.test == test } } }

    /// Waits until a test has sent as much as it should; what it has sent then.
    func got(_ test: String, _ isEnough: ([Request]) -> Bool) -> [Request] {
        let limit = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < limit {
            let found = got(test)
            if isEnough(found) { return found }
            usleep(2_000)
        }
        return got(test)
    }

    /// The names of spans that arrived, when there are enough of them.
    func names(_ test: String, count: Int) -> [String] {
        got(test) { $0.flatMap(\.names).count >= count }.flatMap(\.names)
    }
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
        options.retry.total = .seconds(10)
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
