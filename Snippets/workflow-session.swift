import OneLoggerBootstrap
import WorkflowTelemetry

let session = try await WorkflowSession.start(checkpointPath: "out")
await session.runTask("load-1", executable: "load") { try? await Task.sleep(for: .milliseconds(50)) }
await session.stop()
