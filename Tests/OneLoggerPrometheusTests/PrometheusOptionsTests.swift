import Foundation
import OneLoggerCore
import OneLoggerPrometheus
import OneLoggerTestSupport
import Testing

@Suite struct PrometheusOptionsTests {
    private func options(_ node: SettingsNode) throws -> PrometheusExporter.Options {
        var settings = Settings(node)
        return try PrometheusExporter.Options(&settings)
    }

    @Test func `every key is read`() throws {
        #expect(try options([:]) == .init())
        #expect(PrometheusExporter.Options().path == "onelogger-{rank}-{pid}.prom")
        let all: SettingsNode = [
            "path": "x-{pid}", "names": "prometheus", "format": "openmetrics", "listen": "0.0.0.0:9464",
            "allow_remote": true, "sweep": true, "remove_at_end": true, "max_series": 5,
        ]
        #expect(
            try options(all)
                == .init(
                    path: "x-{pid}", format: .openMetrics, listen: "0.0.0.0:9464", allowRemote: true, sweep: true,
                    removeAtEnd: true, maxSeries: 5))
        #expect(try options(["names": "plain"]).names == .plain)
    }

    @Test func `who asks for the endpoint alone gets no file`() throws {
        #expect(try options(["listen": "localhost:0"]).path == nil)
        #expect(try options(["listen": "localhost:0", "path": "x"]).path == "x")
    }

    @Test(arguments: ["127.0.0.1:9464", "127.9.9.9:0", "localhost:65535", "[::1]:9464"])
    func `addresses of this machine are allowed`(listen: String) throws {
        #expect(try options(["listen": SettingsNode(.string(listen))]).listen == listen)
    }

    @Test(arguments: ["0.0.0.0:9464", "[::]:9464", "192.168.1.4:80", "[fe80::1]:80", "8.8.8.8:1"])
    func `other addresses must be allowed in words`(listen: String) throws {
        let node = SettingsNode(.string(listen))
        let error = #expect(throws: SettingsError.self) { try options(["listen": node]) }
        #expect(
            error?.description.contains("'listen' is \"\(listen)\", which other machines can reach. Write 127.0.0.1:")
                == true)
        #expect(try options(["listen": node, "allow_remote": true]).listen == listen)
    }

    @Test(arguments: [
        "", "9464", ":9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1",
        "example.org:80",
        "::1:80", "[127.0.0.1]:80", "[::1]", "[localhost]:80", "127.0.0.1:80x", "127.0.0.1:８０", "1.2.3:4", "*:80",
    ])
    func `what is no address is refused`(listen: String) {
        let error = #expect(throws: SettingsError.self) {
            try options(["listen": SettingsNode(.string(listen)), "allow_remote": true])
        }
        #expect(error?.description.contains("which is no address and port. Write one such as 127.0.0.1:9464.") == true)
    }

    @Test(
        arguments: [
            (["path": " "], "'path' is blank. Write some text."),
            (["sweep": true, "path": "a-{rank}"], "'sweep' needs the process id in the name of the file. Put '{pid}'"),
            (["sweep": true, "path": "{pid}/a"], "'sweep' needs the process id in the name of the file. Put '{pid}'"),
            (["sweep": true, "listen": "localhost:0"], "'sweep' means nothing without 'path'."),
            (["remove_at_end": true, "listen": "localhost:0"], "'remove_at_end' means nothing without 'path'."),
            (["format": "openmetrics", "listen": "localhost:0"], "'format' means nothing without 'path'."),
            (["format": "openmetrics", "names": "plain"], "'format' is openmetrics, which has no plain names."),
            (["allow_remote": true], "'allow_remote' means nothing without 'listen'."),
            (["max_series": 0], "'max_series' is 0, which is not allowed."),
            (["names": "dots"], "'names' is \"dots\", which is not allowed. Write one of prometheus, plain."),
            (["pth": "x"], "unknown key 'pth'. Did you mean 'path'?"),
        ] as [(SettingsNode, String)])
    func `what makes no sense is refused`(node: SettingsNode, message: String) {
        let error = #expect(throws: SettingsError.self) { try options(node) }
        #expect(
            error?.description.components(separatedBy: "error: ").last?.hasPrefix(message) == true, "\(error as Any)")
    }

    @Test func `what a program passes by itself is checked, too`() {
        for listen in ["0.0.0.0:0", "nonsense"] {
            let error = #expect(throws: ExportError.self) {
                _ = try PrometheusExporter(.init(path: nil, listen: listen))
            }
            #expect(
                error?.description.hasPrefix("\(listen): error: listening is impossible: 'listen' is \"\(listen)\"")
                    == true)
        }
    }
}
