/// Where a configured value came from.
@nonexhaustive
public enum SettingsOrigin: Sendable, Hashable, CustomStringConvertible {
    /// A place in a file; lines and columns count from 1.
    case file(String, line: Int, column: Int)
    /// A literal in code; the text names the place, such as `exporters[0]`.
    case code(String)
    /// An environment variable.
    case environment(String)
    /// A configuration that a package provides.
    case package(String)
    /// Nobody said anything.
    case preset

    /// `FILE:LINE:COLUMN`, or words that name the place.
    public var description: String {
        switch self {
        case .file(let file, let line, let column): "\(file):\(line):\(column)"
        case .code(let place): place.isEmpty ? "code" : "code, \(place)"
        case .environment(let name): "environment variable \(name)"
        case .package(let name): "package \(name)"
        case .preset: "default"
        }
    }
}

/// A configured value of any shape, and where it came from.
public struct SettingsNode: Sendable, Hashable {
    /// One key of a map.
    public struct Entry: Sendable, Hashable {
        /// The key.
        public var key: String
        /// Where the key stands.
        public var origin: SettingsOrigin
        /// Its value.
        public var value: SettingsNode

        /// Creates an entry.
        public init(key: String, origin: SettingsOrigin, value: SettingsNode) {
            self.key = key
            self.origin = origin
            self.value = value
        }
    }

    /// The shapes of a value.
    public enum Content: Sendable, Hashable {
        /// Nothing.
        case null
        /// A truth value.
        case bool(Bool)
        /// An integer.
        case int(Int)
        /// A number with a fraction or an exponent.
        case double(Double)
        /// Text.
        case string(String)
        /// Values in order.
        case list([SettingsNode])
        /// Keys and values in order; no key stands twice.
        case map([Entry])

        /// Feeds a single value; of a list or a map how long it is, which costs less code than the whole tree.
        public func hash(into hasher: inout Hasher) {
            switch self {
            case .null: hasher.combine(0)
            case .bool(let value): hasher.combine(value)
            case .int(let value): hasher.combine(value)
            case .double(let value): hasher.combine(value)
            case .string(let value): hasher.combine(value)
            case .list(let values): hasher.combine(values.count)
            case .map(let entries): hasher.combine(entries.count)
            }
        }
    }

    /// The value.
    public var content: Content
    /// Where it came from.
    public var origin: SettingsOrigin
    /// The environment variables whose values are part of this one.
    package var variables: [String] = []

    /// Creates a node; in code, a literal does the same.
    public init(_ content: Content, origin: SettingsOrigin = .code("")) {
        self.content = content
        self.origin = origin
    }

    /// The value under `key` of a map; nil when this is no map or the key is absent.
    public subscript(key: String) -> SettingsNode? {
        guard case .map(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }

    /// What a message calls this value.
    package var kindName: String {
        switch content {
        case .null: "nothing"
        case .bool(let value): "the boolean \(value)"
        case .int(let value): "the integer \(value)"
        case .double(let value): "the number \(value)"
        case .string(let value): "the text \(excerpt(value))"
        case .list: "a list"
        case .map: "a map"
        }
    }

    /// True when a variable that holds a secret, going by its name, is part of the value.
    package var holdsSecret: Bool { variables.contains(where: Self.isSecret(key:)) }

    /// True for keys, or paths of keys, whose values are never printed.
    package static func isSecret(key: String) -> Bool {
        let name = key.lowercased().filter { $0 != "_" && $0 != "-" }
        return [
            "authorization", "token", "secret", "password", "passwd", "passphrase", "apikey", "accesskey", "privatekey",
            "credential", "cookie", "headers",
        ].contains { name.holds($0) }
    }
}

extension SettingsNode: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Makes a null.
    public init(nilLiteral: ()) { self.init(.null) }
    /// Makes a truth value.
    public init(booleanLiteral value: Bool) { self.init(.bool(value)) }
    /// Makes an integer.
    public init(integerLiteral value: Int) { self.init(.int(value)) }
    /// Makes a number.
    public init(floatLiteral value: Double) { self.init(.double(value)) }
    /// Makes a text.
    public init(stringLiteral value: String) { self.init(.string(value)) }
    /// Makes a list.
    public init(arrayLiteral elements: SettingsNode...) { self.init(.list(elements)) }
    /// Makes a map; of a key that stands twice the last value counts.
    public init(dictionaryLiteral elements: (String, SettingsNode)...) {
        var entries: [Entry] = []
        for (key, value) in elements {
            entries.removeAll { $0.key == key }
            entries.append(Entry(key: key, origin: .code(key), value: value))
        }
        self.init(.map(entries))
    }
}
