import OneLoggerConfig
import OneLoggerCore
import Testing

/// What reading `yaml` and resolving it alone gives.
func resolve(
    _ yaml: String, file: String = "a.yaml", syntax: ConfigDocument.Syntax = .yaml,
    direct: DirectConfig = DirectConfig(),
    packages: [PackageConfig] = [], environment: [String: String] = [:]
) throws(SettingsError) -> EffectiveConfig {
    let environment = ConfigEnvironment(environment)
    let document = try ConfigDocument(text: yaml, file: file, syntax: syntax, environment: environment)
    return try ConfigLayers(direct: direct, file: document, packages: packages, environment: environment).resolve()
}

/// The messages that reading and resolving a text gives, one per line; empty when all is well.
func problems(
    _ yaml: String, file: String = "a.yaml", syntax: ConfigDocument.Syntax = .yaml,
    direct: DirectConfig = DirectConfig(),
    packages: [PackageConfig] = [], environment: [String: String] = [:]
) -> String {
    do throws(SettingsError) {
        _ = try resolve(
            yaml, file: file, syntax: syntax, direct: direct, packages: packages, environment: environment)
        return ""
    } catch {
        return error.description
    }
}

/// The content of a text, without problems.
func parse(
    _ text: String, syntax: ConfigDocument.Syntax = .yaml, environment: [String: String] = [:]
) throws -> SettingsNode {
    let document = try ConfigDocument(
        text: text, file: "a.yaml", syntax: syntax, environment: ConfigEnvironment(environment))
    try #require(document.isUsable)
    return document.root
}

extension SettingsNode {
    /// The values alone, as text: `{a: 1, b: [true, "x"]}`.
    var plain: String {
        switch content {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .double(let value): "\(value)"
        case .string(let value): "\"\(value)\""
        case .list(let items): "[" + items.map(\.plain).joined(separator: ", ") + "]"
        case .map(let entries): "{" + entries.map { "\($0.key): \($0.value.plain)" }.joined(separator: ", ") + "}"
        }
    }
}
