internal import OneLoggerCore

extension EffectiveConfig {
    /// The whole configuration as text: one line per key, with its value and where it came from.
    ///
    /// Defaults are shown, too, but not those of exporters and plug-ins, which only they know. Secrets are shown as
    /// `<redacted>`: values of keys such as `token` or `authorization`, everything under `headers`, values that come from
    /// a variable with such a name, and the user in an address.
    ///
    /// ```
    /// # file: training.yaml
    /// application.name = "digits-training"  (training.yaml:2:9)
    /// recorder.flush_interval_ms = 100  (default)
    /// ```
    public func explain() -> String {
        var lines = ["# file: \(file ?? "none")"]
        let preset = { (node: SettingsNode) in node.moved { _ in .preset } }
        let sections = [
            ("application", application.laid(over: preset(ApplicationSection.defaults), deepKeys: [])),
            ("recorder", recorder.laid(over: preset(recorderDefaults), deepKeys: [])),
        ]
        for (key, node) in sections { Self.explain(node, key, into: &lines) }
        if let training { Self.explain(training, "training", into: &lines) }
        for (key, list, origin) in [
            ("exporters", exporters, exportersOrigin), ("recorders", recorders, recordersOrigin),
        ] {
            if list.isEmpty { lines.append("\(key) = []  (\(origin))") }
            for (place, selection) in list.enumerated() {
                Self.explain(selection.complete, "\(key)[\(place)]", into: &lines)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var recorderDefaults: SettingsNode {
        let onError = recorderSection.onError(isEnabled: applicationSection.isEnabled)
        let first: SettingsNode = ["on_error": onError == .propagate ? "propagate" : "disable_quietly"]
        return RecorderSection.defaults.laid(over: first)
    }

    private static func explain(_ node: SettingsNode, _ path: String, into lines: inout [String]) {
        switch node.content {
        case .null: break
        case .map(let entries) where !entries.isEmpty:
            for entry in entries { explain(entry.value, "\(path).\(shown(entry.key))", into: &lines) }
        case .list(let items) where items.contains(where: \.isCollection):
            for (place, item) in items.enumerated() { explain(item, "\(path)[\(place)]", into: &lines) }
        default:
            let variables = node.allVariables.map { ", ${\($0)}" }.joined()
            lines.append("\(path) = \(node.shown(under: path))  (\(node.origin)\(variables))")
        }
    }

    /// A key on one line.
    private static func shown(_ key: String) -> String {
        key.allSatisfy { $0.isLetter || $0.isNumber || "_-.".contains($0) } && !key.isEmpty ? key : quoted(key)
    }
}

extension ComponentSelection {
    /// What was given, completed by `name` and `enabled`.
    fileprivate var complete: SettingsNode {
        let preset = SettingsOrigin.preset
        let defaults = [("type", SettingsNode.Content.string(type)), ("name", .string(name)), ("enabled", .bool(true))]
        let base = SettingsNode(
            .map(defaults.map { .init(key: $0.0, origin: preset, value: SettingsNode($0.1, origin: preset)) }),
            origin: preset)
        return node.laid(over: base)
    }
}

extension SettingsNode {
    fileprivate var isCollection: Bool {
        switch content {
        case .list, .map: true
        case .null, .bool, .int, .double, .string: false
        }
    }

    /// The variables of this value, or of a list's items.
    fileprivate var allVariables: [String] {
        guard case .list(let items) = content else { return variables }
        return items.flatMap(\.allVariables)
    }

    fileprivate func shown(under path: String) -> String {
        if holdsSecret || Self.isSecret(key: path) { return "<redacted>" }
        switch content {
        case .null: return "null"
        case .bool(let value): return "\(value)"
        case .int(let value): return "\(value)"
        case .double(let value): return "\(value)"
        case .string(let value): return quoted(withoutUser(value))
        case .list(let items): return "[" + items.map { $0.shown(under: path) }.joined(separator: ", ") + "]"
        case .map: return "{}"
        }
    }
}

/// The whole text in quotes, on one line.
private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        let isSpecial = scalar.properties.generalCategory == .control || scalar == "\"" || scalar == "\\"
        result += isSpecial ? scalar.escaped(asASCII: true) : String(scalar)
    }
    return result + "\""
}

/// An address such as `http://user:password@host/` without what stands before the `@`; another text as it is.
private func withoutUser(_ text: String) -> String {
    let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return text }
    let authority = parts[1].prefix { !"/?#".contains($0) }
    guard let at = authority.lastIndex(of: "@") else { return text }
    return "\(parts[0])://<redacted>\(parts[1][at...])"
}
