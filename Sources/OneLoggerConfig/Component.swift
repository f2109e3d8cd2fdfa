internal import OneLoggerCore

/// One item of `exporters` or `recorders` while the sources are laid over each other.
struct Component {
    /// What tells it from the others in its list.
    var name: String
    /// A map of `type`, `name`, `enabled` and `config`, as far as they are given.
    var node: SettingsNode
    /// What messages call it, such as `exporters[0]`.
    var path: String

    /// Reads an item of a list; nil when it cannot be told from others, with the problems noted.
    init?(_ item: SettingsNode, path: String, problems: inout [SettingsError]) {
        var settings = Settings(item, path: path)
        let type = settings.node("type"), name = settings.node("name")
        _ = settings.bool("enabled")
        let config = settings.node("config"), className = settings.node("class_name")
        let typeName = Self.text(type, "type", &settings) ?? Self.text(className, "class_name", &settings)
        let ownName = Self.text(name, "name", &settings)
        if let className, type != nil {
            settings.report(
                "class_name", "means the same as 'type', which is there too", advice: "Remove one of them.",
                at: className.origin)
        }
        if let config {
            if case .map = config.content {} else { settings.wrongType("config", "a map", config) }
        }
        if type == nil, className == nil, name == nil, case .map = item.content {
            settings.report(.missing(key: settings.name("type"), at: item.origin))
        }
        if case .null = item.content {
            settings.report(
                .invalid(
                    key: path, problem: "has no value", advice: "Write a map with 'type', or remove it.",
                    at: item.origin))
        }
        var found: [SettingsError] = []
        do throws(SettingsError) { try settings.finish() } catch { found = error.all }

        self.name = ownName ?? typeName.map { ComponentAliases.types[$0] ?? $0 } ?? ""
        self.path = path
        node = item
        if case .map(let entries) = item.content {
            node.content = .map(
                entries.map { Self.canonical($0, typeName: typeName, path: path, problems: &found) })
        }
        problems += found
        if self.name.isEmpty { return nil }
    }

    private static func text(_ node: SettingsNode?, _ key: String, _ settings: inout Settings) -> String? {
        guard let node else { return nil }
        guard case .string(let text) = node.content else {
            settings.wrongType(key, "a text", node)
            return nil
        }
        guard !text.allSatisfy(\.isWhitespace) else {
            settings.report(key, "is blank", advice: "Write some text.", at: node.origin)
            return nil
        }
        return text
    }

    /// An entry without aliases.
    private static func canonical(
        _ entry: SettingsNode.Entry, typeName: String?, path: String, problems: inout [SettingsError]
    ) -> SettingsNode.Entry {
        var entry = entry
        switch entry.key {
        case "type", "class_name":
            entry.key = "type"
            if let type = typeName.flatMap({ ComponentAliases.types[$0] }) { entry.value.content = .string(type) }
        case "config":
            entry.value = ComponentAliases.renamed(
                entry.value, className: typeName ?? "", path: path, problems: &problems)
        default: break
        }
        return entry
    }

    /// The place of a key, else of the item.
    func origin(of key: String) -> SettingsOrigin { node[key]?.origin ?? node.origin }

    private var type: String? {
        guard case .string(let type) = node["type"]?.content else { return nil }
        return type
    }

    /// One list laid over another by name: what both have merges in its place, what is new follows.
    static func lay(_ top: [Component], over base: [Component], problems: inout [SettingsError]) -> [Component] {
        var result = base
        for component in top {
            guard let place = result.firstIndex(where: { $0.name == component.name }) else {
                result.append(component)
                continue
            }
            if let type = component.type, let below = result[place].type, type != below {
                problems.append(
                    .invalid(
                        key: "\(component.path).type",
                        problem: "is \(excerpt(type)), but \(excerpt(component.name)) at \(result[place].node.origin) "
                            + "is of type \(excerpt(below))",
                        advice: "Choose another name.", at: component.origin(of: "type")))
            }
            result[place].node = component.node.laid(over: result[place].node)
            result[place].path = component.path
        }
        return result
    }
}

/// One of the lists `exporters` and `recorders`.
struct ComponentList {
    /// The items, whose names differ.
    var components: [Component] = []
    /// Where the list stands.
    var origin: SettingsOrigin

    /// Reads a list.
    init(_ items: [SettingsNode], key: String, origin: SettingsOrigin, problems: inout [SettingsError]) {
        self.origin = origin
        var paths: [String: String] = [:]
        for (place, item) in items.enumerated() {
            let path = "\(key)[\(place)]"
            guard let component = Component(item, path: path, problems: &problems) else { continue }
            if let first = paths[component.name] {
                problems.append(
                    .invalid(
                        key: "\(path).name", problem: "is \(excerpt(component.name)), and so is that of '\(first)'",
                        advice: "Give each a name of its own.",
                        at: component.origin(of: component.node["name"]?.content ?? .null == .null ? "type" : "name")))
                continue
            }
            paths[component.name] = path
            components.append(component)
        }
    }

    /// An absent list.
    init() { origin = .preset }
}
