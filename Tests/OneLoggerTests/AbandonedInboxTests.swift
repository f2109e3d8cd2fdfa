import OneLoggerTestSupport
import OneLoggerTesting
import Testing

@testable import OneLogger

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What an exporter's inbox loses when a shutdown gives the exporter up.
@Suite struct AbandonedInboxTests {
    @Test func `a batch that waits for room when the shutdown gives up is counted`() throws {
        // Whether it waits already is chance: most times it does.
        for _ in 0..<10 {
            let door = Door(), comes = Gate(), store = InMemoryExporter.Store()
            defer { door.open() }
            let slot = ExporterSlot(Hanging(door: door, store: store), name: "hanging", inboxBytes: 64 << 10)
            slot.start(ExporterContext(), ExporterSlot.Policy())
            slot.launch()
            let recorder = ManualClock().recorder
            func batch() -> Batch {
                recorder.timedSpan("s") { $0["text"] = String(repeating: "x", count: 40_000) }
                return Batch(spans: recorder.takeSpans())
            }
            let first = batch(), second = batch(), third = batch()
            slot.post(first)
            #expect(eventually { slot.monitor.withLock { unsafe slot.busyRecords } == 1 })
            slot.post(second)
            let waiting = Threads.start {
                comes.open()
                slot.post(third, waitingUntil: .max)
            }
            comes.pass()
            for _ in 0..<1_000 { sched_yield() }  // time to begin to wait, which nobody can see
            slot.beginClose()
            slot.awaitClose(until: 0)
            pthread_join(waiting, nil)
            let health = slot.monitor.withLock { unsafe slot.health }
            #expect(health.lost == 3 && health.lostToShutdown + health.lostToFullInbox == 3)
        }
    }
}
