import OneLoggerCore
import OneLoggerOTLP
import OneLoggerTesting
import OneLoggerTestSupport
import Testing

/// What arrives, over each of the three protocols.
@Suite(.timeLimit(.minutes(15))) struct DeliveryTests {
    typealias WireProtocol = OTLPExporter.WireProtocol

    @Test(arguments: WireProtocol.allCases)
    func `every span arrives once, in order, on one connection`(wireProtocol: WireProtocol) throws {
        let probe = try Probe(wireProtocol)
        #expect(probe.run(spans(0..<3), spans(3..<5), spans(5..<1000), spans(1000..<1001)) == [nil, nil, nil, nil])
        #expect(probe.receiver.names(probe.id, count: 1001) == names(0..<1001))
        let requests = probe.got()
        #expect(requests.count == 4 && Set(requests.map(\.peer)).count == 1)
    }

    @Test(arguments: WireProtocol.allCases)
    func `each kind of telemetry goes its own way`(wireProtocol: WireProtocol) throws {
        let probe = try Probe(wireProtocol)
        #expect(probe.run(everyKind()) == [nil])
        let requests = probe.got { $0.count >= 3 }
        #expect(Set(requests.map(\.signal)) == ["traces", "metrics", "logs"] && requests.count == 3)
        for request in requests {
            if wireProtocol != .grpc { #expect(request.path == "/v1/\(request.signal)") }
            #expect(request.names.count == 1)
        }
    }

    @Test func `the content type says what the body is, and the user agent who sends it`() throws {
        for (wireProtocol, type) in [
            (WireProtocol.httpProtobuf, "application/x-protobuf"), (.httpJSON, "application/json"),
        ] {
            let probe = try Probe(wireProtocol)
            #expect(probe.run(spans(0..<1)) == [nil])
            let headers = try #require(probe.got { !$0.isEmpty }.first).headers
            #expect(headers["content-type"] == type && headers["content-encoding"] == nil)
            #expect(headers["user-agent"] == "OTel-OTLP-Exporter-OneLogger" && headers["expect"] == nil)
        }
    }

    @Test(arguments: WireProtocol.allCases)
    func `each header goes with every request`(wireProtocol: WireProtocol) throws {
        var probe = try Probe(wireProtocol)
        probe.change { $0.headers.merge(["x-team": "a b=c,d", "authorization": "Bearer abc"]) { $1 } }
        #expect(probe.run(spans(0..<1), spans(1..<2)) == [nil, nil])
        let requests = probe.got { $0.count >= 2 }
        #expect(requests.count == 2)
        for request in requests {
            #expect(request.headers["x-team"] == "a b=c,d" && request.headers["authorization"] == "Bearer abc")
        }
    }

    @Test(arguments: [WireProtocol.httpProtobuf, .httpJSON])
    func `with gzip the body is smaller, and says so`(wireProtocol: WireProtocol) throws {
        var sizes: [Int] = []
        for compression in [OTLPExporter.Compression.none, .gzip] {
            var probe = try Probe(wireProtocol)
            probe.change { $0.compression = compression }
            #expect(probe.run(spans(0..<500), spans(500..<600)) == [nil, nil])
            #expect(probe.receiver.names(probe.id, count: 600) == names(0..<600))
            let request = try #require(probe.got().first)
            #expect(request.headers["content-encoding"] == (compression == .gzip ? "gzip" : nil))
            sizes.append(request.size)
        }
        #expect(sizes.count == 2 && sizes[1] < sizes[0] / 2)
    }

    @Test(arguments: WireProtocol.allCases)
    func `a request holds no more records and no more bytes than allowed`(wireProtocol: WireProtocol) throws {
        var probe = try Probe(wireProtocol)
        probe.options.maxBatchRecords = 100
        #expect(probe.run(spans(0..<1050)) == [nil])
        #expect(probe.receiver.names(probe.id, count: 1050) == names(0..<1050))
        #expect(probe.got().count == 11 && probe.got().allSatisfy { $0.names.count <= 100 })
        probe = try Probe(wireProtocol)
        probe.options.maxBatchBytes = 10_000
        #expect(probe.run(spans(0..<1000)) == [nil])
        #expect(probe.receiver.names(probe.id, count: 1000) == names(0..<1000))
        if wireProtocol != .httpJSON { #expect(probe.got().allSatisfy { $0.size <= 10_000 }) }
        #expect(probe.got().count > 1)
    }

    @Test(arguments: WireProtocol.allCases)
    func `the exporter keeps the contract`(wireProtocol: WireProtocol) throws {
        let options = try Probe(wireProtocol).options
        #expect(
            ExporterContract.violations { () throws(ExportError) in try OTLPExporter(options, ExporterContext()) } == []
        )
    }

    @Test(arguments: WireProtocol.allCases)
    func `each server has one connection, which is kept`(wireProtocol: WireProtocol) throws {
        // One client keeps two connections, so it takes a third server to see that each has a client of its own.
        let probe = try Probe(wireProtocol), second = try Receiver(), third = try Receiver()
        defer {
            second.stop()
            third.stop()
        }
        var options = probe.options
        options.metrics = try Probe(wireProtocol, receiver: second).options.metrics
        options.metrics?.headers["x-test"] = probe.id
        options.logs = try Probe(wireProtocol, receiver: third).options.logs
        options.logs?.headers["x-test"] = probe.id
        var exporter = try OTLPExporter(options, ExporterContext())
        for _ in 0..<3 { try exporter.export(everyKind()) }
        try exporter.close()
        for receiver in [probe.receiver, second, third] {
            let requests = receiver.got(probe.id) { $0.count >= 3 }
            #expect(requests.count == 3 && Set(requests.map(\.peer)).count == 1)
        }
        let shared = try Probe(wireProtocol)
        #expect(shared.run(everyKind(), everyKind()) == [nil, nil])
        let requests = shared.got { $0.count >= 6 }
        #expect(requests.count == 6 && Set(requests.map(\.peer)).count == 1, "kinds with one server share it")
    }

    @Test func `kinds of telemetry go to different servers in different ways at once`() throws {
        let probe = try Probe(), receiver = probe.receiver
        var options = probe.options
        options.metrics = .init(url: "http://127.0.0.1:\(receiver.http)/custom/metrics", wireProtocol: .httpJSON)
        options.metrics?.headers = ["x-test": probe.id]
        options.logs = nil
        var exporter = try OTLPExporter(options, ExporterContext())
        try exporter.export(everyKind())
        try exporter.close()
        let requests = probe.got { $0.count >= 2 }
        #expect(requests.map(\.path).sorted() == ["/custom/metrics", "/v1/traces"])
        #expect(requests.first { $0.signal == "metrics" }?.headers["content-type"] == "application/json")
    }
}
