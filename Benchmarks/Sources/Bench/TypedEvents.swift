import CBench
import OneLogger
import OneLoggerJSONL
import Synchronization
import WorkflowTelemetry

#if canImport(Glibc)
import Glibc
#endif

struct Checked: TelemetryEvent {
    static let eventType: StaticName = "myapp.Checked"
    var score = 0.0, rows = 0, ok = false, label = ""

    func encode(to fields: inout EventFields) {
        fields["score"] = score
        fields["rows_checked"] = rows
        fields["ok"] = ok
        fields["label"] = label
    }
}

/// Typed events with a number, an integer, a truth value and a text of 64 bytes; alone and in a session.
func typedEvents() {
    let label = String(repeating: "x", count: 63) + String(Int(cb_opaque(7)))
    let alone = recorder { $0.poolBytes = 64 << 20 }
    harness.run("emit.event", between: drain(alone)) { n in
        for i in 0..<n { alone.emit(Checked(score: 0.5, rows: i, ok: true, label: label)) }
    }
    guard harness.wants("emit.event.session") || harness.wants("emit.event.session.task") else { return }
    let used = recorder { $0.poolBytes = 64 << 20 }
    guard let session = try? WorkflowSession.start(id: "session.bench", on: used) else { return }
    harness.run("emit.event.session", between: drain(used)) { n in
        for i in 0..<n { used.emit(Checked(score: 0.5, rows: i, ok: true, label: label)) }
    }
    harness.run("emit.event.session.task", between: drain(used)) { n in
        for i in 0..<n { used.emit(Checked(score: 0.5, rows: i, ok: true, label: label), taskID: "task.000001") }
    }
    _ = session
}

/// Whole lives of tasks, five events each, to a file in the schema `tal`; processor time of the whole process.
func lifecycle() {
    guard harness.wants("lifecycle"), cb_valgrind() == 0, cb_counting() == 0 else { return }
    var options = RecorderOptions()
    options.poolBytes = 256 << 20
    var times: [Double] = []
    for turn in 0..<5 {
        let path = "/tmp/onelogger-bench-\(getpid()).jsonl"
        let made = Recorder(
            options,
            exporters: [
                ExporterSlot(name: "tal", inboxBytes: 256 << 20) { (context) throws(ExportError) in
                    try JSONLExporter(JSONLExporter.Options(path: path, schema: .tal, mode: .truncate), context)
                }
            ])
        guard let session = try? WorkflowSession.start(on: made) else { return }
        let start = clock(), tasks = 40_000
        for i in 0..<tasks {
            let id = "task.\(turn).\(i)"
            session.taskCreated(id, executable: "train", type: "function", backend: "pool")
            session.taskSubmitted(id)
            session.taskQueued(id)
            session.taskStarted(id)
            session.taskCompleted(id)
        }
        _ = try? made.shutdown(timeout: .seconds(60))
        times.append(Double(clock() - start) * 1e9 / Double(CLOCKS_PER_SEC) / Double(tasks * 5))
        unlink(path)
    }
    harness.report("lifecycle", times)
}

/// From an event to one subscriber, beside one that sleeps and one that throws.
func subscribers() {
    guard harness.wants("subscriber.latency"), cb_valgrind() == 0, cb_counting() == 0 else { return }
    struct Refused: Error {}
    let used = recorder()
    guard let session = try? WorkflowSession.start(on: used) else { return }
    let seen = Atomic<UInt64>(0)
    session.subscribe(capacity: 4) { (_: EventRecord) throws in usleep(100_000) }
    session.subscribe { (_: EventRecord) throws in throw Refused() }
    session.subscribe(to: ["myapp.Checked"]) { (_: EventRecord) throws in
        seen.store(cb_mono(), ordering: .releasing)
    }
    var times: [Double] = []
    for i in 0..<2_000 {
        seen.store(0, ordering: .relaxed)
        let start = cb_mono()
        used.emit(Checked(rows: i))
        var end: UInt64 = 0
        while end == 0 {
            sched_yield()
            end = seen.load(ordering: .acquiring)
        }
        times.append(Double(end - start))
    }
    harness.report("subscriber.latency", times)
    times.sort()
    print("# subscriber.latency: the slowest of 2,000 took \(times[times.count - 1] / 1e6) ms")
}
