public import OneLoggerCore

/// The exporters and recorder plug-ins that a configuration can name.
///
/// Third parties add their own.
public struct ComponentCatalog: Sendable {
    /// Reads an exporter's options and describes the exporter; opens nothing.
    typealias ExporterFactory = @Sendable (inout Settings, String) throws(SettingsError) -> ExporterSlot
    /// Makes a plug-in.
    typealias PluginFactory = @Sendable (inout Settings, Recorder) throws(SettingsError) -> any RecorderPlugin

    private var exporters: [String: ExporterFactory] = [:]
    private var plugins: [String: PluginFactory] = [:]

    /// Creates an empty catalog.
    public init() {}

    /// The names of the exporters, sorted.
    public var exporterNames: [String] { Array(exporters.keys).inOrder { $0 < $1 } }
    /// The names of the recorder plug-ins, sorted.
    public var pluginNames: [String] { Array(plugins.keys).inOrder { $0 < $1 } }

    /// Adds an exporter under its `configName`; one that is there under this name is replaced.
    public mutating func add<E: ConfigurableExporter & ~Copyable>(_ type: E.Type) {
        let make: ExporterFactory = { (settings, name) throws(SettingsError) in
            let inbox = settings.int("inbox_bytes", in: 65_536...1 << 30) ?? 8 << 20
            let options = try E.Options(&settings)
            return ExporterSlot(name: name, inboxBytes: inbox, isSwitchedOff: E.isSwitchedOff(options)) {
                (context) throws(ExportError) in try E(options, context)
            }
        }
        exporters[E.configName] = make
    }

    /// Adds a recorder plug-in under its `configName`; one that is there under this name is replaced.
    public mutating func add<P: RecorderPlugin>(_ type: P.Type) {
        let make: PluginFactory = { (settings, recorder) throws(SettingsError) in
            try P(settings: &settings, recorder: recorder)
        }
        plugins[P.configName] = make
    }

    /// Describes an exporter from its settings; nothing is opened.
    ///
    /// - Throws: `SettingsError` that names each problem and its place.
    public func exporter(
        _ type: String, named name: String, _ settings: inout Settings
    ) throws(SettingsError) -> ExporterSlot {
        guard let make = exporters[type] else {
            throw .unknownType(kind: "exporter", name: type, available: exporterNames, at: settings.origin)
        }
        return try make(&settings, name)
    }

    /// Makes a recorder plug-in from its settings.
    ///
    /// - Throws: `SettingsError` that names each problem and its place.
    public func plugin(
        _ type: String, _ settings: inout Settings, _ recorder: Recorder
    ) throws(SettingsError) -> any RecorderPlugin {
        guard let make = plugins[type] else {
            throw .unknownType(kind: "recorder plug-in", name: type, available: pluginNames, at: settings.origin)
        }
        return try make(&settings, recorder)
    }
}
