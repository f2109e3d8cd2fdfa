public import OneLogger
public import OneLoggerConfig

extension Recorder {
    /// Reads the configuration, starts what it asks for, and installs the recorder that free functions use.
    ///
    /// Once, at the start of a program:
    ///
    ///     try Recorder.bootstrap(config: "onelogger.yaml")
    ///     try Recorder.bootstrap(exporters: [ComponentConfig(type: "jsonl", config: ["path": "telemetry.jsonl"])])
    ///     try Recorder.bootstrap()
    ///
    /// The file is `path`, else the one that the variable `ONE_LOGGER_EXPORTER_CONFIG_PATH` names, else the first of
    /// `one_logger_exporters_config.yaml`, `.yml` and `.json` in the working directory, else none. `Docs/config.md` lists
    /// all keys and says which source wins. At exit, SIGTERM and SIGINT everything recorded is delivered within the
    /// shutdown's timeout. A rank that is not to record gets a recorder that records nothing, and one line says so.
    ///
    /// - Parameters:
    ///   - application: What the program says about itself; over the file's section `application`, key by key.
    ///   - recorder: The keys of the section `recorder` that are fixed in code; over the file's, key by key.
    ///   - exporters: Replaces the file's list; nil leaves it to the file, an empty list means none.
    ///   - recorders: Replaces the file's list of recorder plug-ins; nil leaves it to the file.
    ///   - merge: Lays both lists over those of the file, by name, instead of replacing them.
    ///   - path: The file; nil means to look for one.
    ///   - packages: What packages ask for, where nobody says otherwise.
    ///   - filter: Replaces that of the section `recorder`; the way to filter by a function.
    ///   - processors: What happens to records on their way to the exporters, in this order.
    ///   - catalog: The exporters and recorder plug-ins that a configuration can name.
    /// - Returns: The recorder, also as `Recorder.current` from now on.
    /// - Throws: `TelemetryError.alreadyConfigured(_:)` when a recorder is installed, and
    ///   `TelemetryError.configuration(_:)` with every problem of all sources. Nothing was opened or started then.
    @discardableResult
    public static func bootstrap(
        application: ApplicationOptions = ApplicationOptions(), recorder: SettingsNode? = nil,
        exporters: [ComponentConfig]? = nil, recorders: [ComponentConfig]? = nil, merge: Bool = false,
        config path: String? = nil, packages: [PackageConfig] = [], filter: SpanFilter? = nil,
        processors: [any RecordProcessor] = [], catalog: ComponentCatalog = .builtIn
    ) throws(TelemetryError) -> Recorder {
        var bootstrap = Bootstrap()
        bootstrap.application = application
        bootstrap.direct = DirectConfig(recorder: recorder, exporters: exporters, recorders: recorders, merge: merge)
        bootstrap.path = path
        bootstrap.packages = packages
        bootstrap.filter = filter
        bootstrap.processors = processors
        bootstrap.catalog = catalog
        return try bootstrap.install()
    }
}
