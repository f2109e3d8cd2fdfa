/// What may stand as a value in a list of attributes, such as `["step": step, "worker": name]`.
///
/// Conform a type of your own to have its values recorded as one of the shapes of ``AttributeValue``.
public protocol AttributeConvertible {
    /// The value as attributes hold it.
    var attributeValue: AttributeValue { get }
}

/// What a list of values may consist of to be one attribute.
public protocol AttributeElement: AttributeConvertible {
    /// Several values as attributes hold them.
    static func attributeValue(of values: [Self]) -> AttributeValue
}

/// Literal names with values from variables and expressions, such as `["step": step, "worker": name]`.
///
/// A key that stands twice keeps its last value. A list whose values are literals needs none of this, and is cheaper.
public struct AttributeList: ExpressibleByDictionaryLiteral {
    /// The pairs, in the order written.
    public var elements: [(StaticName, any AttributeConvertible)]

    /// Takes the pairs over.
    public init(dictionaryLiteral elements: (StaticName, any AttributeConvertible)...) { self.elements = elements }
}

@available(*, unavailable) extension AttributeList: Sendable {}

extension AttributeConvertible where Self: BinaryInteger {
    /// The integer, clamped to 64 bits with a sign.
    public var attributeValue: AttributeValue { .int(Int(clamping: self)) }
}

extension Int: AttributeElement {
    /// Several integers.
    public static func attributeValue(of values: [Int]) -> AttributeValue { .ints(values) }
}
extension Int8: AttributeConvertible {}
extension Int16: AttributeConvertible {}
extension Int32: AttributeConvertible {}
extension Int64: AttributeConvertible {}
extension UInt: AttributeConvertible {}
extension UInt8: AttributeConvertible {}
extension UInt16: AttributeConvertible {}
extension UInt32: AttributeConvertible {}
extension UInt64: AttributeConvertible {}

extension Double: AttributeElement {
    /// The number.
    public var attributeValue: AttributeValue { .double(self) }
    /// Several numbers.
    public static func attributeValue(of values: [Double]) -> AttributeValue { .doubles(values) }
}

extension Float: AttributeElement {
    /// The number, exactly.
    public var attributeValue: AttributeValue { .double(Double(self)) }
    /// Several numbers.
    public static func attributeValue(of values: [Float]) -> AttributeValue { .doubles(values.map(Double.init)) }
}

extension Bool: AttributeElement {
    /// The truth value.
    public var attributeValue: AttributeValue { .bool(self) }
    /// Several truth values.
    public static func attributeValue(of values: [Bool]) -> AttributeValue { .bools(values) }
}

extension String: AttributeElement {
    /// The text.
    public var attributeValue: AttributeValue { .string(self) }
    /// Several texts.
    public static func attributeValue(of values: [String]) -> AttributeValue { .strings(values) }
}

extension Substring: AttributeConvertible {
    /// The text.
    public var attributeValue: AttributeValue { .string(String(self)) }
}

extension Array: AttributeConvertible where Element: AttributeElement {
    /// Several values of one kind.
    public var attributeValue: AttributeValue { Element.attributeValue(of: self) }
}

extension AttributeValue: AttributeConvertible {
    /// Itself.
    public var attributeValue: AttributeValue { self }
}
