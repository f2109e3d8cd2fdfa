public import OneLoggerCore

/// A task is known; nothing was done for it yet.
///
/// Attributes: `executable`, `task_type`, `depends_on`.
public struct TaskCreated: TelemetryEvent, BuiltInEvent, Hashable {
    /// `TaskCreated`.
    public static let eventType: StaticName = "TaskCreated"
    /// The open session decides about it.
    @inlinable public static var role: EventRole { .lifecycle }

    /// Creates the event.
    public init() {}

    /// No fields.
    public func encode(to fields: inout EventFields) {}
}

/// All that a task depends on is there.
public struct TaskResolved: TelemetryEvent, BuiltInEvent, Hashable {
    /// `asyncflow.TaskResolved`.
    public static let eventType: StaticName = "asyncflow.TaskResolved"
    /// The open session decides about it.
    @inlinable public static var role: EventRole { .lifecycle }

    /// Creates the event.
    public init() {}

    /// No fields.
    public func encode(to fields: inout EventFields) {}
}

/// A task was handed to a backend.
public struct TaskSubmitted: TelemetryEvent, BuiltInEvent, Hashable {
    /// `TaskSubmitted`.
    public static let eventType: StaticName = "TaskSubmitted"
    /// The open session decides about it.
    @inlinable public static var role: EventRole { .lifecycle }

    /// Creates the event.
    public init() {}

    /// No fields.
    public func encode(to fields: inout EventFields) {}
}

/// A task waits for a free worker.
public struct TaskQueued: TelemetryEvent, BuiltInEvent, Hashable {
    /// `TaskQueued`.
    public static let eventType: StaticName = "TaskQueued"
    /// The open session decides about it.
    @inlinable public static var role: EventRole { .lifecycle }

    /// Creates the event.
    public init() {}

    /// No fields.
    public func encode(to fields: inout EventFields) {}
}

/// A task runs.
public struct TaskStarted: TelemetryEvent, BuiltInEvent, Hashable {
    /// `TaskStarted`.
    public static let eventType: StaticName = "TaskStarted"
    /// The open session decides about it.
    @inlinable public static var role: EventRole { .lifecycle }

    /// Creates the event.
    public init() {}

    /// No fields.
    public func encode(to fields: inout EventFields) {}
}

/// A task has done its work.
public struct TaskCompleted: TelemetryEvent, BuiltInEvent, Hashable {
    /// `TaskCompleted`.
    public static let eventType: StaticName = "TaskCompleted"
    /// The open session decides about it.
    @inlinable public static var role: EventRole { .lifecycle }

    /// From the start to the end of its run; 0 when its start is not known.
    ///
    /// Unit: seconds.
    public var durationSeconds: Double

    /// Creates the event; a session puts the measured duration in.
    public init(durationSeconds: Double = 0) { self.durationSeconds = durationSeconds }

    /// Lists the fields.
    public func encode(to fields: inout EventFields) { fields["duration_seconds"] = durationSeconds }
}

/// A task has failed.
public struct TaskFailed: TelemetryEvent, BuiltInEvent, Hashable {
    /// `TaskFailed`.
    public static let eventType: StaticName = "TaskFailed"
    /// The open session decides about it.
    @inlinable public static var role: EventRole { .lifecycle }

    /// From the start to the end of its run; 0 when its start is not known.
    ///
    /// Unit: seconds.
    public var durationSeconds: Double
    /// The type of the error, such as `TimeoutError`; `unknown` when nobody said.
    public var errorType: String

    /// Creates the event; a session puts the measured duration in.
    public init(durationSeconds: Double = 0, errorType: String = "unknown") {
        self.durationSeconds = durationSeconds
        self.errorType = errorType
    }

    /// Lists the fields.
    public func encode(to fields: inout EventFields) {
        fields["duration_seconds"] = durationSeconds
        fields["error_type"] = errorType
    }
}

/// A task was given up.
public struct TaskCanceled: TelemetryEvent, BuiltInEvent, Hashable {
    /// `TaskCanceled`.
    public static let eventType: StaticName = "TaskCanceled"
    /// The open session decides about it.
    @inlinable public static var role: EventRole { .lifecycle }

    /// From the start to the end of its run; 0 when its start is not known.
    ///
    /// Unit: seconds.
    public var durationSeconds: Double

    /// Creates the event; a session puts the measured duration in.
    public init(durationSeconds: Double = 0) { self.durationSeconds = durationSeconds }

    /// Lists the fields.
    public func encode(to fields: inout EventFields) { fields["duration_seconds"] = durationSeconds }
}
