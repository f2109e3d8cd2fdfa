import OneLogger
import OneLoggerCore
import OneLoggerTestSupport
import OneLoggerTesting
import Synchronization
import Testing
import WorkflowTelemetry

#if canImport(Glibc)
import Glibc
#endif

/// A value behind a lock.
final class Locked<Value: Sendable>: Sendable {
    private let mutex: OneLoggerCore.Locked<Value>
    init(_ value: Value) { mutex = .init(value) }
    func withLock<R: Sendable>(_ body: (inout Value) -> R) -> R {
        mutex.withLock { value in body(&value) }
    }
}

@Suite struct SubscriberTests {
    private func number(_ event: EventRecord) -> Int {
        if case .double(let number)? = event[field: "score"] { Int(number) } else { -1 }
    }

    @Test func `subscribers get all events in order, filtered by type, until they leave`() async throws {
        let fixture = try Fixture(), session = fixture.session, recorder = fixture.clock.recorder
        let all = Locked<[EventRecord]>([]), some = Locked<[EventRecord]>([]), later = Locked<[EventRecord]>([])
        session.subscribe { (event: EventRecord) throws in all.withLock { $0.append(event) } }
        session.subscribe(to: ["TaskFailed"]) { (event: EventRecord) async throws in some.withLock { $0.append(event) }
        }
        let leaving = session.subscribe { (event: EventRecord) throws in later.withLock { $0.append(event) } }
        for i in 0..<500 { recorder.emit(QualityChecked(score: Double(i))) }
        session.taskFailed("t")
        #expect(eventually { leaving.delivered == 501 })
        session.unsubscribe(leaving)
        recorder.emit(QualityChecked(score: 500))
        await session.stopPatiently()
        #expect(all.withLock { $0 }.filter { $0.type == "myapp.QualityChecked" }.map(number) == Array(0...500))
        #expect(all.withLock { $0.last?.type } == "SessionEnded")
        #expect(some.withLock { $0.map(\.type) } == ["TaskFailed"])
        #expect(later.withLock { $0.count } == 501)
    }

    @Test func `one that sleeps and one that throws keep nobody waiting`() async throws {
        let fixture = try Fixture(), session = fixture.session, recorder = fixture.clock.recorder
        let gate = Gate(), seen = Locked<[Int]>([])
        session.subscribe { (_: EventRecord) throws in gate.pass() }
        let throwing = session.subscribe { (_: EventRecord) throws in throw Boom() }
        session.subscribe { (event: EventRecord) throws in seen.withLock { $0.append(number(event)) } }
        for i in 0..<100 { recorder.emit(QualityChecked(score: Double(i))) }
        // Delivered to the third while the first one still sleeps.
        #expect(eventually { seen.withLock { $0.count } == 100 })
        #expect(eventually { throwing.failures == 100 })
        gate.open()
        await session.stopPatiently()
        #expect(seen.withLock { $0.dropLast() } == Array(0..<100))
    }

    @Test(.timeLimit(.minutes(4))) func `a subscriber may end the recorder, and with it the session`() throws {
        let fixture = try Fixture(), session = fixture.session, recorder = fixture.clock.recorder
        let ended = Gate(), isFirst = Atomic<Bool>(true)
        session.subscribe { (_: EventRecord) throws in
            guard isFirst.exchange(false, ordering: .relaxed) else { return }
            try recorder.shutdown(timeout: .patience * 2)
            ended.open()
        }
        recorder.emit(QualityChecked(score: 1))
        #expect(ended.pass())
        #expect(!session.isOpen && !recorder.isRecording)
    }

    @Test(.timeLimit(.minutes(4))) func `an asynchronous subscriber may stop the session`() async throws {
        let fixture = try Fixture(), session = fixture.session, recorder = fixture.clock.recorder
        let ended = Gate(), isFirst = Atomic<Bool>(true)
        let subscription = session.subscribe { (_: EventRecord) async throws in
            guard isFirst.exchange(false, ordering: .relaxed) else { return }
            await session.stop(timeout: .patience * 2)
            ended.open()
        }
        recorder.emit(QualityChecked(score: 1))
        #expect(ended.pass())
        #expect(!session.isOpen)
        #expect(eventually { subscription.delivered == 2 }, "what waited is handed over afterwards")
    }

    @Test func `a queue that is full counts what it drops`() async throws {
        let fixture = try Fixture(), session = fixture.session, recorder = fixture.clock.recorder
        let gate = Gate()
        let slow = session.subscribe(capacity: 10) { (_: EventRecord) throws in
            gate.pass()
        }
        for _ in 0..<100 { recorder.emit(QualityChecked()) }
        gate.open()
        await session.stopPatiently()
        #expect(slow.lost >= 89 && slow.delivered + slow.lost == 101)
        #expect(session.lostForSubscribers == slow.lost)
    }

    @Test func `a stop waits for asynchronous subscribers, and not beyond its time`() async throws {
        let fixture = try Fixture(), session = fixture.session, recorder = fixture.clock.recorder
        let seen = Locked(0)
        session.subscribe { (_: EventRecord) async throws in
            await Task.yield()
            seen.withLock { $0 += 1 }
        }
        for _ in 0..<50 { recorder.emit(QualityChecked()) }
        await session.stopPatiently()
        #expect(seen.withLock { $0 } == 51)

        let next = try WorkflowSession.start(on: recorder), gate = Gate(), begun = Locked(false)
        let stuck = next.subscribe { (_: EventRecord) throws in
            begun.withLock { $0 = true }
            gate.pass()
        }
        for _ in 0..<5 { recorder.emit(QualityChecked()) }
        #expect(eventually { begun.withLock { $0 } })
        await next.stop(timeout: .milliseconds(50))
        #expect(stuck.lost == 5)
        gate.open()
    }

    @Test func `an asynchronous subscriber needs no thread of Swift's pool`() async throws {
        let fixture = try Fixture(), session = fixture.session, recorder = fixture.clock.recorder
        let main = pthread_self(), threads = Locked<Set<UInt>>([])
        session.subscribe { (_: EventRecord) async throws in
            await Task.yield()
            threads.withLock { _ = $0.insert(UInt(pthread_self())) }
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<3 { group.addTask { threads.withLock { _ = $0.insert(UInt(pthread_self())) } } }
            }
        }
        for _ in 0..<10 { recorder.emit(QualityChecked()) }
        await session.stopPatiently()
        #expect(threads.withLock { $0.count } == 1 && !threads.withLock { $0.contains(UInt(main)) })
    }

    @Test func `at SessionEnded the summary can be read`() async throws {
        let fixture = try Fixture(), session = fixture.session, text = Locked("")
        session.subscribe(to: ["SessionEnded"]) { (_: EventRecord) throws in
            text.withLock { $0 = session.summary().json }
        }
        session.taskStarted("t")
        session.taskCompleted("t")
        await session.stopPatiently()
        #expect(text.withLock { $0 }.contains("\"completed\":1"))
    }
}
