internal import OneLogger
internal import OneLoggerConfig
internal import OneLoggerPrometheus
internal import TrainingTelemetry

/// Reads the options of exporters and plug-ins, and notes what is wrong with them.
struct ComponentReader {
    private let catalog: ComponentCatalog
    private let others: [String]
    private let environment: ConfigEnvironment
    /// The files that exporters write, and what writes them.
    private var writers: [String: String] = [:]
    var problems: [SettingsError] = []

    init(catalog: ComponentCatalog, others: [String], environment: ConfigEnvironment) {
        self.catalog = catalog
        self.others = others
        self.environment = environment
    }

    /// Describes the exporters that run; the others are only checked.
    mutating func slots(_ selections: [ComponentSelection], of plugin: ComponentSelection? = nil) -> [ExporterSlot] {
        // Copies of the application's exporters were checked before.
        var found: [SettingsError] = selections.unknownTypes("exporter", catalog.exporterNames + others)
        var slots: [ExporterSlot] = []
        for selection in selections where catalog.exporterNames.contains(selection.type) {
            let name = plugin.map { "\($0.name)/\(selection.name)" } ?? selection.name
            var settings = selection.settings
            settings.environment = { [environment] name in environment[name] }
            do throws(SettingsError) {
                let slot = try catalog.exporter(selection.type, named: name, &settings)
                // An exporter whose options forget this would let mistakes pass.
                try settings.finish()
                if selection.isEnabled, !slot.isSwitchedOff { slots.append(slot) }
            } catch {
                found += error.all
            }
        }
        problems += found.filter { !problems.contains($0) }
        return slots
    }

    /// Reads the section `training`.
    mutating func training(_ node: SettingsNode) -> TrainingTelemetryConfig? {
        var settings = Settings(node, path: "training")
        do throws(SettingsError) { return try TrainingTelemetryConfig(&settings) } catch {
            problems += error.all
            return nil
        }
    }

    /// Reads a plug-in's options.
    mutating func check(_ plugin: ComponentSelection) {
        guard catalog.pluginNames.contains(plugin.type) else { return }
        var settings = plugin.pluginSettings
        do throws(SettingsError) {
            _ = try catalog.plugin(plugin.type, &settings, .disabled)
            try settings.finish()
        } catch {
            problems += error.all
        }
    }

    /// Two writers of one file would tear its numbering apart, and the second would truncate what the first wrote.
    mutating func noteSharedFiles(_ exporters: [ComponentSelection]) {
        for exporter in exporters {
            guard let (path, origin) = Self.file(exporter) else { continue }
            let file = Self.withoutDetours(path)
            if let first = writers[file] {
                problems.append(
                    .invalid(
                        key: "\(exporter.path).config.path",
                        problem: "is \(excerpt(path)), and so is that of '\(first)'",
                        advice: "Give each a file of its own.", at: origin))
            } else {
                writers[file] = exporter.path
            }
        }
    }

    /// The same for a plug-in's own recorder, which has exporters of its own or copies of the application's.
    mutating func noteSharedFiles(_ own: OwnRecorderSelection, _ exporters: [ComponentSelection]) {
        if let exporters = own.exporters { return noteSharedFiles(exporters) }
        guard let first = exporters.first(where: { Self.file($0) != nil }) else { return }
        problems.append(
            .invalid(
                key: "\(own.path).service_name",
                problem: "asks for a recorder of its own, but the file of '\(first.path)' can have one writer only",
                advice: "Add 'exporters' beside it.", at: own.origin))
    }

    /// A path without what changes nothing: `./a//b` is `a/b`.
    private static func withoutDetours(_ path: String) -> String {
        (path.hasPrefix("/") ? "/" : "") + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    private static func file(_ exporter: ComponentSelection) -> (path: String, origin: SettingsOrigin)? {
        guard exporter.isEnabled, ["jsonl", "prometheus"].contains(exporter.type) else { return nil }
        guard let node = exporter.config["path"] else {
            let hasDefault = exporter.type == "prometheus" && exporter.config["listen"] == nil
            return hasDefault ? (PrometheusExporter.Options.defaultPath, exporter.config.origin) : nil
        }
        guard case .string(let path) = node.content, !path.hasPrefix("/dev/") else { return nil }
        return (path, node.origin)
    }
}
