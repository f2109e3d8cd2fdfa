/// A value of a configuration, given as it is or by a function.
///
/// A literal is a value; a function is called once, when the configuration is given to a ``TrainingTelemetry``.
public enum ConfigValue<Value: Sendable>: Sendable {
    /// The value itself.
    case value(Value)
    /// What gives the value.
    case function(@Sendable () -> Value)

    /// The value; calls the function.
    var resolved: Value {
        switch self {
        case .value(let value): value
        case .function(let give): give()
        }
    }
}

extension ConfigValue: ExpressibleByIntegerLiteral where Value: ExpressibleByIntegerLiteral {
    /// The value itself.
    public init(integerLiteral value: Value.IntegerLiteralType) { self = .value(Value(integerLiteral: value)) }
}

extension ConfigValue: ExpressibleByBooleanLiteral where Value: ExpressibleByBooleanLiteral {
    /// The value itself.
    public init(booleanLiteral value: Value.BooleanLiteralType) { self = .value(Value(booleanLiteral: value)) }
}

extension ConfigValue: ExpressibleByUnicodeScalarLiteral where Value: ExpressibleByStringLiteral {
    /// The value itself.
    public init(unicodeScalarLiteral value: Value.StringLiteralType) { self = .value(Value(stringLiteral: value)) }
}

extension ConfigValue: ExpressibleByExtendedGraphemeClusterLiteral where Value: ExpressibleByStringLiteral {
    /// The value itself.
    public init(extendedGraphemeClusterLiteral value: Value.StringLiteralType) {
        self = .value(Value(stringLiteral: value))
    }
}

extension ConfigValue: ExpressibleByStringLiteral where Value: ExpressibleByStringLiteral {
    /// The value itself.
    public init(stringLiteral value: Value.StringLiteralType) { self = .value(Value(stringLiteral: value)) }
}

/// What jobs are grouped by when their speed is compared: one tag, or several.
public enum PerfTag: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
    /// One tag.
    case tag(String)
    /// Several tags.
    case tags([String])

    /// One tag.
    public init(stringLiteral tag: String) { self = .tag(tag) }
    /// Several tags.
    public init(arrayLiteral tags: String...) { self = .tags(tags) }

    var isBlank: Bool {
        switch self {
        case .tag(let tag): tag.allSatisfy(\.isWhitespace)
        case .tags(let tags): tags.isEmpty || tags.contains { $0.allSatisfy(\.isWhitespace) }
        }
    }
}

extension ConfigValue: ExpressibleByArrayLiteral where Value == PerfTag {
    /// Several tags.
    public init(arrayLiteral tags: String...) { self = .value(.tags(tags)) }
}

/// Whether the training waits while a checkpoint is saved.
@nonexhaustive
public enum CheckpointStrategy: Sendable, Hashable {
    /// It waits, `sync`.
    case sync
    /// It goes on, `async`.
    case async

    var text: String { self == .sync ? "sync" : "async" }
    var span: TrainingSpan { self == .sync ? .checkpointSaveSync : .checkpointSaveAsync }
}
