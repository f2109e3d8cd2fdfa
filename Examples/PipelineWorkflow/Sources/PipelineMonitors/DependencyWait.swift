public import WorkflowTelemetry

/// How long tasks waited for what they depend on, and how long for a worker: two different things.
public struct DependencyWait: Sendable {
    /// The longest wait for other tasks.
    ///
    /// Unit: seconds.
    public var longestDependency = 0.0
    /// The longest wait for a free worker.
    ///
    /// Unit: seconds.
    public var longestQueue = 0.0
    /// Which task waited longest for others.
    public var task: String?

    /// Reads the tasks of a session.
    public init(_ session: WorkflowSession) {
        for info in session.tasks() {
            longestQueue = max(longestQueue, info.queueWait ?? 0)
            guard let wait = info.dependencyWait, wait > longestDependency else { continue }
            longestDependency = wait
            task = info.id
        }
    }
}
