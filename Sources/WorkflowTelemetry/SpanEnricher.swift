public import OneLoggerCore

/// Adds attributes to the spans of tasks.
///
/// Asked once per task, when the session first hears of it, with a lock held: it must be quick and not call the session.
/// It cannot replace what the session itself says about a task; of two enrichers the later one wins.
public protocol SpanEnricher: Sendable {
    /// What to add.
    func attributes(for task: TaskInfo) -> Attributes
}

/// An enricher made of a closure.
struct ClosureEnricher: SpanEnricher {
    let body: @Sendable (TaskInfo) -> Attributes
    func attributes(for task: TaskInfo) -> Attributes { body(task) }
}
