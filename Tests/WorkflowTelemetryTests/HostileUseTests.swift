import OneLogger
import OneLoggerJSONL
import OneLoggerTestSupport
import OneLoggerTesting
import Testing
import WorkflowTelemetry

#if canImport(Glibc)
import Glibc
#endif

/// What nobody should do, and somebody does.
@Suite struct HostileUseTests {
    @Test func `two stops at once both return after the end, and end it once`() async throws {
        let fixture = try Fixture(), session = fixture.session
        session.taskStarted("t")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { await session.stopPatiently() } }
        }
        #expect(session.events(type: "SessionEnded").count == 1 && session.taskCount.canceled == 1)
    }

    @Test func `a stop among threads that emit loses no end and counts what it counts once`() async throws {
        let session = try WorkflowSession.start(on: Recorder(RecorderOptions(), exporters: []))
        let isOver = Locked(false), threads = Locked(0)
        for thread in 0..<4 {
            let isStarted = startThread(isMuted: false) {
                var number = 0
                while !isOver.withLock({ $0 }) {
                    session.taskCreated("\(thread).\(number)")
                    session.taskStarted("\(thread).\(number)")
                    if number % 2 == 0 { session.taskCompleted("\(thread).\(number)") }
                    session.recorder.emit(QualityChecked(score: 1), taskID: "\(thread).\(number)")
                    number += 1
                }
                threads.withLock { $0 += 1 }
            }
            #expect(isStarted)
        }
        #expect(eventually { session.taskCount.completed > 200 })
        await session.stopPatiently()
        let counts = session.taskCount
        isOver.withLock { $0 = true }
        #expect(eventually { threads.withLock { $0 } == 4 })
        #expect(counts == session.taskCount && counts.running == 0)
        let created = counts.completed + counts.canceled
        #expect(counts.started <= created && counts.canceled > 0)
    }

    @Test func `a session on a recorder that is closed records nothing and harms nothing`() async throws {
        let recorder = Recorder(RecorderOptions(), exporters: [])
        try recorder.shutdown(timeout: .patience)
        let session = try WorkflowSession.start(on: recorder)
        session.taskStarted("t")
        session.taskCompleted("t")
        #expect(session.taskCount.completed == 1 && session.spans().isEmpty && session.context.isValid)
        await session.stopPatiently()
        let next = try WorkflowSession.start(on: recorder)
        await next.stopPatiently()
    }

    @Test func `a subscriber that leaves from within its call gets nothing more, and costs nothing more`() async throws
    {
        let fixture = try Fixture(), session = fixture.session, own = Locked<Subscription?>(nil), seen = Locked(0)
        let subscription = session.subscribe { (_: EventRecord) throws in
            seen.withLock { $0 += 1 }
            own.withLock { $0 }.map(session.unsubscribe)
        }
        own.withLock { $0 = subscription }
        session.taskStarted("a")
        #expect(eventually { subscription.delivered == 1 })
        session.taskStarted("b")
        // One that was cancelled without the session's knowledge is forgotten with the next event.
        let other = session.subscribe { (_: EventRecord) throws in }
        other.cancel()
        session.taskStarted("c")
        await session.stopPatiently()
        #expect(seen.withLock { $0 } == 1 && other.delivered == 0 && other.lost == 0)
    }

    @Test func `a subscriber may emit`() async throws {
        let fixture = try Fixture(), session = fixture.session, recorder = fixture.clock.recorder
        session.subscribe(to: ["TaskFailed"]) { (event: EventRecord) throws in
            recorder.emit(QualityChecked(score: 1), taskID: event.taskID)
            session.taskStarted("again")
        }
        session.taskFailed("t")
        #expect(eventually { session.taskCount.started == 1 })
        await session.stopPatiently()
        #expect(session.events(type: "myapp.QualityChecked").map(\.taskID) == ["t"])
    }

    @Test func `a subscriber that never returns holds a stop for its time alone, and what waits is lost and counted`()
        async throws
    {
        let fixture = try Fixture(), session = fixture.session, gate = Gate(), begun = Gate()
        let stuck = session.subscribe { (_: EventRecord) throws in
            begun.open()
            gate.pass()
        }
        for number in 0..<10 { session.taskStarted("t\(number)") }
        #expect(begun.pass())
        await session.stop(timeout: .milliseconds(200))
        // Ten steps, ten ends and the session's; one of them is with the subscriber.
        #expect(stuck.lost == 20 && stuck.delivered == 0 && session.lostForSubscribers == 20)
        gate.open()
        #expect(eventually { stuck.delivered == 1 })
    }

    @Test func `ids of any bytes are kept as they are`() async throws {
        let folder = TemporaryFolder(), recorder = talRecorder(folder("f"))
        let session = try WorkflowSession.start(id: "../a\n/b", on: recorder)
        let ids = ["", "line\nfeed\r\t\"\\", "👩‍👩‍👧 é", "\u{0}", String(repeating: "x", count: 5_000)]
        for id in ids {
            session.taskStarted(id)
            session.taskCompleted(id)
        }
        await session.stopPatiently()
        try recorder.shutdown(timeout: .seconds(300))
        let contents = try JSONLReader.contents(ofFile: folder("f"))
        #expect(contents.problems == [] && session.tasks().map(\.id) == ids)
        let spans = contents.records.spans.filter { $0.name == "task" }
        #expect(spans.map { $0.attributes["task_id"] } == ids.map { .string($0) })
        #expect(Set(spans.map(\.context)).count == ids.count)
    }

    @Test func `an id of a mebibyte is left out of its records, which say so, and its task counts`() async throws {
        let fixture = try Fixture(), session = fixture.session, id = String(repeating: "x", count: 1 << 20)
        session.taskCreated(id, executable: id)
        session.taskCompleted(id, attributes: ["log": .string(id)])
        #expect(session.taskCount.completed == 1 && session.tasks()[0].id == id)
        let events = session.events().filter { $0.type != "SessionStarted" }
        #expect(events.map(\.type) == ["TaskCreated", "TaskCompleted"] && events.allSatisfy { $0.dropped > 0 })
        #expect(events.allSatisfy { $0.context == session.spanContext(ofTask: id) && $0.sessionID == "s" })
        #expect(session.spans(name: "task").first.map { $0.dropped > 0 } == true)
    }

    @Test func `types that are made twice, or wrongly, are told apart or refused`() throws {
        let fixture = try Fixture(), recorder = fixture.clock.recorder
        let one = try defineEvent("a.B", ["x": .int()]), other = try defineEvent("a.B", ["y": .string("u")])
        recorder.emit(try one())
        recorder.emit(try other())
        #expect(fixture.session.events(type: "a.B").map { $0.fields.map(\.name) } == [["x"], ["y"]])
        for name in ["B", "", "no dot"] { #expect(throws: TelemetryError.self) { try defineEvent(name, [:]) } }
        for field in EventFields.protectedNames + ["", String(repeating: "x", count: 256)] {
            #expect(throws: TelemetryError.self) { try defineEvent("a.B", [field: .int()]) }
        }
        #expect(throws: TelemetryError.self) { try defineEvent("a.B", ["x": .int(), "x": .int()]) }
        for value in [AttributeValue.double(1), "1", true, .ints([1])] {
            #expect(throws: TelemetryError.self) { try one(["x": value]) }
        }
    }

    @Test func `a hostile file is read without harm, and writing what was read is harmless too`() throws {
        let event = "\"event_type\": \"a.B\", \"event_time\": 1.5", ids = "\"span_id\": \"0x1\", \"trace_id\": \"0x2\""
        let many = (0..<2_000).map { "\"x[\($0)]=NaN\"" }.joined(separator: ",")
        let lines = [
            "{\(event), \"attributes\": {\"non_finite\": [\"x[99999999999999999999]=NaN\"]}, \"x\": [null]}",
            "{\(event), \"attributes\": {\"non_finite\": [\"x[-1]=NaN\", 5, null]}, \"x\": [null]}",
            "{\(event), \"attributes\": {\"non_finite\": [\(many)]}, \"x\": [null]}",
            "{\(event), \"attributes\": {\"non_finite\": [\"a[0]=NaN\", \"a[0]=Infinity\"]}, \"a[0]\": null}",
            "{\(event), \"attributes\": [1], \"trace_id\": 7, \"span_id\": \"0xzz\", \"section\": \"event\"}",
            "{\"event_type\": \"a.B\", \"event_time\": 1e400, \"emit_time\": -1e300, \"section\": \"event\"}",
            "{\"name\": \"t\", \(ids), \"start_ns\": 9, \"end_ns\": 2, \"attributes\": 3, \"section\": \"span\"}",
            "{\"name\": \"t\", \(ids), \"start_time_s\": -1, \"end_time_s\": 1e99, \"section\": \"span\"}",
            "{\"checkpoint_time\": NaN, \"d_count\": 1e300, \"d_sum\": NaN, \"n\": {}, \"section\": \"metric\"}",
            String(repeating: "[", count: 100_000), "{\"section\": \"event\"}", "\u{0}\u{1}",
        ]
        let contents = try JSONLReader.contents(of: Array(lines.joined(separator: "\n").utf8))
        #expect(contents.records.count >= 8)
        let folder = TemporaryFolder()
        var exporter = try JSONLExporter(.init(path: folder("copy"), schema: .tal))
        try exporter.export(Batch(contents.records))
        try exporter.close()
        let again = try JSONLReader.contents(ofFile: folder("copy"))
        #expect(again.problems == [])
    }
}
