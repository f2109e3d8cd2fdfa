import OneLoggerCore
import OneLoggerOTLP
import OneLoggerTestSupport
import Testing

/// What a configuration and the environment together mean.
@Suite struct OptionsTests {
    typealias Options = OTLPExporter.Options

    private func read(
        _ node: SettingsNode = [:], _ variables: [String: String] = [:]
    ) throws(SettingsError) -> Options {
        var settings = Settings(node, path: "exporters[0].config")
        settings.environment = { variables[$0] }
        return try Options(&settings)
    }

    private func problem(_ node: SettingsNode = [:], _ variables: [String: String] = [:]) -> String {
        do throws(SettingsError) {
            _ = try read(node, variables)
            return "none"
        } catch { return error.description }
    }

    private func urls(_ options: Options) -> [String] {
        [options.traces, options.metrics, options.logs].map { $0?.url ?? "off" }
    }

    @Test func `without anything, all goes to the local collector in protobuf over HTTP`() throws {
        let options = try read()
        #expect(
            urls(options) == [
                "http://localhost:4318/v1/traces", "http://localhost:4318/v1/metrics", "http://localhost:4318/v1/logs",
            ])
        let traces = try #require(options.traces)
        #expect(traces.wireProtocol == .httpProtobuf && traces.headers == [:] && traces.compression == .none)
        #expect(traces.timeout == .seconds(10) && traces.connectTimeout == .seconds(5) && !traces.isInsecure)
        #expect(options.temporality == .cumulative && options.maxBatchRecords == 2000 && options.spool == nil)
        #expect(options == Options(endpoint: "http://localhost:4318"))
    }

    @Test func `the base endpoint gets a path, the endpoint of one kind is used as it is`() throws {
        #expect(urls(try read(["endpoint": "https://h/base/"]))[0] == "https://h/base/v1/traces")
        #expect(urls(try read(["endpoint": "http://h:1?key=a"]))[2] == "http://h:1/v1/logs?key=a")
        let own = try read(["endpoint": "http://h:1", "traces": ["endpoint": "http://t:2/spans"]])
        #expect(urls(own) == ["http://t:2/spans", "http://h:1/v1/metrics", "http://h:1/v1/logs"])
        let variables = [
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://e:1/x", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "http://l:2",
        ]
        #expect(urls(try read([:], variables)) == ["http://e:1/x/v1/traces", "http://e:1/x/v1/metrics", "http://l:2"])
        #expect(urls(try read(["endpoint": "http://c:3"], variables))[2] == "http://c:3/v1/logs", "the file wins")
        #expect(
            urls(try read(["protocol": "grpc"]))[1]
                == "http://localhost:4317/opentelemetry.proto.collector.metrics.v1.MetricsService/Export")
    }

    @Test func `the protocol comes from the file, the variable of the kind, the one for all, the port, in this order`()
        throws
    {
        var variables: [String: String] = [:]
        func protocols(_ node: SettingsNode = [:]) throws -> [OTLPExporter.WireProtocol?] {
            let options = try read(node, variables)
            return [options.traces?.wireProtocol, options.logs?.wireProtocol]
        }
        #expect(try protocols() == [.httpProtobuf, .httpProtobuf])
        #expect(try protocols(["endpoint": "http://h:4317"]) == [.grpc, .grpc])
        #expect(try protocols(["endpoint": "http://u:4317@h:4318/4317"]) == [.httpProtobuf, .httpProtobuf])
        variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/json"
        #expect(try protocols(["endpoint": "http://h:4317"]) == [.httpJSON, .httpJSON])
        variables["OTEL_EXPORTER_OTLP_LOGS_PROTOCOL"] = "grpc"
        #expect(try protocols() == [.httpJSON, .grpc])
        #expect(try protocols(["protocol": "http/protobuf"]) == [.httpProtobuf, .httpProtobuf])
        #expect(try protocols(["logs": ["protocol": "http/protobuf"]]) == [.httpJSON, .httpProtobuf])
    }

    @Test func `each variable is read, the one of a kind before the one for all, and the file before both`() throws {
        let folder = TemporaryFolder()
        let pem = folder.write("-----BEGIN CERTIFICATE-----\n", to: "a.pem")
        let other = folder.write("-----BEGIN CERTIFICATE-----\n", to: "b.pem")
        let common = [
            "OTEL_EXPORTER_OTLP_HEADERS": "a=1,b=x%20y, c = 3 ", "OTEL_EXPORTER_OTLP_TIMEOUT": "2500",
            "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip", "OTEL_EXPORTER_OTLP_CERTIFICATE": pem,
            "OTEL_EXPORTER_OTLP_CLIENT_KEY": pem, "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": pem,
        ]
        let traces = try #require(try read([:], common).traces)
        #expect(traces.headers == ["a": "1", "b": "x y", "c": "3"] && traces.timeout == .milliseconds(2500))
        #expect(traces.compression == .gzip && traces.connectTimeout == .milliseconds(2500))
        #expect([traces.certificate, traces.clientKey, traces.clientCertificate] == [pem, pem, pem])
        for signal in ["TRACES", "METRICS", "LOGS"] {
            var variables = common
            for (name, value) in [
                ("HEADERS", "d=4"), ("TIMEOUT", "100"), ("COMPRESSION", "none"), ("CERTIFICATE", other),
                ("CLIENT_KEY", other), ("CLIENT_CERTIFICATE", other),
            ] {
                variables["OTEL_EXPORTER_OTLP_\(signal)_\(name)"] = value
            }
            let options = try read([:], variables)
            let own = ["TRACES": options.traces, "METRICS": options.metrics, "LOGS": options.logs]
            for (name, destination) in own {
                let destination = try #require(destination), isOwn = name == signal
                #expect(destination.headers == (isOwn ? ["d": "4"] : ["a": "1", "b": "x y", "c": "3"]))
                #expect(destination.timeout == (isOwn ? .milliseconds(100) : .milliseconds(2500)))
                #expect(destination.compression == (isOwn ? .none : .gzip))
                #expect(destination.certificate == (isOwn ? other : pem))
                #expect(destination.clientKey == (isOwn ? other : pem) && destination.clientCertificate != nil)
            }
            let file: SettingsNode = ["headers": ["E": "5"], "timeout_s": 7, "compression": "gzip"]
            let all = try read(file, variables)
            for destination in [all.traces, all.metrics, all.logs] {
                #expect(destination?.headers == ["e": "5"] && destination?.timeout == .seconds(7))
                #expect(destination?.compression == .gzip)
            }
        }
    }

    @Test func `an empty variable counts as not set`() throws {
        let names = ["ENDPOINT", "PROTOCOL", "HEADERS", "TIMEOUT", "COMPRESSION", "CERTIFICATE", "LOGS_ENDPOINT"]
        var variables = Dictionary(uniqueKeysWithValues: names.map { ("OTEL_EXPORTER_OTLP_\($0)", "") })
        variables["OTEL_SDK_DISABLED"] = ""
        variables["OTEL_TRACES_EXPORTER"] = ""
        #expect(try read([:], variables) == read())
    }

    @Test func `kinds can be switched off, in the file or by variables, and all at once`() throws {
        #expect(urls(try read(["signals": ["logs"]])) == ["off", "off", "http://localhost:4318/v1/logs"])
        #expect(urls(try read([:], ["OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "otlp"]))[1] == "off")
        #expect(urls(try read([:], ["OTEL_METRICS_EXPORTER": "none"])).count { $0 == "off" } == 1)
        #expect(urls(try read(["signals": ["traces"]], ["OTEL_TRACES_EXPORTER": "none"]))[0] != "off", "the file wins")
        let disabled = try read(["signals": ["traces"]], ["OTEL_SDK_DISABLED": "TRUE"])
        #expect(urls(disabled) == ["off", "off", "off"] && OTLPExporter.isSwitchedOff(disabled))
        #expect(OTLPExporter.isSwitchedOff(try read(["signals": []])))
        #expect(!OTLPExporter.isSwitchedOff(try read()))
        #expect(try read([:], ["OTEL_SDK_DISABLED": "1"]) == read(), "only true is true")
    }

    @Test func `every other key is read`() throws {
        let options = try read([
            "temporality": "delta", "max_batch_records": 10, "max_batch_bytes": 5000, "connect_timeout_s": 0.5,
            "insecure": true, "retry": ["initial_s": 0.1, "max_s": 1, "total_s": 0],
            "spool": ["directory": "out/{rank}", "max_bytes": 70_000],
        ])
        #expect(options.temporality == .delta && options.maxBatchRecords == 10 && options.maxBatchBytes == 5000)
        #expect(options.logs?.connectTimeout == .milliseconds(500) && options.logs?.isInsecure == true)
        #expect(options.retry.initial == .milliseconds(100) && options.retry.max == .seconds(1))
        #expect(options.retry.total == .zero && options.spool?.directory == "out/{rank}")
        #expect(options.spool?.maxBytes == 70_000)
    }

    static let endpoints: [(String, String)] = [
        ("localhost:4318", "is no address"), ("", "is no address"), ("ftp://h", "neither http nor https"),
        ("http://", "names no host"), ("http://:4318", "names no host"), ("http://h:0", "port"),
        ("http://h:65536", "port"), ("http://h:x", "port"), ("http://h:", "port"), ("http://h /a", "space"),
        ("http://h\n", "control"), ("http://[::1", "]"), ("http://[::1]x", "]"),
    ]

    @Test(arguments: endpoints)
    func `an invalid endpoint is an error with its place, which does not repeat it`(endpoint: String, problem: String) {
        let message = self.problem(["endpoint": .init(stringLiteral: "\(endpoint)")])
        #expect(
            message.hasPrefix("code: error: 'exporters[0].config.endpoint' ") && message.contains(problem), "\(message)"
        )
        let variable = self.problem([:], ["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": endpoint])
        if !endpoint.isEmpty {
            #expect(variable.hasPrefix("environment variable OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: error: "), "\(variable)")
        }
        #expect(!message.contains("\n") && message.hasSuffix("."))
    }

    @Test func `valid endpoints are fine`() throws {
        for endpoint in ["http://h", "HTTPS://h:1/", "http://[::1]:4318/x", "http://u:p@h:80/a?b#c", "http://1.2.3.4"] {
            #expect(problem(["endpoint": .init(stringLiteral: endpoint)]) == "none", "\(endpoint)")
        }
    }

    static let mistakes: [(SettingsNode, [String: String], String)] = [
        (
            ["protocol": "http"], [:],
            "'exporters[0].config.protocol' is \"http\", which is not allowed. Write one of http/protobuf, http/json, grpc"
        ),
        ([:], ["OTEL_EXPORTER_OTLP_PROTOCOL": "thrift"], "environment variable OTEL_EXPORTER_OTLP_PROTOCOL: error: "),
        ([:], ["OTEL_EXPORTER_OTLP_HEADERS": "a=1,hunter2"], "Set it to NAME=VALUE,NAME=VALUE"),
        ([:], ["OTEL_EXPORTER_OTLP_HEADERS": "=hunter2"], "Set it to NAME=VALUE,NAME=VALUE"),
        ([:], ["OTEL_EXPORTER_OTLP_HEADERS": "a=%zzhunter2"], "Set it to NAME=VALUE,NAME=VALUE"),
        ([:], ["OTEL_EXPORTER_OTLP_TIMEOUT": "-5"], "a number of milliseconds from 1 to 600000"),
        ([:], ["OTEL_EXPORTER_OTLP_TIMEOUT": "10s"], "environment variable OTEL_EXPORTER_OTLP_TIMEOUT: error: "),
        ([:], ["OTEL_EXPORTER_OTLP_COMPRESSION": "zip"], "Write one of none, gzip"),
        ([:], ["OTEL_EXPORTER_OTLP_CERTIFICATE": "/nonexistent.pem"], "cannot be read: No such file"),
        (["headers": "hunter2"], [:], "'exporters[0].config.headers' must be a map of names and texts"),
        (["headers": ["a": 5]], [:], "'exporters[0].config.headers.a' must be a text"),
        (["headers": ["a b": "x"]], [:], "is no name of a header"),
        (["headers": ["Content-Type": "x"]], [:], "is set by the exporter"),
        (["headers": ["a": "hunter2\r\nb: c"]], [:], "holds a control character"),
        (["headers": ["a": "1", "A": "2"]], [:], "stands twice"),
        (
            ["timeout_s": -1], [:],
            "'exporters[0].config.timeout_s' is -1, which is not allowed. Write a number from 0.001 to 600"
        ),
        (["connect_timeout_s": 0], [:], "connect_timeout_s"),
        (["compression": "zstd"], [:], "Write one of none, gzip"),
        (["certificate": "/"], [:], "cannot be read"),
        (["certificate": "/dev/null"], [:], "holds no PEM text"),
        (["insecure": "yes"], [:], "must be true or false"),
        (["signals": ["traces", "spans"]], [:], "holds \"spans\", which is unknown or stands twice"),
        (["signals": "traces"], [:], "must be a list"),
        (["temporality": "both"], [:], "Write one of cumulative, delta"),
        (["max_batch_records": 0], [:], "max_batch_records"),
        (["retry": ["total": 5]], [:], "unknown key 'exporters[0].config.retry.total'"),
        (["spool": [:]], [:], "'exporters[0].config.spool.directory' is required"),
        (["spool": ["directory": "a", "max_bytes": 5]], [:], "max_bytes"),
        (["traces": ["endpont": "x"]], [:], "Did you mean 'endpoint'?"),
        (["endpoints": "x"], [:], "unknown key 'exporters[0].config.endpoints'. Did you mean 'endpoint'?"),
    ]

    @Test(arguments: 0..<mistakes.count)
    func `a mistake is named once, with its place and its mend, and without secrets`(number: Int) {
        let (node, variables, expected) = Self.mistakes[number]
        let message = problem(node, variables)
        #expect(message.contains(expected), "\(message)")
        #expect(!message.contains("hunter2") && !message.contains("\n"), "\(message)")
    }

    @Test func `a certificate needs its key and a key its certificate`() {
        let folder = TemporaryFolder()
        let pem = SettingsNode(stringLiteral: folder.write("-----BEGIN CERTIFICATE-----\n", to: "a.pem"))
        #expect(problem(["client_certificate": pem]).contains("Add 'client_key'"))
        #expect(problem(["client_key": pem]).contains("Add 'client_certificate'"))
        #expect(problem(["client_key": pem, "client_certificate": pem]) == "none")
    }

    @Test func `a variable that nobody needs may hold anything`() {
        let bad = ["OTEL_EXPORTER_OTLP_PROTOCOL": "thrift", "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT": "x"]
        #expect(problem(["protocol": "grpc", "signals": ["traces"]], bad) == "none")
        #expect(problem(["protocol": "grpc"], bad).contains("LOGS_TIMEOUT"))
    }

    @Test func `all problems are reported at once`() {
        let message = problem(["endpoint": "x", "timeout_s": 0, "retry": 5, "unknown": 1])
        #expect(message.split(separator: "\n").count == 4, "\(message)")
    }
}
