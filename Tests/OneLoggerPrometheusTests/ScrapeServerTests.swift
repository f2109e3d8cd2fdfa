import Foundation
import OneLoggerCore
import OneLoggerPrometheus
import OneLoggerTestSupport
import Synchronization
import Testing

@Suite struct ScrapeServerTests {
    private static let openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8"
    private static let text = "text/plain; version=0.0.4; charset=utf-8"

    /// An exporter without a file, and its port.
    private func open(
        _ points: [MetricPoint] = [.sum("a", 1)], names: PrometheusExporter.Names = .prometheus
    ) throws -> (exporter: PrometheusBox, port: Int) {
        var exporter = try PrometheusExporter(.init(path: nil, names: names, listen: "127.0.0.1:0"))
        try exporter.export(Batch(metrics: points))
        let port = exporter.port
        return (PrometheusBox(exporter), port)
    }

    /// The whole answer to a request as it stands.
    private func answer(_ request: String, port: Int) throws -> String {
        guard let connection = Connection(port: port) else { throw POSIXError(.ECONNREFUSED) }
        connection.send(request)
        return connection.receive()
    }

    @Test func `a scrape gets what the file would hold, and the port that the system chose shows in it`() throws {
        let (exporter, port) = try open()
        let (head, body) = try #require(get("/metrics", port: port))
        #expect(
            head.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: \(Self.text)\r\nContent-Length: \(body.utf8.count)\r\n"))
        #expect(head.contains("\r\nConnection: close"))
        #expect(body.samples == ["a_total 1"])
        #expect(body.contains("\nonelogger_scrape_endpoint_info{address=\"127.0.0.1:\(port)\"} 1\n"))
        #expect(try promtool(body).status == .exit(0))
        #expect(get("/metrics?name[]=a", port: port)?.body.samples == ["a_total 1"])
        try exporter.close()
        #expect(get("/metrics", port: port) == nil, "the port is free again")
    }

    @Test(arguments: [
        ("", false), ("*/*", false), ("text/plain", false), ("application/openmetrics-text", true),
        (
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            true
        ),
        ("text/plain, application/openmetrics-text;q=0.5", false), ("application/openmetrics-text;q=0", false),
        ("application/openmetrics-text; version=2.0.0", false),
        ("text/html;q=0.9, APPLICATION/OpenMetrics-Text ; Q=1", true),
        ("application/openmetrics-text;q=x", false), (";;,,=", false),
    ])
    func `the client chooses the format`(accept: String, isOpenMetrics: Bool) throws {
        let (exporter, port) = try open()
        let (head, body) = try #require(get("/metrics", port: port, headers: "Accept: \(accept)\r\n"))
        #expect(head.contains("\r\nContent-Type: \(isOpenMetrics ? Self.openMetrics : Self.text)\r\n"))
        #expect(body.hasSuffix("\n# EOF\n") == isOpenMetrics)
        let samples = try parsed(body, isOpenMetrics: isOpenMetrics)
        #expect(samples.contains("counter a_total [] 1"), "\(samples)")
        try exporter.close()
    }

    @Test func `plain names have the text format only`() throws {
        let (exporter, port) = try open(names: .plain)
        let (head, body) = try #require(
            get("/metrics", port: port, headers: "Accept: application/openmetrics-text\r\n"))
        #expect(head.contains(Self.text) && body.samples == ["a 1"])
        try exporter.close()
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "404 Not Found"),
        ("GET /metrics/ HTTP/1.1\r\nHost: a\r\n\r\n", "404 Not Found"),
        ("POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", "405 Method Not Allowed"),
        ("DELETE /metrics HTTP/1.0\r\n\r\n", "405 Method Not Allowed"),
        ("GET /metrics HTTP/1.1\r\n\r\n", "400 Bad Request"),
        ("GET /metrics HTTP/2.0\r\nHost: a\r\n\r\n", "400 Bad Request"),
        ("GET /metrics\r\n\r\n", "400 Bad Request"),
        ("get /metrics HTTP/1.1\r\nHost: a\r\n\r\n", "400 Bad Request"),
        ("GET  /metrics HTTP/1.1\r\nHost: a\r\n\r\n", "400 Bad Request"),
        ("GET metrics HTTP/1.1\r\nHost: a\r\n\r\n", "400 Bad Request"),
        ("GET /metrics HTTP/1.1\r\nHost : a\r\n\r\n", "400 Bad Request"),
        ("GET /metrics HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n", "400 Bad Request"),
        ("\u{16}\u{3}\u{1}\u{0}\r\n\r\n", "400 Bad Request"),
        ("\r\n\r\n", "400 Bad Request"),
        (String(repeating: "x", count: 9000), "400 Bad Request"),
        ("GET /metrics HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 100_000))\r\n\r\n", "400 Bad Request"),
    ])
    func `what is not understood gets an answer that says so, and the next client gets its metrics`(
        request: String, status: String
    ) throws {
        let (exporter, port) = try open()
        let text = try answer(request, port: port)
        #expect(text.hasPrefix("HTTP/1.1 \(status)\r\n"), "\(text)")
        #expect(text.contains("\r\nConnection: close\r\n"))
        #expect(status.hasPrefix("405") == text.contains("\r\nAllow: GET, HEAD\r\n"))
        #expect(get("/metrics", port: port)?.body.samples == ["a_total 1"])
        try exporter.close()
    }

    @Test func `HEAD gets the length and no body`() throws {
        let (exporter, port) = try open()
        let length = try #require(get("/metrics", port: port)).body.utf8.count
        let text = try answer("HEAD /metrics HTTP/1.1\r\nHost: a\r\n\r\n", port: port)
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n") && text.hasSuffix("\r\n\r\n"))
        #expect(text.contains("\r\nContent-Length: \(length)\r\n"))
        #expect(try answer("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n", port: port).hasSuffix("\r\n\r\n"))
        try exporter.close()
    }

    @Test func `a request may come in pieces`() throws {
        let (exporter, port) = try open()
        let connection = try #require(Connection(port: port))
        for piece in ["GE", "T /metrics HTT", "P/1.1\r\nHost: a\r", "\n\r", "\n"] { connection.send(piece) }
        #expect(connection.receive().contains("\na_total 1\n"))
        try exporter.close()
    }

    @Test func `clients that say nothing, or leave, keep the next one waiting for a bounded time only`() throws {
        let (exporter, port) = try open()
        let silent = try #require(Connection(port: port))
        silent.send("GET /metrics")
        for _ in 0..<5 { try #require(Connection(port: port)).send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n") }
        #expect(get("/metrics", port: port)?.body.samples == ["a_total 1"])
        #expect(silent.receive() == "")
        try exporter.close()
    }

    @Test func `closing does not wait for a client that holds the line`() throws {
        let (exporter, port) = try open()
        let silent = try #require(Connection(port: port))
        silent.send("GET")
        let start = ContinuousClock.now
        try exporter.close()
        #expect(ContinuousClock.now - start < .seconds(2), "that is how long a client may take")
        #expect(silent.receive() == "")
    }

    @Test func `a client that reads slowly gets the whole of a large answer`() throws {
        let points = (0..<50_000).map { MetricPoint.gauge("a", 1, ["number": .int($0)]) }
        let (exporter, port) = try open(points)
        let body = try #require(get("/metrics", port: port)).body
        #expect(body.samples.count == 50_000)
        try exporter.close()
    }

    @Test func `a port in use is a clear error`() throws {
        let (exporter, port) = try open()
        let error = #expect(throws: ExportError.self) {
            _ = try PrometheusExporter(.init(path: nil, listen: "127.0.0.1:\(port)"))
        }
        #expect(
            error?.description
                == "127.0.0.1:\(port): error: the port is in use by another process or exporter: "
                + "Address already in use (errno 98).")
        try exporter.close()
        try PrometheusExporter(.init(path: nil, listen: "127.0.0.1:\(port)")).close()
    }

    @Test func `a port in use costs the endpoint, not the file, until it is free`() throws {
        let folder = TemporaryFolder()
        let (other, port) = try open()
        var exporter = try PrometheusExporter(.init(path: folder("m.prom"), listen: "127.0.0.1:\(port)"))
        let error = #expect(throws: ExportError.self) { try exporter.export(Batch(metrics: [.gauge("b", 1)])) }
        #expect(error?.description.hasPrefix("127.0.0.1:\(port): error: the port is in use") == true)
        #expect(folder.text("m.prom").samples == ["b 1"])
        try exporter.export(Batch(metrics: [.gauge("b", 2)]))
        #expect(folder.text("m.prom").samples == ["b 2"], "it is said once")
        try other.close()
        try exporter.export(Batch(metrics: [.gauge("b", 3)]))
        #expect(get("/metrics", port: port)?.body.samples == ["b 3"])
        try exporter.close()
    }

    @Test func `an exporter that is dropped without an end gives its port back`() throws {
        var port = 0
        do {
            let exporter = try PrometheusExporter(.init(path: nil, listen: "127.0.0.1:0"))
            port = exporter.port
        }
        try PrometheusExporter(.init(path: nil, listen: "127.0.0.1:\(port)")).close()
    }

    @Test func `IPv6 works`() throws {
        let exporter = try PrometheusExporter(.init(path: nil, listen: "[::1]:0"))
        let address = exporter.address ?? ""
        let child = try ChildProcess("curl", ["-s", "-g", "http://\(address)/metrics"])
        #expect(child.finish().output.contains("onelogger_scrape_endpoint_info{address=\"\(address)\"} 1"))
        try exporter.close()
    }

    @Test func `a scrape while metrics change sees one state of them`() throws {
        var exporter = try PrometheusExporter(.init(path: nil, listen: "127.0.0.1:0"))
        let port = exporter.port
        func points(_ value: Int) -> [MetricPoint] {
            (0..<200).map { .gauge("a", Double(value), ["number": .int($0)]) }
        }
        try exporter.export(Batch(metrics: points(0)))
        let isDone = Atomic(false), torn = Atomic(0)
        let thread = Thread {
            for _ in 0..<200 {
                let samples = get("/metrics", port: port)?.body.samples ?? []
                if samples.count != 200 || Set(samples.map { $0.split(separator: " ")[1] }).count != 1 {
                    torn.add(1, ordering: .relaxed)
                }
            }
            isDone.store(true, ordering: .releasing)
        }
        thread.start()
        var value = 0
        while !isDone.load(ordering: .acquiring) {
            value += 1
            try exporter.export(Batch(metrics: points(value)))
        }
        try exporter.close()
        #expect(torn.load(ordering: .relaxed) == 0 && value > 10)
    }

    @Test func `a forked child gives the port up, and keeps its own file`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            let folder = TemporaryFolder()
            let port = freePort()
            let options = PrometheusExporter.Options(path: folder("{pid}.prom"), listen: "127.0.0.1:\(port)")
            let parent = try PrometheusExporter(options, ExporterContext(resource: Resource(pid: 1)))
            // The endpoint's thread may do its first work at the fork.
            guard let asking = Connection(port: port) else { exit(11) }
            asking.send("GET /metrics HTTP/1.1\r\n\r\n")
            let pipe = Pipe(), ready = Pipe()
            let child = patientFork()
            if child == 0 {
                guard
                    let exporter = try? PrometheusExporter(
                        options, ExporterContext(resource: Resource(pid: 2), isReopening: true))
                else { _exit(3) }
                let hasEndpoint = exporter.address != nil
                guard (try? exporter.close()) != nil else { _exit(4) }
                if hasEndpoint { _exit(5) }
                var byte: UInt8 = 1
                _ = unsafe write(ready.fileHandleForWriting.fileDescriptor, &byte, 1)
                // Outlives the parent's endpoint, and ends with the parent where that fails.
                _ = close(pipe.fileHandleForWriting.fileDescriptor)
                _ = unsafe read(pipe.fileHandleForReading.fileDescriptor, &byte, 1)
                _exit(0)
            }
            guard get("/metrics", port: port) != nil else { exit(6) }
            try ready.fileHandleForWriting.close()
            guard try ready.fileHandleForReading.read(upToCount: 1)?.count == 1 else { exit(10) }
            try parent.close()
            // The child still runs, and must not hold the port.
            guard Connection(port: port) == nil else { exit(7) }
            try PrometheusExporter(.init(path: nil, listen: "127.0.0.1:\(port)")).close()
            try pipe.fileHandleForWriting.write(contentsOf: [1])
            var status: Int32 = 0
            guard unsafe waitpid(child, &status, 0) == child, status == 0 else { exit(8) }
            exit(folder.names == ["1.prom", "2.prom"] ? 0 : 9)
        }
    }
}
