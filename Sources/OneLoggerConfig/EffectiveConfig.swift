public import OneLoggerCore

/// What all sources together ask for.
public struct EffectiveConfig: Sendable {
    /// The file that was read, as it was given; nil when there was none.
    public let file: String?
    /// The section `application`: every key that some source gives, with its place.
    public let application: SettingsNode
    /// The section `recorder`: every key that some source gives, with its place.
    public let recorder: SettingsNode
    /// The section `application`, read.
    public let applicationSection: ApplicationSection
    /// The section `recorder`, read.
    public let recorderSection: RecorderSection
    /// The section `training` of the file, not read yet; nil when there is none.
    public internal(set) var training: SettingsNode?
    /// The exporters in order, those that are switched off included.
    public internal(set) var exporters: [ComponentSelection] = []
    /// The recorder plug-ins in order, those that are switched off included.
    public internal(set) var recorders: [ComponentSelection] = []
    /// Where the list of exporters stands.
    var exportersOrigin = SettingsOrigin.preset
    /// Where the list of recorder plug-ins stands.
    var recordersOrigin = SettingsOrigin.preset

    /// Types that nobody knows, disabled ones included: a name with a mistake in it is one, running or not.
    ///
    /// - Parameters:
    ///   - knownExporters: The exporters that can be made.
    ///   - knownRecorders: The recorder plug-ins that can be made.
    /// - Returns: One problem for each, at the place of its type.
    package func unknownTypes(exporters knownExporters: [String], recorders knownRecorders: [String]) -> [SettingsError]
    {
        exporters.unknownTypes("exporter", knownExporters) + recorders.unknownTypes("recorder plug-in", knownRecorders)
    }

    /// False when no source has a list of exporters, not even an empty one.
    package var namesExporters: Bool { exportersOrigin != .preset }
}

/// An exporter or a recorder plug-in that all sources together ask for.
public struct ComponentSelection: Sendable, Hashable {
    /// Which one, such as `jsonl`.
    public let type: String
    /// What tells it from others in its list.
    public let name: String
    /// Whether it runs.
    public let isEnabled: Bool
    /// Its own options, a map.
    public let config: SettingsNode
    /// Where it stands; of several sources, the one with the highest priority.
    public let origin: SettingsOrigin
    /// What messages call it, such as `exporters[0]`.
    package let path: String
    /// `type`, `name`, `enabled` and `config` as far as they were given.
    let node: SettingsNode

    /// Where its type stands.
    package var typeOrigin: SettingsOrigin { node["type"]?.origin ?? origin }

    /// Its options, ready to be read; messages call them `exporters[0].config.KEY`.
    package var settings: Settings { Settings(config, path: "\(path).config") }

    /// Takes a component over once all sources are laid over each other.
    init?(_ component: Component, problems: inout [SettingsError]) {
        node = component.node
        origin = node.origin
        path = component.path
        name = component.name
        guard case .string(let type) = node["type"]?.content else {
            // Something else than a text was reported when it was read.
            if node["type"]?.content ?? .null == .null {
                problems.append(
                    .invalid(
                        key: "\(path).type",
                        problem: "is absent, and no other source has \(excerpt(component.name)) to lay this over",
                        advice: "Add 'type'.", at: origin))
            }
            return nil
        }
        self.type = type
        if case .bool(let isEnabled) = node["enabled"]?.content { self.isEnabled = isEnabled } else { isEnabled = true }
        config = node["config"] ?? SettingsNode(.map([]), origin: origin)
    }
}

extension [ComponentSelection] {
    /// One problem for each type that is not among the known ones.
    package func unknownTypes(_ kind: String, _ known: [String]) -> [SettingsError] {
        filter { !known.contains($0.type) }.map {
            .unknownType(kind: kind, name: $0.type, available: known, at: $0.typeOrigin)
        }
    }
}

/// A configuration together with what is wrong with it.
package struct ConfigResolution: Sendable {
    /// What can be used of it.
    package let config: EffectiveConfig
    /// The recorders that plug-ins want for themselves, by the place of the plug-in in its list.
    package let ownRecorders: [Int: OwnRecorderSelection]
    /// What was found while it was read.
    let problems: [SettingsError]
    /// Values that could not be made out: what is said about them later is only a consequence.
    let failed: Set<SettingsOrigin>

    /// Every problem once, by its place in the file.
    ///
    /// - Parameter more: What others found, such as the options of exporters.
    /// - Returns: One error that holds them all; nil when there is none.
    package func error(adding more: [SettingsError] = []) -> SettingsError? {
        let consequences = (problems + more).flatMap(\.all).filter { error in
            guard case .syntax = error else { return !failed.contains { $0 == error.origin } }
            return true
        }
        let inFiles = consequences.filter { $0.filePlace != nil }.sorted { left, right in
            guard let left = left.filePlace, let right = right.filePlace else { return false }
            return left < right
        }
        var seen: Set<SettingsError> = []
        let all = (consequences.filter { $0.filePlace == nil } + inFiles).filter { seen.insert($0).inserted }
        guard let first = all.first else { return nil }
        return all.count == 1 ? first : .several(all)
    }
}

extension SettingsError {
    fileprivate var filePlace: (String, Int, Int)? {
        guard case .file(let file, let line, let column) = origin else { return nil }
        return (file, line, column)
    }
}
