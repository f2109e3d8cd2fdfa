import Foundation
import OneLogger
import OneLoggerBootstrap
import OneLoggerConfig
import OneLoggerTestSupport
import OneLoggerTesting
import RLMTelemetry
import Synchronization
import Testing

/// Stands for the exporter that a build with OTLP has.
private struct FakeOTLP: ConfigurableExporter {
    struct Options: SettingsReadable {
        var endpoint = "", wireProtocol = "", signals: [String] = []
        init(_ settings: inout Settings) throws(SettingsError) {
            endpoint = settings.environment("OTEL_EXPORTER_OTLP_ENDPOINT") ?? ""
            wireProtocol = settings.environment("OTEL_EXPORTER_OTLP_PROTOCOL") ?? ""
            signals = settings.strings("signals") ?? []
            try settings.finish()
        }
    }
    static let configName = "otlp"
    /// What was opened, and what it got, by endpoint.
    static let opened = Locked<[String: String]>([:])
    static let signals = Locked<[String: [String]]>([:])
    static let spans = Locked<[String: [(service: String, span: SpanRecord)]]>([:])
    let endpoint: String

    init(_ options: Options, _ context: ExporterContext) throws(ExportError) {
        endpoint = options.endpoint
        Self.opened.withLock { $0[options.endpoint] = options.wireProtocol }
        Self.signals.withLock { $0[options.endpoint] = options.signals }
    }
    mutating func export(_ batch: Batch) throws(ExportError) {
        let service = batch.resource.serviceName
        let new = batch.records.spans.map { (service, $0) }
        Self.spans.withLock { [endpoint] in $0[endpoint, default: []] += new }
    }
}

@Suite struct RLMTests {
    private let folder = TemporaryFolder()
    private let files = OneLoggerTestSupport.TemporaryFolder()

    private func text(_ name: String) -> String { (try? String(contentsOfFile: folder(name), encoding: .utf8)) ?? "" }

    private var catalog: ComponentCatalog {
        var catalog = ComponentCatalog()
        catalog.add(FakeOTLP.self)
        return catalog
    }

    private func sink(_ variables: [String: String]) -> RLMRunSink {
        createRLMSinkFromEnvironment(ConfigEnvironment(variables), catalog: catalog)
    }

    @Test func `without variables the sink is off`() {
        let status = sink([:]).status()
        #expect(!status.isEnabled && !status.isAvailable && status.detail == "disabled")
        #expect(status.serviceName == "rlm-code" && status.hasMetrics == true && status.name == "opentelemetry")
    }

    @Test func `without an endpoint spans stay in memory`() {
        let sink = sink(["DSPY_RLM_OTEL_ENABLED": "yes", "OTEL_SERVICE_NAME": "agent"])
        sink.withRun(RLMRunStart("r", task: "t", environment: "e")) { _ in }
        let status = sink.status()
        #expect(status.isAvailable && status.detail == "in-memory (no exporter)" && status.serviceName == "agent")
        #expect(sink.traceID(forRun: "r") != nil && sink.shutdown(timeout: .patience))
    }

    @Test(arguments: [nil, "grpc", "http/protobuf"])
    func `with an endpoint everything goes there, by gRPC unless told otherwise`(wire: String?) throws {
        let endpoint = "http://127.0.0.1:1/\(wire ?? "none")"
        var variables = ["DSPY_RLM_OTEL_ENABLED": "1", "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint]
        variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = wire
        variables["OTEL_RESOURCE_ATTRIBUTES"] = "team=blue"
        let sink = sink(variables)
        #expect(sink.status().detail == endpoint)
        sink.withRun(RLMRunStart("r", task: "t", environment: "e")) { run in
            run.withStep { _ in }
            run.withStep { _ in }
        }
        #expect(sink.recorder.resource.customMetadata["team"] == "blue")
        #expect(sink.shutdown(timeout: .patience))
        #expect(FakeOTLP.opened.withLock { $0[endpoint] } == wire ?? "grpc")
        let got = FakeOTLP.spans.withLock { $0[endpoint] } ?? []
        #expect(
            got.map(\.span.name) == ["rlm.step", "rlm.step", "rlm.run"] && got.allSatisfy { $0.service == "rlm-code" })
    }

    @Test(arguments: [
        ([:], ["traces", "metrics"]), (["DSPY_RLM_OTEL_METRICS_ENABLED": "0"], ["traces"]),
        (["OTEL_METRICS_EXPORTER": "none"], ["traces"]), (["OTEL_TRACES_EXPORTER": "none"], ["metrics"]),
    ])
    func `only what is wanted is sent`(variables: [String: String], signals: [String]) {
        let endpoint = "http://127.0.0.1:1/\(variables)"
        let all = ["DSPY_RLM_OTEL_ENABLED": "1", "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint]
        #expect(sink(all.merging(variables) { $1 }).shutdown(timeout: .patience))
        #expect(FakeOTLP.signals.withLock { $0[endpoint] } == signals)
    }

    @Test func `what switches OpenTelemetry off switches the sink off, which says so`() {
        let sink = createRLMSinkFromEnvironment(
            ConfigEnvironment([
                "DSPY_RLM_OTEL_ENABLED": "1", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1",
                "OTEL_SDK_DISABLED": "true",
            ]))
        sink.withRun(RLMRunStart("r", task: "t", environment: "e")) { _ in }
        let status = sink.status()
        #expect(status.isEnabled && !status.isAvailable && status.detail.contains("OTEL_SDK_DISABLED"))
        #expect(sink.traceID(forRun: "r") == nil)
    }

    @Test func `a redaction can be given where the environment decides`() {
        let sink = createRLMSinkFromEnvironment(
            ConfigEnvironment(["DSPY_RLM_OTEL_ENABLED": "1", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1/red"]),
            catalog: catalog, redaction: { content, _ in content == .task ? "a task" : nil })
        sink.withRun(RLMRunStart("r", task: "secret", environment: "e")) { $0.withStep { $0.code = "secret" } }
        #expect(sink.shutdown(timeout: .patience))
        let spans = FakeOTLP.spans.withLock { $0["http://127.0.0.1:1/red"] } ?? []
        #expect(spans.last?.span.attributes["rlm.task"] == "a task" && !"\(spans)".contains("secret"))
    }

    /// The collector takes requests and answers none of them: a hook that waited for it would never come back.
    @Test func `hooks never wait for a collector that hangs, and what is lost is counted`() throws {
        let receiver = try #require(Receiver.shared)
        let sink = createRLMSinkFromEnvironment(
            ConfigEnvironment([
                "DSPY_RLM_OTEL_ENABLED": "1", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(receiver.grpc)",
                "OTEL_EXPORTER_OTLP_TIMEOUT": "600000",
                "OTEL_EXPORTER_OTLP_HEADERS": "x-test=\(files.path),x-always=%7B%22delay_s%22%3A 600%7D",
            ]))
        sink.runStarted("r", task: "t", environment: "e")
        var steps = 0
        while sink.status().dropped == 0 {
            for _ in 0..<10_000 { sink.stepFinished("r", RLMStep(action: "run_code", isSuccess: true, reward: 0.5)) }
            steps += 10_000
        }
        #expect(steps > 10_000 && sink.status().exported == 0)
        #expect(!receiver.got(files.path) { !$0.isEmpty }.isEmpty, "the collector has a request")
        sink.shutdown(timeout: .milliseconds(200))
        #expect(sink.status().dropped > steps / 2 && sink.status().exported == 0)
    }

    @Test func `without metrics no instrument exists`() {
        let sink = sink(["DSPY_RLM_OTEL_ENABLED": "1", "DSPY_RLM_OTEL_METRICS_ENABLED": "0"])
        sink.withRun(RLMRunStart("r", task: "t", environment: "e")) { _ in }
        #expect(
            sink.recorder.metrics().filter { $0.name.hasPrefix("rlm") }.isEmpty && sink.status().hasMetrics == false)
        sink.shutdown(timeout: .patience)
    }

    @Test func `a build without OTLP says what to add, and hooks do nothing`() {
        let sink = createRLMSinkFromEnvironment(
            ConfigEnvironment(["DSPY_RLM_OTEL_ENABLED": "1", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"]),
            catalog: ComponentCatalog())
        sink.withRun(RLMRunStart("r", task: "t", environment: "e")) { _ in }
        let status = sink.status()
        #expect(status.isEnabled && !status.isAvailable)
        #expect(status.detail == "no OTLP exporter in this build: add the product OneLoggerOTLP")
    }

    @Test func `variables that cannot be used are a reason, not a crash`() {
        for (name, value) in [
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "carrier pigeon"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "host:4317"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon"),
        ] {
            var variables = ["DSPY_RLM_OTEL_ENABLED": "1", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"]
            variables[name] = value
            let sink = createRLMSinkFromEnvironment(ConfigEnvironment(variables)), wrong = sink.status()
            sink.withRun(RLMRunStart("r", task: "t", environment: "e")) { _ in }
            #expect(wrong.isEnabled && !wrong.isAvailable && wrong.detail.hasPrefix("setup failed: "))
            #expect(wrong.detail.contains(name), "\(wrong.detail)")
        }
        let rank = sink(["DSPY_RLM_OTEL_ENABLED": "1", "RANK": "abc"]).status()
        #expect(!rank.isAvailable && rank.detail.contains("RANK"))
    }

    @Test func `the master switch leaves one sink, off, and touches nothing`() {
        let manager = RLMSinkManager.fromEnvironment(
            directory: files("obs"), ConfigEnvironment(["DSPY_RLM_OBS_ENABLED": "0", "DSPY_RLM_OTEL_ENABLED": "1"]))
        manager.withRun(RLMRunStart("r", task: "t", environment: "e")) { _ in }
        #expect(manager.statuses().map(\.name) == ["local-jsonl"] && manager.statuses().map(\.isEnabled) == [false])
        #expect(files.text("obs/runs.jsonl") == "")
        #expect(sink(["DSPY_RLM_OBS_ENABLED": "", "DSPY_RLM_OTEL_ENABLED": "1"]).status().detail == "disabled")
    }

    @Test func `by default the local sink writes, and the other one is there and off`() {
        let manager = RLMSinkManager.fromEnvironment(directory: files("obs"), ConfigEnvironment([:]))
        manager.withRun(RLMRunStart("r", task: "t", environment: "e")) { $0.withStep { _ in } }
        #expect((manager.sink(named: "local-jsonl") as? LocalJSONLSink)?.shutdown(timeout: .patience) == true)
        #expect(manager.statuses().map(\.name) == ["local-jsonl", "opentelemetry"])
        #expect(manager.statuses().map(\.isEnabled) == [true, false])
        #expect(files.text("obs/runs.jsonl").hasPrefix("{") && files.text("obs/steps/r.jsonl").hasPrefix("{"))
    }

    @Test func `a configuration makes a sink that the program finds, with its options`() throws {
        var bootstrap = Bootstrap(
            """
            exporters: [{type: jsonl, config: {path: FOLDER/app.jsonl}}]
            recorders: [{type: rlm, config: {limits: {task: 3}, metrics_enabled: false}}]
            """, in: folder)
        bootstrap.catalog = .builtIn
        let recorder = try bootstrap.start()
        let sink = try #require(recorder.plugin(RLMRunSink.self))
        #expect(recorder.plugin(RLMRunSink.self, named: "other") == nil)
        #expect(sink.recorder === recorder && sink.status().detail == "jsonl" && sink.status().hasMetrics == false)
        sink.runStarted(RLMRunStart("open", task: "abcdef", environment: "e"))
        try recorder.shutdown(timeout: .patience)
        let text = text("app.jsonl")
        #expect(text.contains("\"rlm.task\":\"abc\"") && text.contains("Run did not end"))
    }

    @Test func `with exporters and a service of its own a configured sink stays apart from the application`() throws {
        var bootstrap = Bootstrap(
            """
            application: {name: app}
            exporters: [{type: jsonl, config: {path: FOLDER/app.jsonl}}]
            recorders:
              - type: rlm
                config: {service_name: rlm-code, exporters: [{type: jsonl, name: runs, config: {path: FOLDER/rlm.jsonl}}]}
              - {type: rlm, name: second}
            """, in: folder)
        bootstrap.catalog = .builtIn
        let recorder = try bootstrap.start()
        let own = try #require(recorder.plugin(RLMRunSink.self, named: "rlm"))
        let shared = try #require(recorder.plugin(RLMRunSink.self, named: "second"))
        own.withRun(RLMRunStart("own", task: "t", environment: "e")) { _ in }
        shared.withRun(RLMRunStart("shared", task: "t", environment: "e")) { _ in }
        #expect(own.status().serviceName == "rlm-code" && shared.status().serviceName == "app")
        try recorder.shutdown(timeout: .patience)
        #expect(text("rlm.jsonl").contains("\"own\"") && !text("rlm.jsonl").contains("\"shared\""))
        #expect(text("app.jsonl").contains("\"shared\"") && !text("app.jsonl").contains("\"own\""))
    }
}
