internal import OneLogger
internal import Synchronization
public import WorkflowTelemetry

/// Notes GPUs that are busier than a limit.
public final class GPUAlert: Sendable {
    private let busy = Mutex<[String: Double]>([:])
    /// The highest load of each GPU above the limit, by `node/gpu`.
    public var alerts: [String: Double] { busy.withLock { $0 } }

    /// Watches a session.
    ///
    /// - Parameters:
    ///   - session: What to watch.
    ///   - limit: The load above which a GPU counts as busy. Unit: percent.
    public init(_ session: WorkflowSession, limit: Double = 95) {
        session.subscribe(to: ["ResourceUpdate"]) { [self] event in
            guard let update = ResourceUpdate(event), let gpu = update.gpuID, let load = update.gpuPercent, load > limit
            else { return }
            let name = "\(event.nodeID ?? "")/\(gpu)"
            busy.withLock { $0[name] = max(load, $0[name] ?? 0) }
        }
    }
}
