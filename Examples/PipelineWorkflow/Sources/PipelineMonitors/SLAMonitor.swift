internal import OneLogger
internal import Synchronization
public import WorkflowTelemetry

/// Notes every task that ran longer than it should.
public final class SLAMonitor: Sendable {
    private let late = Mutex<[String]>([])
    /// The tasks that took too long, in the order of their ends.
    public var violations: [String] { late.withLock { $0 } }

    /// Watches a session.
    ///
    /// - Parameters:
    ///   - session: What to watch.
    ///   - limit: The longest run. Unit: seconds.
    public init(_ session: WorkflowSession, limit: Double = 30) {
        session.subscribe(to: ["TaskCompleted", "TaskFailed", "TaskCanceled"]) { [self] event in
            guard case .double(let seconds)? = event[field: "duration_seconds"], seconds > limit else { return }
            late.withLock { $0.append(event.taskID ?? "") }
        }
    }
}
