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
    /// Looks a variable up, for options that fall back on the environment; nil when it is not set.
    ///
    /// Those of the process unless replaced; none where a file is checked without its environment.
    public var environment: @Sendable (String) -> String? = processVariable
    private let path: String
    /// False when something else stands where the map should: then its keys are not missing as well.
    package private(set) var isMap = true
    private var unread: [SettingsNode.Entry]
    private var known: [String] = []
    private var problems: [SettingsError] = []

    /// Starts to read a map.
    ///
    /// An absent map and null both count as empty.
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
            isMap = false
            if let node { wrongType(nil, "a map", node) }
        }
    }

    /// The full name of a key in messages.
    package func name(_ key: String?) -> String {
        guard let key else { return path.isEmpty ? "document" : path }
        return path.isEmpty ? key : "\(path).\(key)"
    }

    /// Takes the value of `key`; nil when absent or null.
    ///
    /// Every other reader starts with this one.
    public mutating func node(_ key: String) -> SettingsNode? {
        if !known.contains(key) { known.append(key) }
        guard let place = unread.firstIndex(where: { $0.key == key }) else { return nil }
        let value = unread.remove(at: place).value
        // Not `? nil : value`: there `nil` would be the literal of a null node.
        if value.content == .null { return nil }
        return value
    }

    /// Where the value of a key stands that was not read yet; nil when there is none.
    ///
    /// For ``report(_:_:advice:at:)``.
    public func origin(of key: String) -> SettingsOrigin? { unread.first { $0.key == key }?.value.origin }

    /// Notes a problem with `key` that only the caller can see.
    public mutating func report(_ key: String, _ problem: String, advice: String, at origin: SettingsOrigin? = nil) {
        problems.append(.invalid(key: name(key), problem: problem, advice: advice, at: origin ?? self.origin))
    }

    /// Notes problems that a nested reader found.
    public mutating func report(_ error: SettingsError) { problems += error.all }

    /// Says that no other key may stand here, and throws what was found.
    ///
    /// What it threw once it does not throw again.
    ///
    /// - Throws: One ``SettingsError``, or ``SettingsError/several(_:)``.
    public mutating func finish() throws(SettingsError) {
        for entry in unread {
            problems.append(.unknownKey(name(entry.key), allowed: known, at: entry.origin))
        }
        unread = []
        guard let first = problems.first else { return }
        let found: SettingsError = problems.count == 1 ? first : .several(problems)
        problems = []
        throw found
    }

    /// Notes that the value of `key` has another type than the one expected, such as `a list of texts`.
    package mutating func wrongType(_ key: String?, _ expected: String, _ node: SettingsNode) {
        let isHidden = node.holdsSecret || SettingsNode.isSecret(key: name(key))
        let found = isHidden ? "something else (not shown)" : node.kindName
        problems.append(.wrongType(key: name(key), expected: expected, found: found, at: node.origin))
    }

    /// Notes that the value of `key` is not allowed, and what is.
    package mutating func outOfRange(_ key: String, _ value: String, _ allowed: String, _ node: SettingsNode) {
        let isHidden = node.holdsSecret || SettingsNode.isSecret(key: name(key))
        let shown = isHidden ? "(not shown)" : value
        problems.append(.outOfRange(key: name(key), value: shown, allowed: allowed, at: node.origin))
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
        guard let node = node(key) else {
            if isMap { problems.append(.missing(key: name(key), at: origin)) }
            return ""
        }
        guard case .string(let value) = node.content else {
            wrongType(key, "a text", node)
            return ""
        }
        guard !value.allSatisfy(\.isWhitespace) else {
            report(key, "is blank", advice: "Write some text.", at: node.origin)
            return ""
        }
        return value
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
        let allowed = phrase(
            "an integer", range.lowerBound == .min ? nil : "\(range.lowerBound)",
            range.upperBound == .max ? nil : "\(range.upperBound)")
        guard case .int(let value) = node.content else {
            wrongType(key, allowed, node)
            return nil
        }
        guard range.contains(value) else {
            outOfRange(key, "\(value)", allowed, node)
            return nil
        }
        return value
    }

    /// A finite number within `range`; an integer is taken as one.
    ///
    /// Nil when absent.
    public mutating func double(_ key: String, in range: ClosedRange<Double>) -> Double? {
        guard let node = node(key) else { return nil }
        let allowed = phrase("a number", Self.text(range.lowerBound), Self.text(range.upperBound))
        let value: Double
        switch node.content {
        case .double(let number): value = number
        case .int(let number): value = Double(number)
        default:
            wrongType(key, allowed, node)
            return nil
        }
        guard value.isFinite, range.contains(value) else {
            outOfRange(key, Self.text(value) ?? "\(value)", allowed, node)
            return nil
        }
        return value
    }

    /// A bound as a person writes it; nil for infinities.
    private static func text(_ number: Double) -> String? {
        guard number.isFinite else { return nil }
        let text = "\(number)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private func phrase(_ noun: String, _ low: String?, _ high: String?) -> String {
        switch (low, high) {
        case (let low?, let high?): "\(noun) from \(low) to \(high)"
        case (let low?, nil): "\(noun) of at least \(low)"
        case (nil, let high?): "\(noun) of at most \(high)"
        case (nil, nil): noun
        }
    }

    /// A list of texts; nil when absent.
    public mutating func strings(_ key: String) -> [String]? {
        guard let nodes = list(key) else { return nil }
        var values: [String] = []
        for (place, node) in nodes.enumerated() {
            guard case .string(let value) = node.content else {
                wrongType("\(key)[\(place)]", "a text", node)
                continue
            }
            values.append(value)
        }
        return values.count == nodes.count ? values : nil
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
        let words = choices.map(\.key), allowed = "one of " + words.joined(separator: ", ")
        guard case .string(let word) = node.content else {
            wrongType(key, allowed, node)
            return nil
        }
        guard let match = choices.first(where: { $0.key == word }) else {
            let nearest = nearestName(to: word, among: words).map { "; perhaps you meant '\($0)'" } ?? ""
            outOfRange(key, excerpt(word), allowed + nearest, node)
            return nil
        }
        return match.value
    }

    /// Reads a map under `key` with `body`, and collects what it throws.
    ///
    /// Nothing happens when the key is absent.
    public mutating func section(_ key: String, _ body: (inout Settings) throws(SettingsError) -> Void) {
        guard let node = node(key) else { return }
        var nested = Settings(node, path: name(key))
        nested.environment = environment
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
    ///
    /// More than 292 years count as 292 years, because a longer `Duration` stops the program when it is converted.
    public mutating func readSeconds(_ key: String, into value: inout Duration, in range: ClosedRange<Double>) {
        if let seconds = double(key, in: range) { value = .seconds(min(max(seconds, -9.2e9), 9.2e9)) }
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
