public import OneLogger
public import OneLoggerConfig
public import RLMTelemetry

/// Makes the sink of runs and steps that the environment variables ask for.
///
/// Off unless `DSPY_RLM_OTEL_ENABLED` is true. Without `OTEL_EXPORTER_OTLP_ENDPOINT` it records and sends nothing, with it
/// OTLP, by gRPC unless `OTEL_EXPORTER_OTLP_PROTOCOL` says otherwise. `Docs/formats/rlm.md` lists the variables. The sink
/// has a recorder of its own, which stands beside all others and is delivered at exit. Never fails: what goes wrong shows
/// in the sink's status, and its hooks do nothing then.
///
/// - Parameters:
///   - environment: Where variables are looked up.
///   - catalog: Where the exporter `otlp` comes from.
///   - options: How the sink works; what variables say is replaced.
/// - Returns: The sink.
public func createRLMSinkFromEnvironment(
    _ environment: ConfigEnvironment = .process, catalog: ComponentCatalog = .builtIn,
    options: RLMOptions = RLMOptions()
) -> RLMRunSink {
    let wishes = RLMEnvironment { environment[$0] }
    var options = options
    options.hasMetrics = wishes.recordsMetrics
    options.serviceName = wishes.serviceName
    options.endpoint = wishes.endpoint
    guard wishes.isObserving, wishes.recordsSpans else { return .disabled(options) }
    do throws(SettingsError) {
        var exporters: [ExporterSlot] = []
        if let endpoint = wishes.endpoint {
            guard catalog.exporterNames.contains("otlp") else {
                return .broken(options, "no OTLP exporter in this build: add the product OneLoggerOTLP")
            }
            exporters = [try otlpExporter(catalog, endpoint, wishes.otlpProtocol)]
        }
        let resolution = ConfigLayers(environment: environment).resolution()
        if let error = resolution.error(adding: []) { throw error }
        let config = resolution.config
        var recorder = RecorderOptions(config.recorderSection, config.applicationSection)
        recorder.resource = Resource(config.applicationSection)
        recorder.resource.serviceName = wishes.serviceName
        // A collector that hangs costs records, which are counted, and never the agent's time.
        recorder.whenFull = .dropNewest
        return .owning(Recorder(recorder, exporters: exporters), options)
    } catch {
        return .broken(options, "setup failed: \(error)")
    }
}

private func otlpExporter(
    _ catalog: ComponentCatalog, _ endpoint: String, _ wireProtocol: String
) throws(SettingsError) -> ExporterSlot {
    func entry(_ key: String, _ value: String, _ variable: String) -> SettingsNode.Entry {
        let origin = SettingsOrigin.environment(variable)
        return .init(key: key, origin: origin, value: SettingsNode(.string(value), origin: origin))
    }
    let node = SettingsNode(
        .map([
            entry("endpoint", endpoint, "OTEL_EXPORTER_OTLP_ENDPOINT"),
            entry("protocol", wireProtocol, "OTEL_EXPORTER_OTLP_PROTOCOL"),
        ]), origin: .environment("OTEL_EXPORTER_OTLP_ENDPOINT"))
    var settings = Settings(node)
    let exporter = try catalog.exporter("otlp", named: "otlp", &settings)
    try settings.finish()
    return exporter
}

extension RLMSinkManager {
    /// Makes a manager with the sinks that the environment variables ask for: `local-jsonl`, then `opentelemetry`.
    ///
    /// A sink that is off is there, too, and says so. With `DSPY_RLM_OBS_ENABLED` false there is `local-jsonl` alone, off.
    ///
    /// - Parameters:
    ///   - directory: The folder of the local sink; made when that sink is on.
    ///   - environment: Where variables are looked up.
    ///   - catalog: Where the exporter `otlp` comes from.
    /// - Returns: The manager.
    public static func fromEnvironment(
        directory: String, _ environment: ConfigEnvironment = .process, catalog: ComponentCatalog = .builtIn
    ) -> RLMSinkManager {
        let wishes = RLMEnvironment { environment[$0] }
        var local = LocalJSONLSink.Options()
        local.isEnabled = wishes.isObserving && wishes.writesLocalJSONL
        let manager = RLMSinkManager([LocalJSONLSink(directory: directory, local)])
        if wishes.isObserving { manager.add(createRLMSinkFromEnvironment(environment, catalog: catalog)) }
        return manager
    }
}
