package import OneLogger
package import OneLoggerConfig
package import TrainingTelemetry

/// What a configuration asks for, read and checked down to the options of exporters and plug-ins.
///
/// Nothing is open yet. Not copyable, because what it describes is started once.
package struct CheckedConfig: ~Copyable, Sendable {
    /// A recorder plug-in that runs.
    struct Plugin: Sendable {
        var selection: ComponentSelection
        /// The exporters of its own recorder; nil when it writes into the application's.
        var ownExporters: [ExporterSlot]?
        var ownServiceName: String?
    }

    /// What all sources together ask for.
    package let config: EffectiveConfig
    /// The exporters that run.
    let exporters: [ExporterSlot]
    /// The plug-ins that run.
    let plugins: [Plugin]
    /// The section `training`; nil when there is none.
    package let training: TrainingTelemetryConfig?
    /// What can make them.
    let catalog: ComponentCatalog

    /// Reads and checks everything that `bootstrap` would, and starts nothing.
    ///
    /// - Parameters:
    ///   - layers: The sources.
    ///   - catalog: The exporters and plug-ins that can be made.
    ///   - others: Types that are known elsewhere; their options are not looked at.
    /// - Throws: Every problem of all sources, in the order of the file.
    package init(
        _ layers: ConfigLayers, catalog: ComponentCatalog, allowing others: [String] = []
    ) throws(SettingsError) {
        let resolution = layers.resolution()
        let config = resolution.config
        var reader = ComponentReader(catalog: catalog, others: others, environment: layers.environment)
        exporters = reader.slots(config.exporters)
        reader.noteSharedFiles(config.exporters)
        reader.problems += config.recorders.unknownTypes("recorder plug-in", catalog.pluginNames + others)
        var plugins: [Plugin] = []
        for (place, selection) in config.recorders.enumerated() {
            reader.check(selection)
            var plugin = Plugin(selection: selection)
            if let own = resolution.ownRecorders[place] {
                if selection.isEnabled { reader.noteSharedFiles(own, config.exporters) }
                plugin.ownServiceName = own.serviceName
                plugin.ownExporters = reader.slots(own.exporters ?? config.exporters, of: selection)
            }
            if selection.isEnabled { plugins.append(plugin) }
        }
        training = config.training.flatMap { reader.training($0) }
        self.config = config
        self.plugins = plugins
        self.catalog = catalog
        if let error = resolution.error(adding: reader.problems) { throw error }
    }
}
