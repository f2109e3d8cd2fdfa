import OneLogger
import OneLoggerBootstrap
import OneLoggerConfig
import OneLoggerTestSupport
import Testing

/// How the standard variables of OpenTelemetry reach the exporter, without the environment of the test itself.
@Suite struct OTLPTests {
    private let folder = TemporaryFolder()

    private func exporters(_ config: String, _ variables: [String: String]) throws -> [String] {
        var bootstrap = Bootstrap("exporters: [{type: otlp, config: \(config)}]", in: folder)
        bootstrap.environment = ConfigEnvironment(variables)
        let recorder = try bootstrap.start()
        defer { _ = try? recorder.shutdown(timeout: .zero) }
        return recorder.health.exporters.map(\.name)
    }

    @Test func `an exporter without anything to send has neither a thread nor a queue`() throws {
        #expect(try exporters("{}", [:]) == ["otlp"])
        #expect(try exporters("{}", ["OTEL_SDK_DISABLED": "true"]) == [])
        #expect(try exporters("{signals: []}", [:]) == [])
        let all = ["OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"]
        #expect(try exporters("{}", all) == [])
        #expect(try exporters("{signals: [logs]}", all) == ["otlp"])
        #expect(try exporters("{}", ["OTEL_LOGS_EXPORTER": "none"]) == ["otlp"])
    }

    @Test func `a variable that cannot be used is a problem like any other`() {
        var bootstrap = Bootstrap("exporters: [{type: otlp}]", in: folder)
        bootstrap.environment = ConfigEnvironment(["OTEL_EXPORTER_OTLP_PROTOCOL": "thrift"])
        #expect(
            bootstrap.problems(in: folder) == [
                "environment variable OTEL_EXPORTER_OTLP_PROTOCOL: error: 'exporters[0].config.protocol' is \"thrift\", which is not allowed. Write one of http/protobuf, http/json, grpc."
            ])
    }
}
