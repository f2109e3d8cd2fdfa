import Foundation
import OneLogger
import OneLoggerTesting
import PipelineMonitors
import Synchronization
import Testing
import WorkflowTelemetry

@Suite struct MonitorTests {
    private let clock = ManualClock(now: 1_000_000_000_000)

    private func later(_ seconds: UInt64) { clock.set(1_000_000_000_000 + seconds * 1_000_000_000) }

    @Test func `a task of 31 seconds violates a limit of 30, one of 29 does not`() async throws {
        let session = try WorkflowSession.start(on: clock.recorder), monitor = SLAMonitor(session)
        session.taskStarted("long")
        later(2)
        session.taskStarted("short")
        later(31)
        session.taskCompleted("long")
        session.taskFailed("short")
        await session.stop()
        #expect(monitor.violations == ["long"])
    }

    @Test func `a GPU above 95 % is told, with its highest load`() async throws {
        let session = try WorkflowSession.start(on: clock.recorder), alert = GPUAlert(session)
        for load in [94.0, 99, 97] {
            session.recorder.emit(ResourceUpdate(gpuPercent: load, gpuID: 1), nodeID: "n")
        }
        session.recorder.emit(ResourceUpdate(gpuPercent: 99), nodeID: "n")
        await session.stop()
        #expect(alert.alerts == ["n/1": 99])
    }

    @Test func `the wait for other tasks is not the wait for a worker`() async throws {
        let session = try WorkflowSession.start(on: clock.recorder)
        session.taskCreated("a")
        later(3)
        session.taskResolved("a")
        session.taskQueued("a")
        later(5)
        session.taskStarted("a")
        session.taskCompleted("a")
        let waits = DependencyWait(session)
        #expect(waits.task == "a" && waits.longestDependency == 3 && waits.longestQueue == 2)
        await session.stop()
    }

    @Test func `custom events are collected by workflow`() async throws {
        let session = try WorkflowSession.start(on: clock.recorder), monitor = PipelineMonitor(session)
        for id in ["a", "b"] {
            session.workflowScope(id) { _ in
                session.recorder.emit(DataQualityChecked(score: id == "a" ? 0.5 : 1, rows: 3))
                session.recorder.emit(ModelEvaluated(error: 0.25))
            }
        }
        await session.stop()
        #expect(monitor.scores == ["a": 0.5, "b": 1] && monitor.errors == ["a": 0.25, "b": 0.25])
    }

    @Test func `the summary is posted when the session ends, and the stop waits for it`() async throws {
        let session = try WorkflowSession.start(id: "s", on: clock.recorder), posted = Posted()
        _ = Reporter(session) { text in
            await Task.yield()
            posted.text.withLock { $0 = text }
        }
        session.taskStarted("t")
        session.taskCompleted("t")
        await session.stop()
        let value = try JSONSerialization.jsonObject(with: Data(posted.text.withLock { $0 }.utf8)) as? [String: Any]
        #expect(value?["session_id"] as? String == "s")
        #expect((value?["tasks"] as? [String: Int])?["completed"] == 1)
    }
}

final class Posted: Sendable {
    let text = Mutex("")
}
