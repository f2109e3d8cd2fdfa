public import OneLoggerCore

/// A session has begun.
public struct SessionStarted: TelemetryEvent, BuiltInEvent, Hashable {
    /// `SessionStarted`.
    public static let eventType: StaticName = "SessionStarted"

    /// Creates the event.
    public init() {}

    /// No fields.
    public func encode(to fields: inout EventFields) {}
}

/// A session is over.
public struct SessionEnded: TelemetryEvent, BuiltInEvent, Hashable {
    /// `SessionEnded`.
    public static let eventType: StaticName = "SessionEnded"

    /// How long it lasted.
    ///
    /// Unit: seconds.
    public var durationSeconds: Double

    /// Creates the event.
    public init(durationSeconds: Double = 0) { self.durationSeconds = durationSeconds }

    /// Lists the fields.
    public func encode(to fields: inout EventFields) { fields["duration_seconds"] = durationSeconds }
}

/// Defines an event type at run time, for layers that learn their types from elsewhere.
///
///     let checked = try defineEvent("myapp.DataQualityChecked", ["score": .double(), "label": .string("unknown")])
///     recorder.emit(try checked(["score": 0.97]))
///
/// - Parameters:
///   - name: The type's name, with a namespace and a dot before it.
///   - fields: Its own fields, in their order, with what each holds when nobody says otherwise.
/// - Returns: What makes events of the type, and checks their values.
/// - Throws: `TelemetryError.misuse(call:problem:advice:)` when a name is not allowed.
public func defineEvent(
    _ name: String, _ fields: KeyValuePairs<String, EventDefinition.FieldType>
) throws(TelemetryError) -> EventDefinition { try EventDefinition(name, fields) }
