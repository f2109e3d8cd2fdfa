package import OneLoggerCore

/// The recorder that a plug-in wants for itself: keys of its `config` that are not the plug-in's own options.
package struct OwnRecorderSelection: Sendable {
    private static let keys = ["service_name", "exporters"]

    /// What its records name as their producer; nil means the application.
    package let serviceName: String?
    /// Where its records go; nil means to exporters like those of the application.
    package let exporters: [ComponentSelection]?
    /// What messages call the plug-in's options, such as `recorders[0].config`.
    package let path: String
    /// Where the first of these keys stands.
    package let origin: SettingsOrigin

    /// Reads the keys; nil when none of them is there.
    init?(of plugin: ComponentSelection, problems: inout [SettingsError]) {
        guard let first = Self.keys.compactMap({ plugin.config[$0] }).first(where: { $0.content != .null }) else {
            return nil
        }
        origin = first.origin
        path = "\(plugin.path).config"
        // Every other key is the plug-in's own, so this reader must not refuse it.
        let entries = Self.keys.compactMap { key in
            plugin.config[key].map { SettingsNode.Entry(key: key, origin: $0.origin, value: $0) }
        }
        var settings = Settings(SettingsNode(.map(entries), origin: plugin.config.origin), path: path)
        serviceName = settings.filledText("service_name")
        var found: [SettingsError] = []
        let items = settings.list("exporters")
        let list = items.map { [first, path] items in
            ComponentList(items, key: "\(path).exporters", origin: first.origin, problems: &found)
        }
        exporters = list.map { list in list.components.compactMap { ComponentSelection($0, problems: &found) } }
        do throws(SettingsError) { try settings.finish() } catch { problems += error.all }
        problems += found
    }

    /// What is left of a plug-in's options without these keys.
    static func removed(from config: SettingsNode) -> SettingsNode {
        guard case .map(let entries) = config.content else { return config }
        var rest = config
        rest.content = .map(entries.filter { !keys.contains($0.key) })
        return rest
    }
}

extension ComponentSelection {
    /// A plug-in's own options, ready to be read.
    package var pluginSettings: Settings {
        Settings(OwnRecorderSelection.removed(from: config), path: "\(path).config")
    }
}
