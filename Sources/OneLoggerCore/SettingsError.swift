/// Why a configuration cannot be used.
///
/// Every message says where, what, and what to write instead. Values of keys that hold secrets are never shown.
@nonexhaustive
public enum SettingsError: Error, Hashable, Sendable {
    /// The file cannot be read.
    case unreadable(file: String, reason: String)
    /// The text is not YAML or JSON as this package reads it.
    case syntax(String, at: SettingsOrigin)
    /// A key that has no default is absent.
    case missing(key: String, at: SettingsOrigin)
    /// A key that means nothing here.
    case unknownKey(String, allowed: [String], at: SettingsOrigin)
    /// No exporter or recorder plug-in has this name.
    case unknownType(kind: String, name: String, available: [String], at: SettingsOrigin)
    /// A value of the wrong type.
    case wrongType(key: String, expected: String, found: String, at: SettingsOrigin)
    /// A value that is too small, too large, or not one of a list.
    case outOfRange(key: String, value: String, allowed: String, at: SettingsOrigin)
    /// Anything else; the sentence says what to do.
    case invalid(key: String, problem: String, advice: String, at: SettingsOrigin)
    /// More than one problem, in the order in which they were found.
    case several([SettingsError])

    /// The single problems.
    public var all: [SettingsError] {
        guard case .several(let problems) = self else { return [self] }
        return problems.flatMap(\.all)
    }
}

extension SettingsError: CustomStringConvertible {
    /// One line per problem: where, what, and what to do.
    public var description: String {
        guard case .several(let problems) = self else { return onOneLine(sentences) }
        return problems.map(\.description).joined(separator: "\n")
    }

    private var sentences: String {
        switch self {
        case .unreadable(let file, let reason):
            "\(file): error: can't be read: \(reason). Pass an existing .yaml, .yml or .json file."
        case .syntax(let problem, let origin):
            "\(origin): error: \(problem)."
        case .missing(let key, let origin):
            "\(origin): error: '\(key)' is required here. Add '\(key)'."
        case .unknownKey(let key, let allowed, let origin):
            "\(origin): error: unknown key '\(key)'. "
                + Self.choices(for: key, among: allowed, label: "Allowed", none: "No key is allowed here")
        case .unknownType(let kind, let name, let available, let origin):
            "\(origin): error: no \(kind) is called '\(name)'. "
                + Self.choices(for: name, among: available, label: "Available", none: "None is available")
        case .wrongType(let key, let expected, let found, let origin):
            "\(origin): error: '\(key)' must be \(expected), but is \(found). Write \(expected)."
        case .outOfRange(let key, let value, let allowed, let origin):
            "\(origin): error: '\(key)' is \(value), which is not allowed. Write \(allowed)."
        case .invalid(let key, let problem, let advice, let origin):
            "\(origin): error: '\(key)' \(problem). \(advice)"
        case .several(let problems):
            problems.map(\.sentences).joined(separator: " ")
        }
    }

    /// The last part of a path such as `exporters[0].config.pth` is what was typed: the rest would count as alike.
    private static func choices(for name: String, among allowed: [String], label: String, none: String) -> String {
        guard !allowed.isEmpty else { return "\(none)." }
        let typed = name.split(separator: ".").last.map(String.init) ?? name
        let nearest = nearestName(to: name, among: allowed) ?? nearestName(to: typed, among: allowed)
        return (nearest.map { "Did you mean '\($0)'? " } ?? "") + "\(label): \(allowed.joined(separator: ", "))."
    }
}
