public import OneLogger
public import OneLoggerConfig
public import TrainingTelemetry

extension TrainingTelemetry {
    /// Does what `Recorder.bootstrap` does, for a training job.
    ///
    ///     let training = try TrainingTelemetry.bootstrap(config: "onelogger.yaml")
    ///     training.loop { loop in
    ///         for batch in batches { loop.iteration { _ in step(batch) } }
    ///     }
    ///
    /// The section `training` of the file says what the job is; without one, and without `training`, it is said later with
    /// `TrainingTelemetry.configure(_:)`. Single iterations and their parts are summed up in metrics unless a filter says
    /// otherwise: `filter: .all`, or `filter: { exclude: [] }` in a file, exports them all.
    ///
    /// - Parameters:
    ///   - training: What the job says about itself; replaces the file's section `training` as a whole.
    ///   - application: What the program says about itself; over the file's section `application`, key by key.
    ///   - recorder: The keys of the section `recorder` that are fixed in code; over the file's, key by key.
    ///   - exporters: Replaces the file's list; nil leaves it to the file, an empty list means none.
    ///   - recorders: Replaces the file's list of recorder plug-ins; nil leaves it to the file.
    ///   - merge: Lays both lists over those of the file, by name, instead of replacing them.
    ///   - path: The file; nil means to look for one.
    ///   - packages: What packages ask for, where nobody says otherwise.
    ///   - filter: Replaces that of the section `recorder`.
    ///   - processors: What happens to records on their way to the exporters, in this order.
    ///   - catalog: The exporters and recorder plug-ins that a configuration can name.
    /// - Returns: The telemetry of the recorder that free functions use from now on.
    /// - Throws: `TelemetryError.alreadyConfigured(_:)` when a recorder is installed, and
    ///   `TelemetryError.configuration(_:)` with every problem of all sources. Nothing was opened or started then.
    public static func bootstrap(
        training: TrainingTelemetryConfig? = nil, application: ApplicationOptions = ApplicationOptions(),
        recorder: SettingsNode? = nil, exporters: [ComponentConfig]? = nil, recorders: [ComponentConfig]? = nil,
        merge: Bool = false, config path: String? = nil, packages: [PackageConfig] = [], filter: SpanFilter? = nil,
        processors: [any RecordProcessor] = [], catalog: ComponentCatalog = .builtIn
    ) throws(TelemetryError) -> TrainingTelemetry {
        var bootstrap = Bootstrap()
        bootstrap.application = application
        bootstrap.direct = DirectConfig(recorder: recorder, exporters: exporters, recorders: recorders, merge: merge)
        bootstrap.path = path
        bootstrap.packages = packages
        bootstrap.filter = filter
        bootstrap.presetFilter = .training
        bootstrap.processors = processors
        bootstrap.catalog = catalog
        var settings: TrainingSettings?
        // Before anything is opened: what cannot be used must leave nothing behind.
        if let training { settings = try TrainingSettings(training) }
        let (installed, section) = try bootstrap.installTraining()
        if settings == nil, let section { settings = try TrainingSettings(section) }
        return TrainingTelemetry(recorder: installed, settings: settings)
    }
}
