import Foundation
import OneLoggerCore
import OneLoggerOTLP
import OneLoggerTestSupport
import Testing

/// nginx in front of the receiver: TLS, mutual TLS, HTTP/2 for gRPC, and a limit of requests.
final class Front: Sendable {
    static let shared: Front? = {
        let front = try? Front()
        unsafe pidOfFront = front?.process.pid ?? 0
        atexit { if unsafe pidOfFront > 0 { unsafe kill(pidOfFront, SIGTERM) } }
        return front
    }()

    let folder = TemporaryFolder()
    let process: ChildProcess
    /// TLS for HTTP, TLS for gRPC, mutual TLS for both, and plain HTTP with a limit.
    let http: Int, grpc: Int, mutual: Int, mutualGRPC: Int, limited: Int, plainGRPC: Int

    /// The certificate authority's certificate; `client.pem` and `client.key` lie beside it.
    var authority: String { folder("ca.pem") }

    init() throws {
        let receiver = try #require(Receiver.shared)
        let folder = self.folder
        func openssl(_ words: String) throws {
            let command = words.split(separator: " ").map { String($0.map { $0 == "@" ? "/" : $0 }) }
            let child = try ChildProcess("openssl", command, errors: folder("openssl.log"))
            try #require(child.finish().end == .exit(0), "\(folder.text("openssl.log"))")
        }
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
        try openssl("req -x509 \(key) -subj @CN=test-ca -keyout \(folder("ca.key")) -out \(folder("ca.pem"))")
        folder.write("subjectAltName=DNS:localhost,IP:127.0.0.1\n", to: "names")
        for name in ["server", "client"] {
            let file = folder(name)
            try openssl("req \(key) -subj @CN=\(name) -keyout \(file).key -out \(file).csr")
            try openssl(
                "x509 -req -in \(file).csr -CA \(folder("ca.pem")) -CAkey \(folder("ca.key")) -CAcreateserial -days 2 "
                    + "-extfile \(folder("names")) -out \(file).pem")
        }
        let ports = try freePorts(6)
        (http, grpc, mutual, mutualGRPC, limited, plainGRPC) = (
            ports[0], ports[1], ports[2], ports[3], ports[4], ports[5]
        )
        let tls =
            "ssl_certificate FOLDER/server.pem; ssl_certificate_key FOLDER/server.key; ssl_protocols TLSv1.2 TLSv1.3;"
        let mutualTLS = tls + " ssl_client_certificate FOLDER/ca.pem; ssl_verify_client on;"
        let toHTTP =
            "location / { proxy_pass http://127.0.0.1:\(receiver.http); proxy_http_version 1.1; "
            + "proxy_set_header x-client $ssl_client_s_dn; proxy_set_header x-protocol $server_protocol; }"
        let toGRPC =
            "location / { grpc_pass grpc://127.0.0.1:\(receiver.grpc); "
            + "grpc_set_header x-client $ssl_client_s_dn; grpc_set_header x-encoding $http_grpc_encoding; }"
        let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path FOLDER/\($0);" }
        folder.write(
            """
            daemon off; master_process off; pid FOLDER/pid; error_log FOLDER/error.log;
            events { worker_connections 128; }
            http {
              access_log off; client_max_body_size 64m; \(paths.joined(separator: " "))
              limit_req_zone $server_name zone=slow:64k rate=5r/s; limit_req_status 429;
              server { listen 127.0.0.1:\(http) ssl http2; \(tls) \(toHTTP) }
              server { listen 127.0.0.1:\(grpc) ssl http2; \(tls) \(toGRPC) }
              server { listen 127.0.0.1:\(mutual) ssl; \(mutualTLS) \(toHTTP) }
              server { listen 127.0.0.1:\(mutualGRPC) ssl http2; \(mutualTLS) \(toGRPC) }
              server { listen 127.0.0.1:\(limited); limit_req zone=slow; \(toHTTP) }
              server { listen 127.0.0.1:\(plainGRPC) http2; \(toGRPC) }
            }
            """, to: "nginx.conf")
        process = try ChildProcess(
            "nginx", ["-p", folder.path, "-c", folder("nginx.conf"), "-e", folder("error.log")],
            errors: folder("errors"))
        _ = eventually(within: .seconds(30)) { FileManager.default.fileExists(atPath: folder("pid")) }
    }
}

nonisolated(unsafe) private var pidOfFront: pid_t = 0

@Suite(.timeLimit(.minutes(15))) struct TLSTests {
    typealias WireProtocol = OTLPExporter.WireProtocol

    private func probe(_ wireProtocol: WireProtocol, _ port: Int, _ scheme: String = "https") throws -> Probe {
        var probe = try Probe(wireProtocol, port: port)
        probe.options.retry.total = .seconds(60)
        probe.change { $0.url = scheme + $0.url.drop { $0 != ":" } }
        return probe
    }

    @Test(arguments: WireProtocol.allCases)
    func `with the authority's certificate, every span arrives over TLS`(wireProtocol: WireProtocol) throws {
        let front = try #require(Front.shared)
        var probe = try probe(wireProtocol, wireProtocol == .grpc ? front.grpc : front.http)
        probe.change { $0.certificate = front.authority }
        #expect(probe.run(spans(0..<10), spans(10..<20), spans(20..<30)) == [nil, nil, nil])
        #expect(probe.receiver.names(probe.id, count: 30) == names(0..<30))
    }

    @Test(arguments: WireProtocol.allCases)
    func `a server that nobody vouches for is refused, unless that is allowed`(wireProtocol: WireProtocol) throws {
        let front = try #require(Front.shared)
        var probe = try probe(wireProtocol, wireProtocol == .grpc ? front.grpc : front.http)
        let error = try #require(probe.run(spans(0..<1)).first ?? nil)
        #expect(error.isRejected && error.description.contains("certificate"), "\(error)")
        #expect(probe.got().isEmpty)
        probe.change { $0.isInsecure = true }
        #expect(probe.run(spans(0..<1)) == [nil])
        #expect(probe.receiver.names(probe.id, count: 1) == names(0..<1))
    }

    @Test(arguments: WireProtocol.allCases)
    func `a server that wants a certificate gets it, and without it nothing arrives`(wireProtocol: WireProtocol) throws
    {
        let front = try #require(Front.shared)
        var probe = try probe(wireProtocol, wireProtocol == .grpc ? front.mutualGRPC : front.mutual)
        probe.change { $0.certificate = front.authority }
        #expect(probe.run(spans(0..<1)) != [nil])
        #expect(probe.got().isEmpty)
        probe.change {
            $0.clientCertificate = front.folder("client.pem")
            $0.clientKey = front.folder("client.key")
        }
        #expect(probe.run(spans(0..<5)) == [nil])
        #expect(probe.receiver.names(probe.id, count: 5) == names(0..<5))
        #expect(probe.got().first?.headers["x-client"] == "CN=client")
    }

    @Test func `gRPC with gzip says so and arrives, with TLS and without`() throws {
        let front = try #require(Front.shared)
        for (port, scheme) in [(front.grpc, "https"), (front.plainGRPC, "http")] {
            var probe = try probe(.grpc, port, scheme)
            probe.change {
                $0.certificate = front.authority
                $0.compression = .gzip
            }
            #expect(probe.run(spans(0..<300), spans(300..<301), spans(301..<302)) == [nil, nil, nil])
            #expect(probe.receiver.names(probe.id, count: 302) == names(0..<302))
            #expect(probe.got().allSatisfy { $0.headers["x-encoding"] == "gzip" })
        }
    }

    @Test func `a limit of requests slows delivery down, and everything arrives`() throws {
        let front = try #require(Front.shared)
        var probe = try probe(.httpProtobuf, front.limited, "http")
        probe.options.retry.total = .seconds(20)
        probe.options.retry.initial = .milliseconds(50)
        #expect(probe.run(spans(0..<1), spans(1..<2), spans(2..<3), spans(3..<4)) == [nil, nil, nil, nil])
        #expect(probe.receiver.names(probe.id, count: 4) == names(0..<4))
    }

    @Test(arguments: ["return", "exit"])
    func `what is delivered over TLS while a process exits arrives`(job: String) throws {
        let front = try #require(Front.shared), receiver = try #require(Receiver.shared), id = UUID().uuidString
        let folder = TemporaryFolder()
        let config = folder.write(
            """
            recorder: {flush_interval_ms: 60000, shutdown_timeout_s: 30}
            exporters:
              - type: otlp
                config:
                  endpoint: "https://localhost:\(front.http)"
                  certificate: "\(front.authority)"
                  headers: {x-test: "\(id)"}
            """, to: "a.yaml")
        let child = try ChildProcess("OneLoggerTestWorker", [job, "100", config], errors: folder("errors"))
        #expect(child.finish().end == .exit(0))
        #expect(folder.text("errors") == "")
        let spans = receiver.got(id) { $0.flatMap(\.names).count >= 101 }.flatMap(\.names)
        #expect(spans.count { $0 == "step" } == 100)
    }
}
