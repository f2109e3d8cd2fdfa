public import OneLoggerCore

/// An exporter or a recorder plug-in, as one source asks for it.
public struct ComponentConfig: Sendable, Hashable {
    /// Which one, such as `jsonl`.
    public var type: String
    /// What tells it from others of its type; nil stands for the type.
    public var name: String?
    /// Whether it runs; nil stands for yes, or, laid over another source, for what that one says.
    public var isEnabled: Bool?
    /// Its own options, a map.
    public var config: SettingsNode

    /// Asks for one.
    public init(type: String, name: String? = nil, enabled isEnabled: Bool? = nil, config: SettingsNode = [:]) {
        self.type = type
        self.name = name
        self.isEnabled = isEnabled
        self.config = config
    }

    /// The same, as a file would say it.
    var node: SettingsNode {
        let pairs: [(String, SettingsNode)] = [
            ("type", SettingsNode(.string(type))),
            ("name", SettingsNode(name.map { .string($0) } ?? .null)),
            ("enabled", SettingsNode(isEnabled.map { .bool($0) } ?? .null)),
            ("config", config),
        ]
        return SettingsNode(
            .map(pairs.map { SettingsNode.Entry(key: $0.0, origin: .code(""), value: $0.1) }))
    }
}

/// What a program configures in code; it has priority over everything else.
public struct DirectConfig: Sendable, Hashable {
    /// The section `application`, a map, or nil.
    public var application: SettingsNode?
    /// The section `recorder`, a map, or nil.
    public var recorder: SettingsNode?
    /// The exporters; nil leaves them to the other sources, an empty list means none.
    public var exporters: [ComponentConfig]?
    /// The recorder plug-ins; nil leaves them to the other sources, an empty list means none.
    public var recorders: [ComponentConfig]?
    /// True to lay both lists over those of the other sources, by name, instead of replacing them.
    public var merge: Bool

    /// Says what is configured in code.
    public init(
        application: SettingsNode? = nil, recorder: SettingsNode? = nil, exporters: [ComponentConfig]? = nil,
        recorders: [ComponentConfig]? = nil, merge: Bool = false
    ) {
        self.application = application
        self.recorder = recorder
        self.exporters = exporters
        self.recorders = recorders
        self.merge = merge
    }

    /// The same, as a file would say it, with places such as `exporters[0].config.path`.
    var root: SettingsNode {
        var entries: [SettingsNode.Entry] = []
        func add(_ key: String, _ value: SettingsNode?) {
            guard let value else { return }
            entries.append(SettingsNode.Entry(key: key, origin: .code(""), value: value))
        }
        add("application", application)
        add("recorder", recorder)
        add("exporters", exporters.map { SettingsNode(.list($0.map(\.node))) })
        add("recorders", recorders.map { SettingsNode(.list($0.map(\.node))) })
        if merge { add("merge", true) }
        let isLiteral = { (origin: SettingsOrigin) in if case .code = origin { true } else { false } }
        return SettingsNode(.map(entries)).moved(where: isLiteral) { .code($0) }
    }
}

/// What a package that the program uses would like to have when nobody says otherwise.
public struct PackageConfig: Sendable, Hashable {
    /// The package's name.
    public var name: String
    /// The exporters that it asks for.
    public var exporters: [ComponentConfig]
    /// The recorder plug-ins that it asks for.
    public var recorders: [ComponentConfig]

    /// Says what a package asks for.
    public init(name: String, exporters: [ComponentConfig] = [], recorders: [ComponentConfig] = []) {
        self.name = name
        self.exporters = exporters
        self.recorders = recorders
    }

    /// The same, as a file would say it.
    var root: SettingsNode {
        let lists: [(String, [ComponentConfig])] = [("exporters", exporters), ("recorders", recorders)]
        let entries = lists.filter { !$0.1.isEmpty }.map { key, list in
            SettingsNode.Entry(key: key, origin: .package(name), value: SettingsNode(.list(list.map(\.node))))
        }
        return SettingsNode(.map(entries)).moved { _ in .package(name) }
    }
}
