public import OneLogger
public import OneLoggerConfig
public import RLMTelemetry

/// Makes the sink of runs and steps that the environment variables ask for.
///
/// Off unless `DSPY_RLM_OTEL_ENABLED` is true. Without `OTEL_EXPORTER_OTLP_ENDPOINT` it records and sends nothing, with it
/// spans and the four metrics go there, by OTLP over gRPC unless `OTEL_EXPORTER_OTLP_PROTOCOL` says otherwise.
/// `Docs/formats/rlm.md` lists the variables. The sink has a recorder of its own, which stands beside all others and is
/// delivered at exit. Never fails: what goes wrong shows in the sink's status, and its hooks do nothing then.
///
/// - Parameters:
///   - environment: Where variables are looked up.
///   - catalog: Where the exporter `otlp` comes from.
///   - options: How the sink works; what variables say is replaced.
///   - redaction: Changes texts before they leave the process; nil leaves them as they are.
/// - Returns: The sink.
public func createRLMSinkFromEnvironment(
    _ environment: ConfigEnvironment = .process, catalog: ComponentCatalog = .builtIn,
    options: RLMOptions = RLMOptions(), redaction: RLMRedaction? = nil
) -> RLMRunSink {
    let wishes = RLMEnvironment { environment[$0] }
    var options = options
    options.hasMetrics = wishes.recordsMetrics
    options.serviceName = wishes.serviceName
    options.endpoint = wishes.endpoint
    guard wishes.isObserving, wishes.recordsSpans else { return .disabled(options) }
    do throws(SettingsError) {
        var exporters: [ExporterSlot] = []
        if wishes.endpoint != nil {
            guard catalog.exporterNames.contains("otlp") else {
                return .broken(options, "no OTLP exporter in this build: add the product OneLoggerOTLP")
            }
            let exporter = try otlpExporter(catalog, wishes, environment)
            guard !exporter.isSwitchedOff else {
                return .broken(options, "switched off by OTEL_SDK_DISABLED or OTEL_TRACES_EXPORTER")
            }
            exporters = [exporter]
        }
        let recorder = Recorder(try recorderOptions(wishes, environment), exporters: exporters)
        return .owning(recorder, options, redaction: redaction)
    } catch {
        return .broken(options, "setup failed: \(error)")
    }
}

/// A recorder that has nothing but runs and steps to tell.
private func recorderOptions(
    _ wishes: RLMEnvironment, _ environment: ConfigEnvironment
) throws(SettingsError) -> RecorderOptions {
    let resolution = ConfigLayers(environment: environment).resolution()
    if let error = resolution.error(adding: []) { throw error }
    let config = resolution.config
    var options = RecorderOptions(config.recorderSection, config.applicationSection)
    options.resource = Resource(config.applicationSection)
    options.resource.serviceName = wishes.serviceName
    // A collector that hangs costs records, which are counted, and never the agent's time.
    options.whenFull = .dropNewest
    options.metrics.spans = .none
    options.metrics.process = false
    options.metrics.health = false
    return options
}

/// The exporter that these variables describe; it reads them itself.
private func otlpExporter(
    _ catalog: ComponentCatalog, _ wishes: RLMEnvironment, _ environment: ConfigEnvironment
) throws(SettingsError) -> ExporterSlot {
    let origin = SettingsOrigin.environment("OTEL_TRACES_EXPORTER")
    let signals = SettingsNode(.list(wishes.signals.map { SettingsNode(.string($0), origin: origin) }), origin: origin)
    var settings = Settings(
        SettingsNode(.map([.init(key: "signals", origin: origin, value: signals)]), origin: origin), path: "otlp")
    settings.environment = { name in
        switch name {
        case "OTEL_EXPORTER_OTLP_ENDPOINT": wishes.endpoint
        case "OTEL_EXPORTER_OTLP_PROTOCOL": wishes.otlpProtocol
        default: environment[name]
        }
    }
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
