internal import OneLoggerCore

/// A step in the life of a task.
public enum TaskTransition: UInt8, Sendable, Hashable, CaseIterable {
    /// It is known.
    case created
    /// All that it depends on is there.
    case resolved
    /// It was handed to a backend.
    case submitted
    /// It waits for a free worker.
    case queued
    /// It runs.
    case started
    /// It has done its work.
    case completed
    /// It has failed.
    case failed
    /// It was given up.
    case canceled

    /// True for the three ways in which a task ends.
    public var isTerminal: Bool { rawValue >= TaskTransition.completed.rawValue }

    /// The name of its event.
    public var eventType: String {
        switch self {
        case .created: TaskCreated.eventType.text.description
        case .resolved: TaskResolved.eventType.text.description
        case .submitted: TaskSubmitted.eventType.text.description
        case .queued: TaskQueued.eventType.text.description
        case .started: TaskStarted.eventType.text.description
        case .completed: TaskCompleted.eventType.text.description
        case .failed: TaskFailed.eventType.text.description
        case .canceled: TaskCanceled.eventType.text.description
        }
    }

    init?(eventType: String) {
        guard let found = TaskTransition.allCases.first(where: { $0.eventType == eventType }) else { return nil }
        self = found
    }

    /// One bit for the step; the three ends share one.
    var bit: UInt8 { isTerminal ? 1 << 5 : 1 << rawValue }
}
