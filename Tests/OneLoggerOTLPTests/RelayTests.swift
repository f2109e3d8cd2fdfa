import Foundation
import OneLoggerCore
import OneLoggerTestSupport
import Testing

@testable import OneLoggerOTLP

/// A relay that nobody of us wrote stands between: it decodes what it gets and encodes it anew.
@Suite(.timeLimit(.minutes(15))) struct RelayTests {
    @Test(arguments: OTLPExporter.WireProtocol.allCases)
    func `what an independent relay understood arrives behind it`(wireProtocol: OTLPExporter.WireProtocol) throws {
        let mark = UUID().uuidString
        let receiver = try #require(Receiver.shared), folder = TemporaryFolder(), ports = try freePorts(2)
        let relay = try ChildProcess(
            try #require(agent()),
            [
                "start", "--otlp-http-endpoint", "127.0.0.1:\(ports[0])", "--otlp-grpc-endpoint",
                "127.0.0.1:\(ports[1])",
                "--exporter", "otlp", "--otlp-exporter-endpoint", "http://127.0.0.1:\(receiver.grpc)",
                "--otlp-exporter-protocol", "grpc", "--batch-timeout", "100ms",
                "--otlp-exporter-custom-headers", "x-test=\(mark),x-content=1",
            ], errors: folder("errors"))
        defer {
            relay.kill(SIGKILL)
            _ = relay.end()
        }
        // given
        var random = RandomRecords(seed: 12)
        // Infinite numbers are texts in JSON, which the relay cannot read.
        let records = (0..<150).map { _ in random.record() }
            .filter { wireProtocol != .httpJSON || !"\($0)".contains("inf") }
        let batch = Batch(records, resource: Resource(serviceName: mark, customMetadata: ["team": "vision"]))
        let (spans, logs) = Expected.items(batch)
        var options = OTLPExporter.Options(
            endpoint: "http://127.0.0.1:\(ports[wireProtocol == .grpc ? 1 : 0])", wireProtocol: wireProtocol)
        options.retry.initial = .milliseconds(20)
        options.retry.total = .seconds(60)
        options.retry.max = .milliseconds(50)
        // when: the first attempts may come before it listens
        var exporter = try OTLPExporter(options, ExporterContext())
        try exporter.export(batch)
        try exporter.close()
        // then
        let requests = receiver.got(mark) { $0.flatMap(\.names).count >= records.count }
        func items(_ signal: OTLPSignal) throws -> [JSON] {
            try requests.filter { $0.signal == signal.rawValue }.flatMap { try JSON($0.content ?? "").items }
        }
        #expect(try items(.traces).map(\.description).sorted() == spans.map(\.description).sorted())
        #expect(try items(.logs).map(\.description).sorted() == logs.map(\.description).sorted())
        for request in requests {
            let attributes = try JSON(request.content ?? "").resource.attributes
            #expect(attributes["service.name"] == JSON(["stringValue": mark]))
            #expect(attributes["team"] == JSON(["stringValue": "vision"]))
        }
    }

    private func agent() -> String? {
        let library = "\(packageFolder)/.build/venv/lib"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: library)) ?? []
        return versions.map { "\(library)/\($0)/site-packages/rotel/rotel-agent" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
