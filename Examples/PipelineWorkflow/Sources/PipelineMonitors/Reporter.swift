internal import OneLogger
public import WorkflowTelemetry

/// Hands the summary to somebody when the session ends.
public struct Reporter: Sendable {
    /// Watches a session.
    ///
    /// - Parameters:
    ///   - session: What to watch.
    ///   - post: Sends the summary, one line of JSON; the session's stop waits for it.
    public init(_ session: WorkflowSession, post: @escaping @Sendable (String) async throws -> Void) {
        session.subscribe(to: ["SessionEnded"]) { _ in try await post(session.summary().json) }
    }
}
