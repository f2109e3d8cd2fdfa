/// What an attribute may hold: a string, boolean, integer or floating-point number, or an array of one of these.
///
/// An array is homogeneous by its type, so a mixed list cannot be written.
@nonexhaustive
public enum AttributeValue: Sendable, Hashable {
    /// Text; invalid UTF-8 cannot occur in a `String`.
    case string(String)
    /// A truth value.
    case bool(Bool)
    /// A 64-bit signed integer.
    case int(Int)
    /// A 64-bit floating-point number; NaN and infinities are kept, and each exporter documents how it writes them.
    case double(Double)
    /// Several texts.
    case strings([String])
    /// Several truth values.
    case bools([Bool])
    /// Several integers.
    case ints([Int])
    /// Several floating-point numbers.
    case doubles([Double])
}

extension AttributeValue: ExpressibleByStringInterpolation, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral
{
    /// Makes a ``string(_:)``.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Makes a ``bool(_:)``.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Makes an ``int(_:)``.
    public init(integerLiteral value: Int) { self = .int(value) }
    /// Makes a ``double(_:)``.
    public init(floatLiteral value: Double) { self = .double(value) }
}

extension AttributeValue: CustomStringConvertible {
    /// The value as a person would read it.
    public var description: String {
        switch self {
        case .string(let value): value
        case .bool(let value): value.description
        case .int(let value): value.description
        case .double(let value): value.description
        case .strings(let values): values.description
        case .bools(let values): values.description
        case .ints(let values): values.description
        case .doubles(let values): values.description
        }
    }

    /// The type's name in messages.
    package var kind: String {
        switch self {
        case .string: "string"
        case .bool: "bool"
        case .int: "int"
        case .double: "double"
        case .strings: "list of strings"
        case .bools: "list of bools"
        case .ints: "list of ints"
        case .doubles: "list of doubles"
        }
    }
}

/// An attribute value without reference counts: what a literal attribute list needs to be free of allocations.
@frozen
public enum PlainValue: Sendable, BitwiseCopyable, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral, ExpressibleByBooleanLiteral
{
    /// A 64-bit signed integer.
    case int(Int)
    /// A 64-bit floating-point number.
    case double(Double)
    /// A truth value.
    case bool(Bool)
    /// Text known at compile time.
    case text(StaticName)

    /// Makes an ``int(_:)``.
    @export(implementation) @inline(__always)
    public init(integerLiteral value: Int) { self = .int(value) }
    /// Makes a ``double(_:)``.
    @export(implementation) @inline(__always)
    public init(floatLiteral value: Double) { self = .double(value) }
    /// Makes a ``text(_:)``.
    @export(implementation) @inline(__always)
    public init(stringLiteral value: StaticString) { self = .text(StaticName(value)) }
    /// Makes a ``bool(_:)``.
    @export(implementation) @inline(__always)
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

/// A literal list of attributes whose values are numbers, truth values or literal text: costs no allocation.
///
/// A key that stands twice keeps its last value.
@frozen
public struct PlainAttributes: Sendable, ExpressibleByDictionaryLiteral {
    /// The pairs, in the order written.
    public var elements: [(StaticName, PlainValue)]

    /// Takes the pairs over.
    @export(implementation) @inline(__always)
    public init(dictionaryLiteral elements: (StaticName, PlainValue)...) { self.elements = elements }
}

/// An attribute value that may own its text; no lists, so that destroying one is cheap.
@frozen
public enum OwnedValue: Sendable, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringInterpolation, ExpressibleByBooleanLiteral
{
    /// A 64-bit signed integer.
    case int(Int)
    /// A 64-bit floating-point number.
    case double(Double)
    /// A truth value.
    case bool(Bool)
    /// Text made at run time.
    case string(String)

    /// Makes an ``int(_:)``.
    @export(implementation) @inline(__always)
    public init(integerLiteral value: Int) { self = .int(value) }
    /// Makes a ``double(_:)``.
    @export(implementation) @inline(__always)
    public init(floatLiteral value: Double) { self = .double(value) }
    /// Makes a ``string(_:)``.
    @export(implementation) @inline(__always)
    public init(stringLiteral value: String) { self = .string(value) }
    /// Makes a ``bool(_:)``.
    @export(implementation) @inline(__always)
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

/// A literal list of attributes that may own their texts, such as `["worker": .string(name), "shard": "\(i) of \(n)"]`.
///
/// Costs no allocation unless a value does. A key that stands twice keeps its last value. Where attributes are built at
/// run time, ``Attributes`` is the type to use.
@frozen
public struct AttributeLiteral: Sendable, ExpressibleByDictionaryLiteral {
    /// The pairs, in the order written.
    public var elements: [(StaticName, OwnedValue)]

    /// Takes the pairs over.
    @export(implementation) @inline(__always)
    public init(dictionaryLiteral elements: (StaticName, OwnedValue)...) { self.elements = elements }
}
