package import OneLogger
package import OneLoggerConfig
internal import Synchronization
package import TrainingTelemetry

/// Everything that `Recorder.bootstrap` can be told, and what it does with it.
package struct Bootstrap {
    package var direct = DirectConfig()
    package var application = ApplicationOptions()
    package var path: String?
    package var packages: [PackageConfig] = []
    package var filter: SpanFilter?
    /// The filter where neither the code nor the file has one.
    package var presetFilter: SpanFilter?
    package var processors: [any RecordProcessor] = []
    package var catalog = ComponentCatalog.builtIn
    /// Where variables are looked up.
    package var environment = ConfigEnvironment.process
    /// Where the standard file names are looked for; empty means the working directory.
    package var directory = ""

    package init() {}

    /// True while one caller configures telemetry: a second one must not open the same files meanwhile.
    private static let isBusy = Locked(false)

    /// Starts a recorder and makes it the current one.
    ///
    /// - Throws: `TelemetryError.alreadyConfigured(_:)`, before anything else is done, and what ``check()`` throws.
    package func install() throws(TelemetryError) -> Recorder { try installTraining().recorder }

    /// The same, for whoever wants to know the section `training`, too.
    package func installTraining() throws(TelemetryError) -> (recorder: Recorder, training: TrainingTelemetryConfig?) {
        let isFirst = Self.isBusy.withLock { isBusy in
            guard !isBusy, Recorder.installed == nil else { return false }
            isBusy = true
            return true
        }
        guard isFirst else { throw .alreadyConfigured("Recorder.bootstrap") }
        defer { Self.isBusy.withLock { $0 = false } }

        let checked = try check()
        let recorder = launch(checked)
        do throws(TelemetryError) {
            try Recorder.install(recorder)
        } catch {
            // Somebody called `install` just now.
            do throws(TelemetryError) { try recorder.shutdown() } catch {}
            throw error
        }
        if recorder.isRecording, checked.config.recorderSection.signals == .handleDefault { Signals.watch() }
        addPlugins(checked, to: recorder)
        return (recorder, checked.training)
    }

    /// Starts a recorder, and nothing that concerns the whole process.
    package func start() throws(TelemetryError) -> Recorder {
        let checked = try check()
        let recorder = launch(checked)
        addPlugins(checked, to: recorder)
        return recorder
    }

    /// Reads all sources.
    ///
    /// - Throws: `TelemetryError.configuration(_:)` with every problem of all of them.
    package func check() throws(TelemetryError) -> CheckedConfig {
        var layers = ConfigLayers(direct: direct, packages: packages, environment: environment)
        layers.direct.application = application.node()
        do throws(SettingsError) {
            layers.file = try ConfigFile.choose(explicit: path, environment: environment, directory: directory)?
                .read(environment: environment)
            return try CheckedConfig(layers, catalog: catalog)
        } catch {
            throw .configuration(error.all)
        }
    }
}

// MARK: - starting what was checked

extension Bootstrap {
    private func launch(_ checked: borrowing CheckedConfig) -> Recorder {
        let config = checked.config
        let options = options(config)
        guard options.isEnabled else {
            Diagnostics.line(config.applicationSection.silence)
            return Recorder(options)
        }
        if !config.namesExporters {
            Diagnostics.line(
                "no exporter is configured, so nothing leaves this process; pass exporters or a file to "
                    + "Recorder.bootstrap, set \(ConfigFile.pathVariable), or write \(ConfigFile.standardNames[0])")
        }
        return Recorder(options, exporters: checked.exporters)
    }

    private func options(_ config: EffectiveConfig) -> RecorderOptions {
        var options = RecorderOptions(config.recorderSection, config.applicationSection)
        options.resource = Resource(config.applicationSection)
        if let filter {
            options.filter = filter
        } else if let presetFilter, config.recorder["filter"] == nil {
            options.filter = presetFilter
        }
        options.processors = processors
        if options.isEnabled, config.applicationSection.traceParent == .use { options.remoteParent = remoteParent }
        return options
    }

    /// The span that `TRACEPARENT` names.
    private var remoteParent: SpanContext? {
        guard let text = environment["TRACEPARENT"], !text.isEmpty else { return nil }
        guard let context = SpanContext(traceparent: text) else {
            Diagnostics.line(
                "environment variable TRACEPARENT is \(excerpt(text)), which no W3C trace context looks like; "
                    + "roots begin traces of their own")
            return nil
        }
        return context
    }

    private func addPlugins(_ checked: borrowing CheckedConfig, to recorder: Recorder) {
        guard recorder.isRecording else { return }
        for plugin in checked.plugins {
            var own: Recorder?
            if let exporters = plugin.ownExporters {
                var options = options(checked.config)
                options.processors = []
                options.resource.serviceName = plugin.ownServiceName ?? options.resource.serviceName
                own = Recorder(options, exporters: exporters)
            }
            var settings = plugin.selection.pluginSettings
            do throws(SettingsError) {
                let made = try checked.catalog.plugin(plugin.selection.type, &settings, own ?? recorder)
                recorder.add(made, named: plugin.selection.name, owning: own)
            } catch {
                // It could be made when it was checked, so this concerns the moment, not the configuration.
                recorder.report(.component(name: "recorder plug-in '\(plugin.selection.name)'", problem: "\(error)"))
            }
        }
    }
}
