import OneLogger
import OneLoggerTestSupport
import OneLoggerTesting
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite(.timeLimit(.minutes(4))) struct FullPoolTests {
    /// Runs `body` while another thread holds the drain, so that nothing can be taken away.
    private func holdingDrain(_ r: Recorder, _ body: () -> Void) {
        let isHeld = Gate(), isDone = Gate()
        let thread = Threads.start {
            r.timedSpan("first") { _ in }
            r.drain { _ in
                isHeld.open()
                isDone.pass()
            }
        }
        #expect(isHeld.pass())
        body()
        isDone.open()
        pthread_join(thread, nil)
    }

    @Test func `records lost to a full pool are told to every exporter with their count`() throws {
        let (r, store) = recorder {
            $0.poolBytes = 262_144
            $0.whenFull = .dropNewest
            $0.announce = .nothing
        }
        holdingDrain(r) { for _ in 0..<10_000 { r.timedSpan("s") { $0["k"] = 1 } } }
        try r.flush(timeout: .patience)
        try r.flush(timeout: .patience)
        try r.shutdown(timeout: .patience)
        let health = r.health
        #expect(health.dropped > 0 && health.recorded == 10_001)
        let notices = store.records.compactMap { if case .telemetryDataError(let error) = $0 { error } else { nil } }
        #expect(notices.reduce(0) { $0 + $1.lostRecords } == health.dropped)
        #expect(health.exporters[0].exported + health.lostBeforeExport == 10_000, "the first span went to the test")
    }

    @Test(arguments: [BackPressure.dropNewest, .overwriteOldest])
    func `many threads at once lose nothing, though the pool has not the usual chunk for each`(policy: BackPressure)
        throws
    {
        let (r, store) = recorder {
            $0.poolBytes = 1 << 20
            $0.whenFull = policy
            $0.announce = .nothing
        }
        let count = 200, everybody = Gate(for: 200)
        Threads.run(count) { _ in
            r.timedSpan("first") { $0["k"] = 1 }
            everybody.pass()
            r.timedSpan("second") { $0["text"] = String(repeating: "x", count: 500) }
        }
        try r.shutdown(timeout: .patience)
        let health = r.health
        #expect(health.recorded == 2 * count && health.dropped == 0 && health.overwritten == 0)
        #expect(store.spans.count == 2 * count)
        #expect(health.poolBytes <= 1 << 20)
    }

    @Test func `a full pool blocks a thread for a bounded time, then drops`() throws {
        let (r, store) = recorder {
            $0.poolBytes = 262_144
            $0.whenFull = .block(upTo: .milliseconds(2))
            $0.announce = .nothing
        }
        holdingDrain(r) { for _ in 0..<10_000 { r.timedSpan("s") { $0["k"] = 1 } } }
        try r.shutdown(timeout: .patience)
        #expect(r.health.dropped > 0)
        #expect(store.spans.count + r.health.dropped == 10_000)
    }

    @Test func `a shutdown ends the waiting for a full pool, however long it may last`() throws {
        let (r, _) = recorder {
            $0.poolBytes = 262_144
            $0.whenFull = .block(upTo: .seconds(1_000_000))
            $0.announce = .nothing
        }
        holdingDrain(r) {
            let rounds = Locked(0)
            let thread = Threads.start {
                for _ in 0..<10_000 {
                    r.start("s").stop()
                    rounds.withLock { $0 += 1 }
                }
            }
            // It waits when it gets no further.
            var last = -1, equal = 0
            #expect(
                eventually {
                    let now = rounds.withLock { $0 }
                    equal = now == last ? equal + 1 : 0
                    last = now
                    return equal > 20 && r.health.poolBytes >= 262_144
                })
            // Nothing can be delivered, and what could not be recorded are errors.
            #expect(throws: TelemetryError.self) { try r.shutdown(timeout: .milliseconds(200)) }
            pthread_join(thread, nil)
            let health = r.health
            #expect(health.lostBeforeExport > 0 && health.lostBeforeExport + 1 == health.recorded)
        }
    }
}
