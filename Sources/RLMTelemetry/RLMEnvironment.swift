/// What environment variables say about the telemetry of runs.
///
/// True are `1`, `true`, `yes` and `on`, in any case and with blanks around; everything else is false, an empty text, too.
/// A variable that is not set leaves the default.
public struct RLMEnvironment: Sendable, Hashable {
    /// Whether anything is observed: `DSPY_RLM_OBS_ENABLED`, default true.
    public var isObserving = true
    /// Whether the local sink writes: `DSPY_RLM_OBS_LOCAL_JSONL`, default true.
    public var writesLocalJSONL = true
    /// Whether spans are recorded: `DSPY_RLM_OTEL_ENABLED`, default false.
    public var recordsSpans = false
    /// Whether metrics are recorded beside spans: `DSPY_RLM_OTEL_METRICS_ENABLED`, default true.
    public var recordsMetrics = true
    /// The service: `OTEL_SERVICE_NAME`, default `rlm-code`.
    public var serviceName = "rlm-code"
    /// Where spans go: `OTEL_EXPORTER_OTLP_ENDPOINT`; nil means that they stay in memory.
    public var endpoint: String?
    /// How they are sent: `OTEL_EXPORTER_OTLP_PROTOCOL`, default `grpc`.
    public var otlpProtocol = "grpc"
    /// What is sent: `traces`, and `metrics` when they are recorded, unless `OTEL_TRACES_EXPORTER` or
    /// `OTEL_METRICS_EXPORTER` is `none`.
    public var signals: [String] {
        (sendsTraces ? ["traces"] : []) + (recordsMetrics && sendsMetrics ? ["metrics"] : [])
    }
    private var sendsTraces = true, sendsMetrics = true

    /// Reads the variables.
    ///
    /// - Parameter lookUp: Says the value of a variable, nil when it is not set.
    public init(_ lookUp: (String) -> String?) {
        Self.read(lookUp("DSPY_RLM_OBS_ENABLED"), into: &isObserving)
        Self.read(lookUp("DSPY_RLM_OBS_LOCAL_JSONL"), into: &writesLocalJSONL)
        Self.read(lookUp("DSPY_RLM_OTEL_ENABLED"), into: &recordsSpans)
        Self.read(lookUp("DSPY_RLM_OTEL_METRICS_ENABLED"), into: &recordsMetrics)
        serviceName = Self.text(lookUp("OTEL_SERVICE_NAME")) ?? serviceName
        endpoint = Self.text(lookUp("OTEL_EXPORTER_OTLP_ENDPOINT"))
        sendsTraces = Self.text(lookUp("OTEL_TRACES_EXPORTER")) != "none"
        sendsMetrics = Self.text(lookUp("OTEL_METRICS_EXPORTER")) != "none"
        otlpProtocol = Self.text(lookUp("OTEL_EXPORTER_OTLP_PROTOCOL")) ?? otlpProtocol
    }

    /// Whether a value of a variable means true.
    public static func isTrue(_ value: String) -> Bool {
        ["1", "true", "yes", "on"].contains(trimmed(value).lowercased())
    }

    private static func read(_ value: String?, into property: inout Bool) {
        if let value { property = isTrue(value) }
    }

    /// An empty variable counts as not set.
    private static func text(_ value: String?) -> String? {
        guard let value else { return nil }
        let text = trimmed(value)
        return text.isEmpty ? nil : text
    }

    private static func trimmed(_ value: String) -> String {
        let front = value.drop(while: \.isWhitespace)
        return String(front.prefix(front.count - front.reversed().prefix(while: \.isWhitespace).count))
    }
}
