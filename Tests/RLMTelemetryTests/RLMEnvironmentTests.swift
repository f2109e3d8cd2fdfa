import OneLogger
import RLMTelemetry
import Testing

@Suite struct RLMEnvironmentTests {
    @Test(arguments: ["1", "true", "yes", "on", " YES ", "True\n", "oN"])
    func `these mean true`(value: String) { #expect(RLMEnvironment.isTrue(value)) }

    @Test(arguments: ["", "0", "false", "no", "off", "enabled", "2", "y", "t", "tru e"])
    func `everything else means false`(value: String) { #expect(!RLMEnvironment.isTrue(value)) }

    @Test func `without variables the documented defaults apply`() {
        let environment = RLMEnvironment { _ in nil }
        #expect(environment.isObserving && environment.writesLocalJSONL)
        #expect(!environment.recordsSpans && environment.recordsMetrics)
        #expect(
            environment.serviceName == "rlm-code" && environment.endpoint == nil && environment.otlpProtocol == "grpc")
    }

    @Test func `each variable is read, and an empty text that is no truth value counts as not set`() {
        let variables = [
            "DSPY_RLM_OBS_ENABLED": "", "DSPY_RLM_OBS_LOCAL_JSONL": "off", "DSPY_RLM_OTEL_ENABLED": "on",
            "DSPY_RLM_OTEL_METRICS_ENABLED": "0", "OTEL_SERVICE_NAME": "agent",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        ]
        let all = RLMEnvironment { variables[$0] }
        #expect(!all.isObserving && !all.writesLocalJSONL && all.recordsSpans && !all.recordsMetrics)
        #expect(all.serviceName == "agent" && all.endpoint == "http://localhost:4317")
        #expect(all.otlpProtocol == "http/protobuf")
        let empty = RLMEnvironment { $0.hasPrefix("OTEL") ? " " : nil }
        #expect(empty.serviceName == "rlm-code" && empty.endpoint == nil && empty.otlpProtocol == "grpc")
    }

    @Test func `every option can be configured`() throws {
        var settings = Settings([
            "metrics_enabled": false, "run_id_label": false, "content": "none",
            "limits": ["task": 1, "code": 2, "output": 3, "answer": 4, "error": 5], "remembered_runs": 0,
            "open_runs": 7, "reward_bounds": [-2, 0.5], "duration_bounds_s": [1],
        ])
        let options = try RLMOptions(&settings)
        #expect(!options.hasMetrics && !options.hasRunIDLabel && options.content == .none)
        let limits = options.limits
        #expect([limits.task, limits.code, limits.output, limits.answer, limits.error] == [1, 2, 3, 4, 5])
        #expect(options.rememberedRuns == 0 && options.openRuns == 7)
        #expect(options.rewardBounds == [-2, 0.5] && options.durationBounds == [1])
        var none = Settings(nil)
        #expect(try RLMOptions(&none) == RLMOptions())
    }

    @Test(
        arguments: [
            (["metrics": true], "unknown key 'metrics'"), (["content": "all"], "one of truncated, none"),
            (["limits": ["task": 0]], "'limits.task' is 0"), (["limits": ["text": 5]], "unknown key 'limits.text'"),
            (["reward_bounds": [1, 1]], "do not rise"), (["reward_bounds": ["a"]], "no number"),
            (["duration_bounds_s": []], "holds 0 numbers"), (["open_runs": 0], "'open_runs' is 0"),
            (["remembered_runs": "many"], "'remembered_runs' must be an integer"),
        ] as [(SettingsNode, String)])
    func `bad options are refused with their place`(node: SettingsNode, problem: String) {
        var settings = Settings(node)
        let error = #expect(throws: SettingsError.self) { _ = try RLMOptions(&settings) }
        #expect(error.map { "\($0)".contains(problem) } == true, "\(error.map(\.description) ?? "")")
    }
}
