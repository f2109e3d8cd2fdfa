/// An event type made at run time, for layers that learn their types from elsewhere.
///
///     let checked = try EventDefinition("myapp.DataQualityChecked", ["score": .double(), "label": .string("unknown")])
///     recorder.emit(try checked(["score": 0.97]))
public struct EventDefinition: Sendable, Hashable {
    /// What a field may hold, and what it holds when nobody says otherwise.
    @nonexhaustive
    public enum FieldType: Sendable, Hashable {
        /// Text.
        case string(String = "")
        /// A truth value.
        case bool(Bool = false)
        /// An integer.
        case int(Int = 0)
        /// A number.
        case double(Double = 0)
        /// Text, or null.
        case optionalString
        /// A truth value, or null.
        case optionalBool
        /// An integer, or null.
        case optionalInt
        /// A number, or null.
        case optionalDouble

        /// What the field holds when nobody says otherwise; nil is null.
        public var defaultValue: AttributeValue? {
            switch self {
            case .string(let value): .string(value)
            case .bool(let value): .bool(value)
            case .int(let value): .int(value)
            case .double(let value): .double(value)
            default: nil
            }
        }

        /// The value as this type holds it, an integer as a number too; nil when it is of another type.
        func holding(_ value: AttributeValue) -> AttributeValue? {
            switch (self, value) {
            case (.string, .string), (.optionalString, .string), (.bool, .bool), (.optionalBool, .bool),
                (.int, .int), (.optionalInt, .int), (.double, .double), (.optionalDouble, .double):
                return value
            case (.double, .int(let number)), (.optionalDouble, .int(let number)): return .double(Double(number))
            default: return nil
            }
        }

        var words: String {
            switch self {
            case .string, .optionalString: "string"
            case .bool, .optionalBool: "bool"
            case .int, .optionalInt: "int"
            default: "double"
            }
        }
    }

    private struct Field: Sendable, Hashable {
        var name: String
        var type: FieldType
    }

    /// The type's name.
    public let type: String
    private let fields: [Field]

    /// Defines a type.
    ///
    /// - Parameters:
    ///   - type: Its name, with a namespace and a dot before it.
    ///   - fields: Its own fields, in their order.
    /// - Throws: ``TelemetryError/misuse(call:problem:advice:)`` when the name has no dot, or a field is called like one
    ///   that every event has, or like another one, or not at all.
    public init(_ type: String, _ fields: KeyValuePairs<String, FieldType>) throws(TelemetryError) {
        func refuse(_ problem: String, _ advice: String) -> TelemetryError {
            .misuse(call: "EventDefinition \(excerpt(type))", problem: problem, advice: advice)
        }
        guard type.utf8.contains(46) else {
            throw refuse("the name has no dot", "Put a namespace before it, such as \"myapp.\(type)\".")
        }
        guard type.utf8.count <= RecordLayout.maximumName else {
            throw refuse("the name is \(type.utf8.count) bytes long", "Use at most \(RecordLayout.maximumName).")
        }
        var seen: Set<String> = []
        for (name, _) in fields {
            if EventFields.protectedNames.contains(name) {
                throw refuse(
                    "a field is called \(excerpt(name)), a name that every event has",
                    "Use none of \(EventFields.protectedNames.joined(separator: ", ")).")
            }
            guard !name.isEmpty, name.utf8.count <= RecordLayout.maximumKey else {
                throw refuse("a field's name has \(name.utf8.count) bytes", "Use 1 to \(RecordLayout.maximumKey).")
            }
            guard seen.insert(name).inserted else {
                throw refuse("two fields are called \(excerpt(name))", "Give each a name of its own.")
            }
        }
        self.type = type
        self.fields = fields.map { Field(name: $0.key, type: $0.value) }
    }

    /// Makes an event of this type; fields that are not given have their defaults.
    ///
    /// - Throws: ``TelemetryError/misuse(call:problem:advice:)`` when there is no such field, or it holds another type.
    public func callAsFunction(_ values: Attributes = [:]) throws(TelemetryError) -> DynamicEvent {
        var result = fields.map { EventRecord.Field($0.name, $0.type.defaultValue) }
        for (name, value) in values {
            guard let place = fields.firstIndex(where: { $0.name == name }) else {
                let near = nearestName(to: name, among: fields.map(\.name)).map { " Did you mean '\($0)'?" } ?? ""
                throw .misuse(
                    call: "event \(excerpt(type))", problem: "there is no field \(excerpt(name))",
                    advice: "It has \(fields.map(\.name).joined(separator: ", ")).\(near)")
            }
            guard let held = fields[place].type.holding(value) else {
                throw .misuse(
                    call: "event \(excerpt(type))",
                    problem: "the field \(excerpt(name)) holds a \(fields[place].type.words), but was given a "
                        + value.kind,
                    advice: "Give it a \(fields[place].type.words).")
            }
            result[place].value = held
        }
        return DynamicEvent(type: type, fields: result)
    }
}

/// An event of a type made at run time.
public struct DynamicEvent: Sendable, Hashable {
    /// The type's name.
    public let type: String
    /// The fields, in the order of their definition.
    public let fields: [EventRecord.Field]
}
