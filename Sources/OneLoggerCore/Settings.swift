/// Something that a configuration can describe.
public protocol SettingsReadable: Sendable {
    /// Reads every key it knows, then calls ``Settings/finish()``.
    ///
    /// - Throws: ``SettingsError`` that names each problem and its place.
    init(_ settings: inout Settings) throws(SettingsError)
}

/// Reads one map of a configuration, key by key.
///
/// Readers do not throw: they note the problem, leave the default and go on, so that ``finish()`` can report all
/// problems of a file at once.
public struct Settings: Sendable {
    /// Where the map begins.
    public let origin: SettingsOrigin
    private let path: String
    private var unread: [SettingsNode.Entry]
    private var known: [String] = []
    private var problems: [SettingsError] = []

    /// Starts to read a map. An absent map and null both count as empty.
    ///
    /// - Parameters:
    ///   - node: The map.
    ///   - path: What messages put before a key, such as `exporters[0].config`; empty at the top.
    public init(_ node: SettingsNode?, path: String = "") {
        origin = node?.origin ?? .preset
        self.path = path
        switch node?.content {
        case .map(let entries): unread = entries
        case nil, .null: unread = []
        default:
            unread = []
            if let node {
                problems.append(
                    .wrongType(key: path.isEmpty ? "document" : path, expected: "a map", found: node.kindName, at: node.origin))
            }
        }
    }

    /// The full name of a key in messages.
    private func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// Takes the value of `key`; nil when absent or null. Every other reader starts with this one.
    public mutating func node(_ key: String) -> SettingsNode? {
        known.append(key)
        guard let place = unread.firstIndex(where: { $0.key == key }) else { return nil }
        let value = unread.remove(at: place).value
        return value.content == .null ? nil : value
    }

    /// Notes a problem with `key` that only the caller can see.
    public mutating func report(_ key: String, _ problem: String, advice: String, at origin: SettingsOrigin? = nil) {
        problems.append(.invalid(key: name(key), problem: problem, advice: advice, at: origin ?? self.origin))
    }

    /// Notes problems that a nested reader found.
    public mutating func report(_ error: SettingsError) { problems += error.all }

    /// Says that no other key may stand here, and throws what was found.
    ///
    /// - Throws: One ``SettingsError``, or ``SettingsError/several(_:)``.
    public mutating func finish() throws(SettingsError) {
        for entry in unread {
            problems.append(.unknownKey(name(entry.key), allowed: known.map(name), at: entry.origin))
        }
        unread = []
        guard let first = problems.first else { return }
        throw problems.count == 1 ? first : .several(problems)
    }

    private mutating func wrongType(_ key: String, _ expected: String, _ node: SettingsNode) {
        let found = SettingsNode.isSecret(key: key) ? "another type" : node.kindName
        problems.append(.wrongType(key: name(key), expected: expected, found: found, at: node.origin))
    }

    private mutating func outOfRange(_ key: String, _ value: String, _ allowed: String, _ node: SettingsNode) {
        problems.append(.outOfRange(key: name(key), value: value, allowed: allowed, at: node.origin))
    }
}

// MARK: - single values

extension Settings {
    /// A text; nil when absent.
    public mutating func string(_ key: String) -> String? {
        guard let node = node(key) else { return nil }
        guard case .string(let value) = node.content else {
            wrongType(key, "a text", node)
            return nil
        }
        return value
    }

    /// A text that must be given and not be blank; empty when there is none, with the problem noted.
    public mutating func requiredString(_ key: String) -> String {
        let before = problems.count
        let value = string(key)
        if value == nil, problems.count == before { problems.append(.missing(key: name(key), at: origin)) }
        if let value, value.allSatisfy(\.isWhitespace) {
            report(key, "is blank", advice: "Write some text.")
        }
        return value ?? ""
    }

    /// A truth value, `true` or `false`; nil when absent.
    public mutating func bool(_ key: String) -> Bool? {
        guard let node = node(key) else { return nil }
        guard case .bool(let value) = node.content else {
            wrongType(key, "true or false", node)
            return nil
        }
        return value
    }

    /// An integer within `range`; nil when absent.
    public mutating func int(_ key: String, in range: ClosedRange<Int> = .min ... .max) -> Int? {
        guard let node = node(key) else { return nil }
        guard case .int(let value) = node.content else {
            wrongType(key, "an integer", node)
            return nil
        }
        guard range.contains(value) else {
            let low = range.lowerBound == .min ? "" : "at least \(range.lowerBound)"
            let high = range.upperBound == .max ? "" : "at most \(range.upperBound)"
            outOfRange(key, "\(value)", [low, high].filter { !$0.isEmpty }.joined(separator: " and "), node)
            return nil
        }
        return value
    }

    /// A number within `range`; an integer is taken as one. Nil when absent.
    public mutating func double(_ key: String, in range: ClosedRange<Double>) -> Double? {
        guard let node = node(key) else { return nil }
        let value: Double
        switch node.content {
        case .double(let number): value = number
        case .int(let number): value = Double(number)
        default:
            wrongType(key, "a number", node)
            return nil
        }
        guard range.contains(value) else {
            outOfRange(key, "\(value)", "from \(range.lowerBound) to \(range.upperBound)", node)
            return nil
        }
        return value
    }

    /// A list of texts; nil when absent.
    public mutating func strings(_ key: String) -> [String]? {
        guard let nodes = list(key) else { return nil }
        var values: [String] = []
        for node in nodes {
            guard case .string(let value) = node.content else {
                wrongType(key, "a list of texts", node)
                return nil
            }
            values.append(value)
        }
        return values
    }

    /// A list of anything; nil when absent.
    public mutating func list(_ key: String) -> [SettingsNode]? {
        guard let node = node(key) else { return nil }
        guard case .list(let nodes) = node.content else {
            wrongType(key, "a list", node)
            return nil
        }
        return nodes
    }

    /// One of several words; nil when absent.
    public mutating func choice<T>(_ key: String, _ choices: KeyValuePairs<String, T>) -> T? {
        guard let node = node(key) else { return nil }
        guard case .string(let word) = node.content else {
            wrongType(key, "one of " + choices.map(\.key).joined(separator: ", "), node)
            return nil
        }
        guard let match = choices.first(where: { $0.key == word }) else {
            outOfRange(key, "\"\(word)\"", "one of " + choices.map(\.key).joined(separator: ", "), node)
            return nil
        }
        return match.value
    }

    /// Reads a map under `key` with `body`, and collects what it throws. Nothing happens when the key is absent.
    public mutating func section(_ key: String, _ body: (inout Settings) throws(SettingsError) -> Void) {
        guard let node = node(key) else { return }
        var nested = Settings(node, path: name(key))
        do throws(SettingsError) {
            try body(&nested)
            try nested.finish()
        } catch {
            problems += error.all
        }
    }
}

// MARK: - into a property that holds the default

extension Settings {
    /// Replaces `value` when the key is given.
    public mutating func read(_ key: String, into value: inout String) { value = string(key) ?? value }

    /// Replaces `value` when the key is given.
    public mutating func read(_ key: String, into value: inout Bool) { value = bool(key) ?? value }

    /// Replaces `value` when the key is given and within `range`.
    public mutating func read(_ key: String, into value: inout Int, in range: ClosedRange<Int>) {
        value = int(key, in: range) ?? value
    }

    /// Replaces `value` when the key is given and within `range`.
    public mutating func read(_ key: String, into value: inout Double, in range: ClosedRange<Double>) {
        value = double(key, in: range) ?? value
    }

    /// Replaces `value` by a number of seconds when the key is given and within `range`.
    public mutating func readSeconds(_ key: String, into value: inout Duration, in range: ClosedRange<Double>) {
        if let seconds = double(key, in: range) { value = .seconds(seconds) }
    }

    /// Replaces `value` by a number of milliseconds when the key is given and within `range`.
    public mutating func readMilliseconds(_ key: String, into value: inout Duration, in range: ClosedRange<Int>) {
        if let milliseconds = int(key, in: range) { value = .milliseconds(milliseconds) }
    }

    /// Replaces `value` by one of several words when the key is given.
    public mutating func read<T>(_ key: String, into value: inout T, _ choices: KeyValuePairs<String, T>) {
        value = choice(key, choices) ?? value
    }
}
