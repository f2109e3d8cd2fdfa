import OneLogger
import OneLoggerCore
import OneLoggerTestSupport
import OneLoggerTesting
import Testing
import WorkflowTelemetry

#if canImport(Glibc)
import Glibc
#endif

/// A session is its process's: a child that was forked has none of its threads.
@Suite struct SessionForkTests {
    @Test func `a forked child exits at once and leaves its parent's session alone`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            var options = RecorderOptions()
            // Whoever waits for a thread that is not there is ended by its alarm.
            options.shutdownTimeout = .patience * 2
            let store = InMemoryExporter.Store()
            let recorder = Recorder(options, exporters: [ExporterSlot(InMemoryExporter(store))])
            let session = try WorkflowSession.start(on: recorder)
            let subscription = session.subscribe { (_: EventRecord) throws in }
            // What runs for the first time may hold a lock of the language's runtime, which a child would wait for.
            session.taskCreated("t")
            guard eventually({ subscription.delivered == 1 }) else { exit(5) }
            session.taskStarted("t")
            guard eventually({ subscription.delivered == 2 }) else { exit(6) }
            let child = patientFork()
            if child == 0 { exit(0) }
            var status: Int32 = 0
            guard unsafe waitpid(child, &status, 0) == child, status == 0 else { exit(2) }
            session.taskCompleted("t")
            await session.stop(timeout: .patience)
            guard subscription.lost == 0, session.taskCount.completed == 1 else { exit(3) }
            try recorder.shutdown(timeout: .patience)
            exit(store.spans.isEmpty ? 4 : 0)
        }
    }
}
