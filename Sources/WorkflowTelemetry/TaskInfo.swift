public import OneLoggerCore

/// What is known about a task of a session.
public struct TaskInfo: Sendable, Hashable {
    /// How a task stands.
    public enum Status: String, Sendable, Hashable {
        /// Known, and nothing more.
        case created
        /// All that it depends on is there.
        case resolved
        /// Handed to a backend.
        case submitted
        /// Waiting for a free worker.
        case queued
        /// At work.
        case running
        /// Done.
        case completed
        /// Failed.
        case failed
        /// Given up.
        case canceled
    }

    /// Its id.
    public var id: String
    /// Its span, from its creation on.
    public var context: SpanContext
    /// How it stands.
    public var status: Status
    /// Who runs it; nil when nobody said.
    public var backend: String?
    /// What it runs; empty when nobody said.
    public var executable: String
    /// What kind of task it is; empty when nobody said.
    public var type: String
    /// The workflow that it works for.
    public var workflowID: String?
    /// The type of the error of a failed task.
    public var errorType: String?
    /// True when it ended without having been seen to start, or the session ended before it.
    public var isIncomplete = false
    /// From its creation until all that it depends on was there.
    ///
    /// Unit: seconds.
    public var dependencyWait: Double?
    /// From then (else its creation) until it was queued (else submitted).
    ///
    /// Unit: seconds.
    public var dispatch: Double?
    /// From then until it ran.
    ///
    /// Unit: seconds.
    public var queueWait: Double?
    /// From its start to its end.
    ///
    /// Unit: seconds.
    public var execution: Double?
}
