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
