public import OneLoggerCore

/// The sources of a configuration, before their priority is applied.
///
/// For each of the lists `exporters` and `recorders` the highest source that has the key wins as a whole: code, then the
/// file, then the packages. A source that says `merge: true` is laid over the lower ones instead. The sections
/// `application` and `recorder` merge key by key: code, file, environment, defaults. The section `training` is the file's
/// alone; whoever knows training reads it.
public struct ConfigLayers: Sendable {
    /// What the program says in code.
    public var direct: DirectConfig
    /// The file, if there is one.
    public var file: ConfigDocument?
    /// What packages ask for; of two that use one name, the later is laid over the earlier.
    public var packages: [PackageConfig]
    /// Where launchers and OpenTelemetry's variables are looked up.
    public var environment: ConfigEnvironment

    /// Gathers the sources.
    public init(
        direct: DirectConfig = DirectConfig(), file: ConfigDocument? = nil, packages: [PackageConfig] = [],
        environment: ConfigEnvironment = .process
    ) {
        self.direct = direct
        self.file = file
        self.packages = packages
        self.environment = environment
    }

    /// Applies the priority and reads the sections.
    ///
    /// What stands inside the `config` of a component is not looked at: only the component knows its options.
    ///
    /// - Throws: `SettingsError` with every problem of all sources.
    public func resolve() throws(SettingsError) -> EffectiveConfig {
        let resolution = resolution()
        if let error = resolution.error() { throw error }
        return resolution.config
    }

    /// Applies the priority and reads the sections; what cannot be used is left out and noted.
    package func resolution() -> ConfigResolution {
        var problems = file?.problems ?? []
        let session = SessionEnvironment(environment)
        problems += session.problems
        let sections = ["application", "recorder", "training"], lists = ["exporters", "recorders"]
        let packageLayers = packages.map { ConfigLayer($0.root, sections: [], lists: lists, problems: &problems) }
        let fileLayer = file.map { ConfigLayer($0.root, sections: sections, lists: lists, problems: &problems) }
        let directLayer = ConfigLayer(direct.root, sections: sections, lists: lists, problems: &problems)

        func section(_ key: String, _ lowest: SettingsNode) -> SettingsNode {
            [fileLayer, directLayer].compactMap { $0?.sections[key] }
                .reduce(lowest) { $1.laid(over: $0, deepKeys: ["custom_metadata"]) }
        }
        func list(_ key: String) -> (ComponentList, [ComponentSelection]) {
            var result = ComponentList()
            for layer in packageLayers { layer.lay(key, over: &result, merges: true, problems: &problems) }
            for layer in [fileLayer, directLayer] { layer?.lay(key, over: &result, problems: &problems) }
            return (result, result.components.compactMap { ComponentSelection($0, problems: &problems) })
        }
        let application = section("application", session.application)
        let recorder = section("recorder", SettingsNode(.map([]), origin: .preset))
        var config = EffectiveConfig(
            file: file?.file, application: application, recorder: recorder,
            applicationSection: read(application, "application", problems: &problems) ?? ApplicationSection(),
            recorderSection: read(recorder, "recorder", problems: &problems) ?? RecorderSection())
        config.training = fileLayer?.sections["training"]
        let (exporters, recorders) = (list("exporters"), list("recorders"))
        (config.exporters, config.exportersOrigin) = (exporters.1, exporters.0.origin)
        (config.recorders, config.recordersOrigin) = (recorders.1, recorders.0.origin)
        var own: [Int: OwnRecorderSelection] = [:]
        for (place, plugin) in config.recorders.enumerated() {
            own[place] = OwnRecorderSelection(of: plugin, problems: &problems)
        }
        return ConfigResolution(config: config, ownRecorders: own, problems: problems, failed: file?.failed ?? [])
    }

    private func read<Section: SettingsReadable>(
        _ node: SettingsNode, _ path: String, problems: inout [SettingsError]
    ) -> Section? {
        var settings = Settings(node, path: path)
        do throws(SettingsError) {
            return try Section(&settings)
        } catch {
            problems += error.all
            return nil
        }
    }
}

/// One source, its top level read.
private struct ConfigLayer {
    var sections: [String: SettingsNode] = [:]
    private var lists: [String: ComponentList] = [:]
    private var merges = false

    init(_ root: SettingsNode, sections: [String], lists: [String], problems: inout [SettingsError]) {
        var settings = Settings(root)
        var found: [SettingsError] = []
        for key in sections {
            guard let node = settings.node(key) else { continue }
            if case .map = node.content { self.sections[key] = node } else { settings.wrongType(key, "a map", node) }
        }
        for key in lists {
            if let node = root[key], node.content == .null {
                settings.report(
                    key, "has no value", advice: "Write [] for none, or remove the key to leave it to other sources.",
                    at: node.origin)
            }
            guard let node = settings.node(key) else { continue }
            guard case .list(let items) = node.content else {
                settings.wrongType(key, "a list", node)
                continue
            }
            self.lists[key] = ComponentList(items, key: key, origin: node.origin, problems: &found)
        }
        settings.read("merge", into: &merges)
        do throws(SettingsError) { try settings.finish() } catch { problems += error.all }
        problems += found
    }

    /// Applies one list of this source to what lower sources gave.
    func lay(
        _ key: String, over base: inout ComponentList, merges alwaysMerges: Bool = false,
        problems: inout [SettingsError]
    ) {
        guard let top = lists[key] else { return }
        if merges || alwaysMerges {
            base.components = Component.lay(top.components, over: base.components, problems: &problems)
            if base.origin == .preset { base.origin = top.origin }
        } else {
            base = top
        }
    }
}
