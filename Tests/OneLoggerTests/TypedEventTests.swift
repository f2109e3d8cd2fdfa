import OneLogger
import OneLoggerTestSupport
import OneLoggerTesting
import Synchronization
import Testing

struct DataQualityChecked: TelemetryEvent {
    static let eventType: StaticName = "myapp.DataQualityChecked"
    var score = 0.0
    var rows = 0
    var label = "unknown"
    var ok = false
    var note: String?

    func encode(to fields: inout EventFields) {
        fields["score"] = score
        fields["rows_checked"] = rows
        fields["label"] = label
        fields["ok"] = ok
        fields["note"] = note
    }
}

struct Nameless: TelemetryEvent {
    static let eventType: StaticName = "Nameless"
    func encode(to fields: inout EventFields) {}
}

struct Greedy: TelemetryEvent {
    static let eventType: StaticName = "myapp.Greedy"
    func encode(to fields: inout EventFields) {
        fields["trace_id"] = "mine"
        fields["attributes"] = 1
        fields["name"] = "mine"
        fields["kept"] = 1
        fields["kept"] = 2
        fields["list"] = AttributeValue.ints([1, 2])
        fields["nothing"] = AttributeValue?.none
    }
}

struct Wide: TelemetryEvent {
    static let eventType: StaticName = "myapp.Wide"
    var text: String
    func encode(to fields: inout EventFields) {
        fields["first"] = text
        fields["second"] = text
        fields["last"] = 1
    }
}

final class Watcher: SessionObserver {
    let decided = Locked<[EventRecord]>([]), noted = Locked<[EventRecord]>([])
    func decide(_ event: EventRecord) { decided.withLock { $0.append(event) } }
    func note(_ event: EventRecord) { noted.withLock { $0.append(event) } }
    func recorderEnds(by deadline: UInt64) {}
}

@Suite struct TypedEventTests {
    private func events(_ recorder: Recorder) -> [EventRecord] {
        var found: [EventRecord] = []
        recorder.drain { batch in
            for case .typedEvent(let event) in batch.records { found.append(event) }
        }
        return found
    }

    private func session(_ id: String = "s-1", _ watcher: Watcher = Watcher()) -> OpenSession {
        let context = SpanContext(traceID: TraceID(high: 3, low: 4), spanID: SpanID(5))
        return OpenSession(id: id, context: context, observer: watcher)
    }

    @Test func `an event has its fields in their order, ids of version 4 and the clock's time`() {
        let clock = ManualClock(now: 1_000)
        clock.recorder.emit(
            DataQualityChecked(score: 0.97, rows: 66, ok: true), backend: "app", taskID: "t", nodeID: "n",
            attributes: ["why": "test"])
        let event = events(clock.recorder)[0]
        #expect(event.type == "myapp.DataQualityChecked")
        #expect(
            event.fields == [
                .init("score", 0.97), .init("rows_checked", 66), .init("label", "unknown"), .init("ok", true),
                .init("note", nil),
            ])
        #expect(event.backend == "app" && event.taskID == "t" && event.nodeID == "n")
        #expect(event.attributes == ["why": "test"])
        #expect(event.time.nanoseconds == 1_000 && event.emitTime.nanoseconds == 1_000)
        let digits = Array(event.id.description)
        #expect(digits.count == 32 && digits[12] == "4" && "89ab".contains(digits[16]))
        #expect(EventID(event.id.description) == event.id)
    }

    @Test func `a given time is the event's, and the emission keeps its own`() {
        let clock = ManualClock(now: 9_000)
        clock.recorder.emit(DataQualityChecked(), at: Timestamp(nanoseconds: 4_000))
        let event = events(clock.recorder)[0]
        #expect(event.time.nanoseconds == 4_000 && event.emitTime.nanoseconds == 9_000)
    }

    @Test func `a thousand events have a thousand ids`() {
        let clock = ManualClock()
        for _ in 0..<1_000 { clock.recorder.emit(DataQualityChecked()) }
        #expect(Set(events(clock.recorder).map(\.id)).count == 1_000)
    }

    @Test func `an event belongs to the innermost span, else to the session, else to nothing`() async {
        let clock = ManualClock(), session = session()
        var inside = SpanContext(traceID: TraceID(high: 0, low: 0), spanID: SpanID(0))
        clock.recorder.timedSpan("work") { span in
            inside = span.context
            clock.recorder.emit(DataQualityChecked())
        }
        clock.recorder.emit(DataQualityChecked())
        #expect(clock.recorder.open(session))
        clock.recorder.emit(DataQualityChecked())
        clock.recorder.emit(DataQualityChecked(), taskID: "t-1")
        clock.recorder.emit(DataQualityChecked(), taskID: "t-1")
        clock.recorder.close(session)
        let found = events(clock.recorder)
        #expect(found[0].context == inside && found[0].sessionID == "")
        #expect(!found[1].context.isValid)
        #expect(found[2].context == session.context && found[2].sessionID == "s-1")
        #expect(found[3].context.traceID == session.context.traceID)
        #expect(found[3].context.spanID == session.spanID(ofTask: "t-1") && found[4].context == found[3].context)
        #expect(session.spanID(ofTask: "t-1") != session.spanID(ofTask: "t-2"))
    }

    @Test func `an asynchronous span owns what its child tasks emit`() async {
        let clock = ManualClock(), recorder = clock.recorder
        let outer = await recorder.timedSpan("outer") { span in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<3 { group.addTask { recorder.emit(DataQualityChecked()) } }
            }
            return span.context
        }
        #expect(events(recorder).map(\.context) == [outer, outer, outer])
    }

    @Test func `spans without a parent hang under the open session`() {
        let clock = ManualClock(), session = session()
        #expect(clock.recorder.open(session))
        clock.recorder.timedSpan("work") { _ in }
        clock.recorder.close(session)
        let span = clock.recorder.takeSpans()[0]
        #expect(span.parentID == session.context.spanID && span.context.traceID == session.context.traceID)
    }

    @Test func `a recorder has one session at a time`() {
        let clock = ManualClock(), first = session(), second = session("s-2")
        #expect(clock.recorder.open(first) && !clock.recorder.open(second))
        clock.recorder.close(second)
        #expect(clock.recorder.openSession === first)
        clock.recorder.close(first)
        #expect(clock.recorder.open(second))
    }

    @Test func `a scope stamps its attributes, the caller's win`() async {
        let clock = ManualClock(), session = session(), recorder = clock.recorder
        #expect(recorder.open(session))
        session.hasScopes.store(true, ordering: .relaxed)
        await session.scope.withValue(EventScope(["asyncflow.workflow_id": "wf"])) {
            recorder.emit(DataQualityChecked(), attributes: ["a": 1])
            recorder.emit(DataQualityChecked(), attributes: ["asyncflow.workflow_id": "mine"])
            await Task { recorder.emit(DataQualityChecked(score: 3)) }.value
        }
        recorder.emit(DataQualityChecked(score: 4))
        // Threads are drained one after another.
        let found = events(recorder), other = found.first { $0[field: "score"] == 3.0 }
        let own = found.filter { $0[field: "score"] == 0.0 }.map(\.attributes)
        #expect(own[0].map(\.key) == ["a", "asyncflow.workflow_id"])
        #expect(own[1] == ["asyncflow.workflow_id": "mine"])
        #expect(other?.attributes == ["asyncflow.workflow_id": "wf"])
        #expect(found.first { $0[field: "score"] == 4.0 }?.attributes.isEmpty == true)
    }

    @Test func `a type without a dot is refused, and its events are not recorded`() {
        let clock = ManualClock()
        for _ in 0..<2 { clock.recorder.emit(Nameless()) }
        #expect(events(clock.recorder).isEmpty)
        let error = #expect(throws: TelemetryError.self) { try clock.recorder.flush(timeout: .patience) }
        #expect("\(error as Any)".contains("\"Nameless\" has no dot"))
    }

    @Test func `names that every event has are refused as fields; of two values the last one counts`() {
        let clock = ManualClock()
        clock.recorder.emit(Greedy())
        let event = events(clock.recorder)[0]
        #expect(event.fields == [.init("kept", 2), .init("list", .ints([1, 2])), .init("nothing", nil)])
        let error = #expect(throws: TelemetryError.self) { try clock.recorder.flush(timeout: .patience) }
        #expect("\(error as Any)".contains("a field \"trace_id\", a name that every event has"))
    }

    @Test func `every protected name is refused`() throws {
        for name in EventFields.protectedNames {
            let fields: KeyValuePairs<String, EventDefinition.FieldType> = [name: .int()]
            #expect(throws: TelemetryError.self) { try EventDefinition("a.b", fields) }
        }
    }

    @Test func `fields that do not fit the frame go to the heap, and what no record holds is counted`() {
        let clock = ManualClock()
        clock.recorder.emit(Wide(text: String(repeating: "é", count: 40_000)))
        clock.recorder.emit(Wide(text: String(repeating: "x", count: 700_000)))
        let found = events(clock.recorder)
        #expect(found[0][field: "second"] == .string(String(repeating: "é", count: 40_000)) && found[0].dropped == 0)
        #expect(found[1].fields.map(\.name) == ["first", "last"] && found[1].dropped == 1)
    }

    @Test func `who listens sees what is recorded, at the time that is recorded`() {
        let clock = ManualClock(now: 77), watcher = Watcher(), session = session("s", watcher)
        #expect(clock.recorder.open(session))
        clock.recorder.emit(DataQualityChecked())
        session.listeners.add(1, ordering: .relaxed)
        clock.recorder.emit(DataQualityChecked(score: 1))
        clock.recorder.emit(ResourceUpdate(cpuPercent: 5), nodeID: "n")
        session.listeners.subtract(1, ordering: .relaxed)
        clock.recorder.emit(ResourceUpdate(gpuPercent: 6, gpuID: 1), nodeID: "n")
        let found = events(clock.recorder)
        #expect(found.count == 4 && watcher.noted.withLock { $0 } == Array(found[1...]))
        #expect(found[1].time.nanoseconds == 77)
        #expect(found[2][field: "resource_scope"] == "per_node" && found[3][field: "resource_scope"] == "per_gpu")
        #expect(ResourceUpdate(found[3]) == ResourceUpdate(gpuPercent: 6, gpuID: 1))
    }

    @Test func `a full pool drops events and counts them`() throws {
        var options = RecorderOptions()
        options.poolBytes = 1 << 20
        options.whenFull = .dropNewest
        let recorder = Recorder(options, exporters: [], drains: false)
        for _ in 0..<20_000 { recorder.emit(DataQualityChecked()) }
        let health = recorder.health
        #expect(health.dropped > 0 && health.recorded == 20_000)
        try recorder.shutdown(timeout: .patience)
    }

    @Test func `threads emit at once and every event arrives whole`() throws {
        let store = InMemoryExporter.Store()
        let recorder = Recorder(RecorderOptions(), exporters: [ExporterSlot(InMemoryExporter(store))])
        Threads.run(4) { thread in
            for i in 0..<2_500 { recorder.emit(DataQualityChecked(rows: i, label: "thread \(thread)")) }
        }
        try recorder.shutdown(timeout: .patience)
        var last: [AttributeValue: Int] = [:], count = 0
        for case .typedEvent(let event) in store.records {
            guard let label = event[field: "label"], case .int(let row)? = event[field: "rows_checked"] else {
                continue
            }
            #expect(row == last[label, default: -1] + 1)
            last[label] = row
            count += 1
        }
        #expect(count == 10_000)
    }

    @Test func `a recorder that is off evaluates nothing`() {
        func never() -> Attributes {
            Issue.record("evaluated")
            return [:]
        }
        Recorder.disabled.emit(DataQualityChecked(), attributes: never())
    }

    @Test func `a definition gives defaults, checks types and names the nearest field`() throws {
        let checked = try EventDefinition(
            "myapp.Checked",
            ["score": .double(), "rows": .int(3), "label": .string("unknown"), "ok": .bool(), "note": .optionalString])
        let clock = ManualClock()
        clock.recorder.emit(try checked(["score": 1]), taskID: "t")
        clock.recorder.emit(try checked(["note": "n"]))
        let found = events(clock.recorder)
        #expect(found[0].type == "myapp.Checked" && found[0].taskID == "t")
        #expect(
            found[0].fields == [
                .init("score", 1.0), .init("rows", 3), .init("label", "unknown"), .init("ok", false),
                .init("note", nil),
            ])
        #expect(found[1][field: "note"] == "n")
        for (values, words) in [
            (["scores": 1.5], "Did you mean 'score'?"), (["rows": 1.5], "holds a int, but was given a double"),
            (["label": 1], "holds a string"),
        ] as [(Attributes, String)] {
            let error = #expect(throws: TelemetryError.self) { try checked(values) }
            #expect("\(error as Any)".contains(words))
        }
        for bad in ["Checked", ""] {
            #expect(throws: TelemetryError.self) { try EventDefinition(bad, [:]) }
        }
        #expect(throws: TelemetryError.self) { try EventDefinition("a.b", ["x": .int(), "x": .int()]) }
        #expect(throws: TelemetryError.self) { try EventDefinition("a.b", ["": .int()]) }
    }
}
