import Foundation
import OneLoggerTestSupport
import Testing

/// A program that sends OTLP, from its configuration to what arrives.
@Suite(.timeLimit(.minutes(15))) struct OTLPTests {
    private let folder = TemporaryFolder()
    private let id = UUID().uuidString

    @Test(arguments: ["http/protobuf", "grpc"])
    func `forked children send over connections of their own, and leave their parent's alone`(name: String) throws {
        let receiver = try #require(Receiver.shared)
        let file = folder.write(
            """
            recorder: {shutdown_timeout_s: 30}
            exporters:
              - type: otlp
                config:
                  endpoint: "http://127.0.0.1:\(name == "grpc" ? receiver.grpc : receiver.http)"
                  protocol: \(name)
                  signals: [traces]
                  headers: {x-test: "\(id)"}
            """, to: "a.yaml")
        #expect(try ChildProcess("OneLoggerTestWorker", ["fork", "3", file]).finish().end == .exit(0))
        let requests = receiver.got(id) { $0.flatMap(\.names).count >= 5 }
        #expect(requests.flatMap(\.names).sorted() == ["after", "before", "child", "child", "child"])
        let parents = requests.filter { !$0.names.contains("child") }.map(\.peer)
        let children = requests.filter { $0.names.contains("child") }.map(\.peer)
        #expect(Set(parents).count == 1 && Set(children).count == 3 && Set(children).isDisjoint(with: parents))
    }

    @Test(arguments: ["http/protobuf", "http/json", "grpc"])
    func `with the example configuration and the standard variables, every span arrives`(name: String) throws {
        let receiver = try #require(Receiver.shared)
        let child = try ChildProcess(
            "OneLoggerTestWorker", ["return", "1000", "\(packageFolder)/Configs/otlp.yaml"],
            variables: [
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(name == "grpc" ? receiver.grpc : receiver.http)",
                "OTEL_EXPORTER_OTLP_PROTOCOL": name, "OTEL_EXPORTER_OTLP_HEADERS": "x-test=\(id)",
            ], errors: folder("errors"))
        #expect(child.finish().end == .exit(0))
        let spans = steps(receiver, count: 1000)
        #expect(spans == 1000)
        if name != "grpc" { #expect(receiver.got(id).allSatisfy { $0.headers["content-encoding"] == "gzip" }) }
        #expect(folder.text("errors") == "")
    }

    /// How many steps arrived, when there are enough.
    private func steps(_ receiver: Receiver, count: Int) -> Int {
        let found = receiver.got(id) { $0.flatMap(\.names).count { $0 == "step" } >= count }
        return found.filter { $0.signal == "traces" }.flatMap(\.names).count { $0 == "step" }
    }

    @Test func `with a server that is away, a program ends in time and says one line`() throws {
        let config = folder.write(
            """
            recorder: {shutdown_timeout_s: 1}
            exporters: [{type: otlp, config: {endpoint: "http://127.0.0.1:1", retry: {total_s: 0.05}}}]
            """, to: "a.yaml")
        let child = try ChildProcess("OneLoggerTestWorker", ["shutdown", "500", config], errors: folder("errors"))
        let (end, output) = child.finish()
        #expect(end == .exit(0) && output.contains("otlp 0 "), "\(output)")
        let lines = folder.text("errors").split(separator: "\n")
        #expect(lines.count == 1 && lines[0].contains("exporter 'otlp' fails: http://127.0.0.1:1/v1/"), "\(lines)")
    }

    @Test func `an outage says two lines, however many batches it costs`() throws {
        // given: a server that is away
        let first = try Receiver()
        first.stop()
        let config = folder.write(
            """
            recorder: {flush_interval_ms: 10, probe_after_s: 0.1, shutdown_timeout_s: 300}
            exporters:
              - type: otlp
                config:
                  endpoint: "http://127.0.0.1:\(first.http)"
                  headers: {x-test: "\(id)", x-content: "1"}
                  retry: {total_s: 0}
            """, to: "a.yaml")
        let child = try ChildProcess("OneLoggerTestWorker", ["outage", "20", config], errors: folder("errors"))
        #expect(child.line() == "ready")
        // when it is back
        let second = try Receiver(http: first.http, grpc: first.grpc)
        defer { second.stop() }
        let (end, output) = child.finish()
        // then
        #expect(end == .exit(0) && !output.contains(" otlp 0 "), "\(output)")
        let lines = folder.text("errors").split(separator: "\n")
        try #require(lines.count == 2, "\(lines)")
        #expect(lines[0].contains("exporter 'otlp' fails: ") && lines[1].contains("exporter 'otlp' works again; "))
        // and the server itself is told what it misses
        let told = second.got(id) { $0.contains { $0.content?.contains("telemetry_data_error") == true } }
        #expect(told.contains { $0.signal == "logs" && $0.content?.contains("lost_records") == true })
    }

    @Test func `the service has the name of the configuration, of a variable, or of the program, in this order`() throws
    {
        let receiver = try #require(Receiver.shared)
        let variables = [
            "OTEL_SERVICE_NAME": "of-variable", "OTEL_RESOURCE_ATTRIBUTES": "service.name=of-list,team=vision",
        ]
        let cases: [(name: String?, variables: [String: String], expected: String)] = [
            ("of-file", variables, "of-file"), (nil, variables, "of-variable"),
            (nil, ["OTEL_RESOURCE_ATTRIBUTES": "service.name=of-list,team=vision"], "of-list"),
            (nil, [:], "OneLoggerTestWorker"),
        ]
        for (place, (name, variables, expected)) in cases.enumerated() {
            let config = folder.write(
                """
                application: {\(name.map { "name: \($0)" } ?? "")}
                recorder: {shutdown_timeout_s: 300}
                exporters:
                  - type: otlp
                    config:
                      endpoint: "http://127.0.0.1:\(receiver.http)"
                      headers: {x-test: "\(id)\(place)", x-content: "1"}
                      signals: [traces]
                """, to: "a.yaml")
            let child = try ChildProcess(
                "OneLoggerTestWorker", ["return", "1", config], variables: variables, errors: folder("errors"))
            #expect(child.finish().end == .exit(0))
            let content = try #require(receiver.got("\(id)\(place)") { !$0.isEmpty }.first?.content)
            let service = #"{"key": "service.name", "value": {"stringValue": "\#(expected)"}}"#
            #expect(content.contains(service), "\(content)")
            #expect(content.contains(#""key": "team""#) == !variables.isEmpty)
        }
    }

    @Test func `what a killed process kept on disk is sent by the next one, before its own`() throws {
        // given: a process whose server is away, and which is killed after everything was kept
        let first = try Receiver()
        first.stop()
        let config = folder.write(
            """
            recorder: {flush_interval_ms: 10, shutdown_timeout_s: 300}
            exporters:
              - type: otlp
                config:
                  endpoint: "http://127.0.0.1:\(first.http)"
                  signals: [traces]
                  headers: {x-test: "\(id)"}
                  spool: {directory: FOLDER/spool}
            """, to: "a.yaml")
        let child = try ChildProcess("OneLoggerTestWorker", ["interval", "500", config], errors: folder("errors"))
        #expect(child.line() == "ready")
        child.kill(SIGKILL)
        #expect(child.end() == .signal(SIGKILL))
        // when
        let second = try Receiver(http: first.http, grpc: first.grpc)
        defer { second.stop() }
        let next = try ChildProcess("OneLoggerTestWorker", ["exit", "7", config], errors: folder("errors"))
        #expect(next.finish().end == .exit(0))
        // then
        #expect(steps(second, count: 507) == 507)
        #expect(FileManager.default.subpaths(atPath: folder("spool")) == [])
    }

    @Test func `a program that may not send anything sends nothing and says nothing`() throws {
        let receiver = try #require(Receiver.shared)
        let config = folder.write(
            "exporters: [{type: otlp, config: {endpoint: 'http://127.0.0.1:\(receiver.http)', headers: {x-test: '\(id)'}}}]",
            to: "a.yaml")
        let child = try ChildProcess(
            "OneLoggerTestWorker", ["return", "10", config], variables: ["OTEL_SDK_DISABLED": "true"],
            errors: folder("errors"))
        #expect(child.finish().end == .exit(0))
        #expect(receiver.got(id).isEmpty && folder.text("errors") == "")
    }

    @Test func `headers are shown nowhere`() throws {
        let config = folder.write(
            """
            recorder: {shutdown_timeout_s: 1}
            exporters:
              - type: otlp
                config: {endpoint: "http://127.0.0.1:1", headers: {x-key: hunter2}, traces: {headers: {x-other: hunter2}}}
            """, to: "a.yaml")
        let explained = try ChildProcess("onelogger", ["explain", config]).finish()
        #expect(
            explained.end == .exit(0) && explained.output.contains("headers") && !explained.output.contains("hunter2"))
        let child = try ChildProcess("OneLoggerTestWorker", ["shutdown", "5", config], errors: folder("errors"))
        #expect(!child.finish().output.contains("hunter2") && !folder.text("errors").contains("hunter2"))
    }
}
