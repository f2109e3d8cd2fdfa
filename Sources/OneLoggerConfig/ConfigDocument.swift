public import OneLoggerCore

/// One configuration text, parsed: where everything stands, what it holds, and nothing about what it means.
public struct ConfigDocument: Sendable {
    /// The languages in which a configuration may be written.
    @nonexhaustive
    public enum Syntax: Sendable, Hashable {
        /// YAML 1.2 without anchors, aliases, tags and merge keys.
        case yaml
        /// JSON.
        case json
    }

    /// The file's name as it was given; messages begin with it.
    public let file: String
    /// Everything in it; an empty text is an empty map.
    public let root: SettingsNode
    /// Single values that cannot be used; ``ConfigLayers`` reports them together with its own findings.
    let problems: [SettingsError]
    /// Where those values stand.
    let failed: Set<SettingsOrigin>

    /// Parses UTF-8 bytes.
    ///
    /// - Parameters:
    ///   - bytes: At most 1 MiB.
    ///   - file: What messages call the text; nothing is read from it.
    ///   - syntax: The language.
    ///   - environment: Where `${NAME}` is looked up.
    /// - Throws: `SettingsError` when the text cannot be read to its end.
    public init(
        bytes: [UInt8], file: String, syntax: Syntax = .yaml, environment: ConfigEnvironment = .process
    ) throws(SettingsError) {
        let source = try SourceText(bytes, file: file)
        var parser = try NodeParser(source, isJSON: syntax == .json, environment)
        self.file = file
        do throws(SettingsError) {
            root = try parser.document()
        } catch {
            // What was noted before stands before it, too.
            if case .several = error { throw error }
            throw parser.problems.isEmpty ? error : .several(parser.problems + [error])
        }
        problems = parser.problems
        failed = parser.failed
    }

    /// False when single values in it cannot be used; resolving it says which.
    package var isUsable: Bool { problems.isEmpty }

    /// Parses a text; see ``init(bytes:file:syntax:environment:)``.
    ///
    /// - Throws: `SettingsError` when the text cannot be read to its end.
    public init(
        text: String, file: String = "text", syntax: Syntax = .yaml, environment: ConfigEnvironment = .process
    ) throws(SettingsError) {
        try self.init(bytes: Array(text.utf8), file: file, syntax: syntax, environment: environment)
    }
}
