package import OneLoggerCore

/// A JSON value of any shape.
package indirect enum JSONValue: Sendable, Equatable {
    /// One name of an object and its value.
    package struct Member: Sendable, Equatable {
        package var name: String
        package var value: JSONValue

        package init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }

        // Out of line: the comparison of a tree would be unrolled into itself.
        @inline(never)
        package static func == (left: Member, right: Member) -> Bool {
            left.name == right.name && left.value == right.value
        }
    }

    case null
    case bool(Bool)
    /// A number without fraction and exponent that fits.
    case int(Int)
    case double(Double)
    case string(String)
    case array([JSONValue])
    /// Names in their order; one may stand twice, and then the last counts.
    case object([Member])
}

extension JSONValue {
    /// The value under `name` of an object; nil when this is none or the name is absent.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }

    package var string: String? { if case .string(let text) = self { text } else { nil } }

    /// A number of any kind, also one of the texts that stand for what JSON has no number for.
    package var double: Double? {
        switch self {
        case .double(let value): value
        case .int(let value): Double(value)
        case .string("NaN"): .nan
        case .string("Infinity"): .infinity
        case .string("-Infinity"): -.infinity
        default: nil
        }
    }

    /// A whole number; one that does not fit is clamped.
    package var int: Int? {
        switch self {
        case .int(let value): value
        case .double(let value) where value.isFinite:
            Int(exactly: value.rounded(.towardZero)) ?? (value < 0 ? .min : .max)
        default: nil
        }
    }

    /// What this is as an attribute; nil for null, which says nothing.
    ///
    /// Shapes that an attribute cannot have become the text of their JSON.
    package var attribute: AttributeValue? {
        switch self {
        case .null: nil
        case .bool(let truth): .bool(truth)
        case .int(let number): .int(number)
        case .double(let number): .double(number)
        case .string(let text): .string(text)
        case .array(let elements): Self.list(elements) ?? .string(json)
        case .object: .string(json)
        }
    }

    private static func list(_ elements: [JSONValue]) -> AttributeValue? {
        let texts = elements.compactMap(\.string)
        if texts.count == elements.count { return .strings(texts) }
        let truths = elements.compactMap { if case .bool(let truth) = $0 { truth } else { nil as Bool? } }
        if truths.count == elements.count { return .bools(truths) }
        let integers = elements.compactMap { if case .int(let number) = $0 { number } else { nil as Int? } }
        if integers.count == elements.count { return .ints(integers) }
        let numbers = elements.compactMap(\.double)
        return numbers.count == elements.count ? .doubles(numbers) : nil
    }

    /// This value as JSON.
    package var json: String {
        var writer = JSONWriter(capacity: 256)
        write(to: &writer)
        return writer.string
    }

    private func write(to writer: inout JSONWriter) {
        writer.reserve(16)
        switch self {
        case .null: writer.raw("null")
        case .array(let elements):
            writer.byte(91)
            for (place, element) in elements.enumerated() {
                if place > 0 { writer.byte(44) }
                element.write(to: &writer)
                writer.reserve(16)
            }
            writer.byte(93)
        case .object(let members):
            writer.byte(123)
            for (place, member) in members.enumerated() {
                if place > 0 { writer.byte(44) }
                writer.text(member.name)
                writer.reserve(16)
                writer.byte(58)
                member.value.write(to: &writer)
                writer.reserve(16)
            }
            writer.byte(125)
        default: if let plain = attribute { writer.value(plain) }
        }
    }
}
