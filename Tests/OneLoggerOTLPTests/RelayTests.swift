import Foundation
import OneLoggerCore
import OneLoggerOTLP
import OneLoggerTestSupport
import Testing

/// A relay that nobody of us wrote stands between: it decodes what it gets and encodes it anew.
@Suite(.timeLimit(.minutes(2))) struct RelayTests {
    @Test(arguments: OTLPExporter.WireProtocol.allCases)
    func `what an independent relay understood arrives behind it`(wireProtocol: OTLPExporter.WireProtocol) throws {
        let receiver = try #require(Receiver.shared), folder = TemporaryFolder(), ports = try freePorts(2)
        let relay = try ChildProcess(
            try #require(agent()),
            [
                "start", "--otlp-http-endpoint", "127.0.0.1:\(ports[0])", "--otlp-grpc-endpoint",
                "127.0.0.1:\(ports[1])",
                "--exporter", "otlp", "--otlp-exporter-endpoint", "http://127.0.0.1:\(receiver.grpc)",
                "--otlp-exporter-protocol", "grpc", "--batch-timeout", "100ms",
            ], errors: folder("errors"))
        defer {
            relay.kill(SIGKILL)
            _ = relay.end()
        }
        // given: names that no other test has; the relay passes no headers on
        let mark = UUID().uuidString, count = 50
        let time = Timestamp(nanoseconds: 1_700_000_000_000_000_000)
        let batch = Batch(
            spans: (0..<count).map { number in
                let context = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(UInt64(number + 1)))
                return SpanRecord("\(mark) \(number)", context: context, start: time, end: time)
            })
        var options = OTLPExporter.Options(
            endpoint: "http://127.0.0.1:\(ports[wireProtocol == .grpc ? 1 : 0])", wireProtocol: wireProtocol)
        options.retry.initial = .milliseconds(20)
        options.retry.max = .milliseconds(50)
        // when: the first attempts may come before it listens
        var exporter = try OTLPExporter(options, ExporterContext())
        try exporter.export(batch)
        try exporter.close()
        // then
        let isOurs = { (name: String) in name.hasPrefix(mark) }
        let requests = receiver.got("") { $0.flatMap(\.names).count(where: isOurs) >= count }
        #expect(requests.flatMap(\.names).filter(isOurs).sorted() == (0..<count).map { "\(mark) \($0)" }.sorted())
    }

    private func agent() -> String? {
        let library = "\(packageFolder)/.build/venv/lib"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: library)) ?? []
        return versions.map { "\(library)/\($0)/site-packages/rotel/rotel-agent" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
