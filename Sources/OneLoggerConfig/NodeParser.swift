internal import OneLoggerCore

/// Builds the tree of a configuration from libyaml's events.
///
/// Checks while it reads, because libyaml's work grows with the square of the depth: depth, number of values, and
/// everything of YAML that this package refuses. What does not hinder reading on is noted in ``problems``.
struct NodeParser: ~Copyable {
    /// Nested lists and maps.
    static let maxDepth = 32
    /// Values in one configuration; keys do not count.
    static let maxNodes = 10_000
    /// The longest key.
    ///
    /// Unit: bytes.
    static let maxKeyBytes = 256
    /// Past this many, the rest is not looked for.
    static let maxProblems = 100

    /// What is wrong so far.
    private(set) var problems: [SettingsError] = []
    /// Values that could not be made out, so that nobody else complains about them too.
    private(set) var failed: Set<SettingsOrigin> = []

    private var events: YAMLEvents
    private var nodes = 0
    /// What variables added to the text, which has the same limit as the text itself.
    private var substituted = 0
    private let source: SourceText
    private let isJSON: Bool
    private let rewrites: [(line: Int, column: Int)]
    private let environment: ConfigEnvironment

    init(_ source: SourceText, isJSON: Bool, _ environment: ConfigEnvironment) throws(SettingsError) {
        let json = isJSON ? try JSONText(source) : nil
        events = YAMLEvents(json?.bytes ?? source.bytes)
        rewrites = json?.rewrites ?? []
        self.source = source
        self.isJSON = isJSON
        self.environment = environment
    }

    /// The whole document; an empty one is an empty map.
    mutating func document() throws(SettingsError) -> SettingsNode {
        let empty = SettingsNode(.map([]), origin: .file(source.file, line: 1, column: 1))
        let start = try next()
        guard case .documentStart(let isExplicit, let hasDirectives) = start.kind else {
            if isJSON { throw .syntax("the file is empty. Write at least {}", at: empty.origin) }
            return empty
        }
        if hasDirectives {
            throw .syntax(
                "a configuration is YAML 1.2 without tags. Remove the line that begins with '%'", at: place(start))
        }
        if isJSON, isExplicit { throw .syntax("'---' is not JSON. Remove it", at: place(start)) }
        let root = try value(try next(), depth: 0)
        _ = try next()
        let end = try next()
        guard end.kind == .end else {
            throw .syntax("a second document begins here. Keep one document in a file", at: place(end))
        }
        return root.content == .null ? empty : root
    }

    private mutating func next() throws(SettingsError) -> YAMLEvents.Event {
        do throws(YAMLEvents.Failure) {
            return try events.next()
        } catch {
            let sentence = YAMLSentence(error, in: source)
            throw .syntax(sentence.text, at: origin(sentence.place))
        }
    }

    private func place(_ event: YAMLEvents.Event) -> SettingsOrigin { origin(event.start) }

    private func origin(_ place: YAMLEvents.Place) -> SettingsOrigin {
        let shift = rewrites.count { $0.line == place.line && $0.column < place.column } * JSONText.shortening
        return .file(source.file, line: place.line, column: place.column + shift)
    }

    private mutating func note(_ problem: String, at origin: SettingsOrigin) throws(SettingsError) {
        problems.append(.syntax(problem, at: origin))
        failed.insert(origin)
        if problems.count >= Self.maxProblems { throw .several(problems) }
    }
}

// MARK: - values

extension NodeParser {
    private mutating func value(_ event: YAMLEvents.Event, depth: Int) throws(SettingsError) -> SettingsNode {
        let origin = place(event)
        nodes += 1
        guard nodes <= Self.maxNodes else {
            throw .syntax("a configuration may hold at most 10,000 values. Make it shorter", at: origin)
        }
        if event.hasAnchor { try note("anchors are not supported. Remove what begins with '&'", at: origin) }
        if event.hasTag { try note("tags are not supported. Remove what begins with '!'", at: origin) }
        switch event.kind {
        case .scalar(let text, let isPlain): return try scalar(text, isPlain: isPlain, event)
        case .alias:
            try note(
                "aliases are not supported. Write the value again, or put a text that begins with '*' in quotes",
                at: origin)
            return SettingsNode(.null, origin: origin)
        case .sequenceStart(let isFlow):
            try checkCollection(event, isFlow: isFlow, depth: depth)
            return SettingsNode(.list(try list(depth: depth)), origin: origin)
        case .mappingStart(let isFlow):
            try checkCollection(event, isFlow: isFlow, depth: depth)
            return SettingsNode(.map(try map(depth: depth)), origin: origin)
        case .documentStart, .documentEnd, .mappingEnd, .sequenceEnd, .end:
            throw .syntax("a value is missing here. Write one", at: origin)
        }
    }

    private func checkCollection(_ event: YAMLEvents.Event, isFlow: Bool, depth: Int) throws(SettingsError) {
        guard depth < Self.maxDepth else {
            throw .syntax("lists and maps may be nested at most 32 deep. Make it flatter", at: place(event))
        }
        guard isJSON else { return }
        // A pair in a list, [a: b], has no brace of its own.
        guard isFlow, event.start != event.end else {
            throw .syntax(
                "in JSON, lists stand in [ ] and maps in { }. Add them, or name the file .yaml", at: place(event))
        }
    }

    private mutating func list(depth: Int) throws(SettingsError) -> [SettingsNode] {
        var items: [SettingsNode] = []
        while true {
            let event = try next()
            if event.kind == .sequenceEnd { return items }
            items.append(try value(event, depth: depth + 1))
        }
    }

    private mutating func map(depth: Int) throws(SettingsError) -> [SettingsNode.Entry] {
        var entries: [SettingsNode.Entry] = []
        // A scan is faster for the maps that people write; a set keeps hostile ones from costing the square.
        var seen: Set<String> = []
        while true {
            let event = try next()
            if event.kind == .mappingEnd { return entries }
            let key = try key(event)
            let isDuplicate = entries.count > 16 ? seen.contains(key) : entries.contains { $0.key == key }
            let value = try value(try next(), depth: depth + 1)
            guard !isDuplicate else {
                let first = entries.first { $0.key == key }.map { ", first at \($0.origin)" } ?? ""
                try note("the key '\(key)' stands twice in this map\(first). Remove one of them", at: place(event))
                continue
            }
            if entries.count == 16 { seen = Set(entries.map(\.key)) }
            if entries.count >= 16 { seen.insert(key) }
            entries.append(SettingsNode.Entry(key: key, origin: place(event), value: value))
        }
    }

    private mutating func key(_ event: YAMLEvents.Event) throws(SettingsError) -> String {
        let origin = place(event)
        guard case .scalar(let key, let isPlain) = event.kind else {
            let problem =
                event.kind == .alias ? "aliases are not supported" : "a key must be a text, not a list or a map"
            throw .syntax("\(problem). Write a text before the ':'", at: origin)
        }
        if event.hasAnchor { try note("anchors are not supported. Remove what begins with '&'", at: origin) }
        if event.hasTag { try note("tags are not supported. Remove what begins with '!'", at: origin) }
        guard !isPlain || !key.isEmpty else { throw .syntax("a key is missing here. Write KEY: VALUE", at: origin) }
        guard !isPlain || key != "<<" else {
            throw .syntax("merge keys are not supported. Write the keys themselves", at: origin)
        }
        guard key.utf8.count <= Self.maxKeyBytes else {
            throw .syntax("a key may hold at most 256 bytes. Make it shorter", at: origin)
        }
        if isJSON, isPlain { throw .syntax("in JSON, a key stands in double quotes. Write \"…\": VALUE", at: origin) }
        guard !key.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw .syntax("a key cannot hold control characters, tabs or line breaks. Remove them", at: origin)
        }
        return key
    }
}

// MARK: - single values

extension NodeParser {
    private mutating func scalar(
        _ written: String, isPlain: Bool, _ event: YAMLEvents.Event
    ) throws(SettingsError) -> SettingsNode {
        let origin = place(event)
        var text = written, variables: [String] = []
        if isPlain, isJSON, !JSONText.isLiteral(written) {
            let advice = "Write true, false, null, a number, or a text in double quotes"
            throw .syntax(
                "\(written.isEmpty ? "a value is missing here" : "this is no JSON value"). \(advice)", at: origin)
        }
        if isPlain, written.utf8.contains(9) {
            try note("a tab stands inside this text. Write a space, or put the text in quotes", at: origin)
        }
        if written.utf8.contains(UInt8(ascii: "$")) {
            do throws(Substitution.Failure) {
                let substitution = try Substitution(written, environment)
                (text, variables) = (substitution.text, substitution.variables)
            } catch {
                if environment.isUnknown, error.isUnset {
                    failed.insert(origin)
                } else {
                    try note(error.sentence, at: origin)
                }
            }
            if !variables.isEmpty { substituted += text.utf8.count }
            guard substituted <= SourceText.maxBytes else {
                throw .syntax("environment variables add more than 1 MiB. Make them shorter", at: origin)
            }
        }
        let isUnprintable = text.unicodeScalars.contains {
            $0.properties.generalCategory == .control && $0 != "\n" && $0 != "\t" && $0 != "\r"
        }
        if isUnprintable { try note("the text holds a control character. Remove it", at: origin) }
        var node = SettingsNode(isPlain ? try typed(text, at: origin) : .string(text), origin: origin)
        node.variables = variables
        return node
    }

    private mutating func typed(_ text: String, at origin: SettingsOrigin) throws(SettingsError) -> SettingsNode.Content
    {
        switch ScalarType(text) {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .int(let value): return .int(value)
        case .double(let value): return .double(value)
        case .text: return .string(text)
        case .tooLarge:
            try note("this integer does not fit into 64 bits. Put it in quotes if it is a text", at: origin)
        case .notFinite:
            try note("this is no finite number. Write another, or put it in quotes if it is a text", at: origin)
        }
        return .string(text)
    }
}
