import OneLogger
import OneLoggerTesting
import RLMTelemetry
import Synchronization

let second: UInt64 = 1_000_000_000
/// 2026-08-01T12:00:00 UTC.
let noon: UInt64 = 1_785_585_600 * second

/// A sink whose recorder has a manual clock and is read by hand.
struct Bench {
    let clock: ManualClock
    let sink: RLMRunSink
    var recorder: Recorder { clock.recorder }

    init(_ options: RLMOptions = RLMOptions(), redaction: RLMRedaction? = nil) {
        var quiet = RecorderOptions()
        quiet.metrics.process = false
        quiet.metrics.health = false
        clock = ManualClock(quiet, now: noon)
        sink = RLMRunSink(clock.recorder, options, redaction: redaction)
        clock.recorder.add(sink)
    }

    /// One run with these steps.
    func run(_ id: String, task: String = "t", _ steps: [RLMStep], _ end: RLMRunEnd = .init(isCompleted: true)) {
        sink.runStarted(RLMRunStart(id, task: task, environment: "dspy"))
        for step in steps { sink.stepFinished(id, step) }
        sink.runEnded(id, end)
    }

    func run(task: String = "t", _ steps: [RLMStep], _ end: RLMRunEnd = .init(isCompleted: true)) {
        run("r", task: task, steps, end)
    }

    /// The spans that ended since the last call, by their names.
    func spans() -> (runs: [SpanRecord], steps: [SpanRecord]) {
        let all = recorder.takeSpans()
        return (all.filter { $0.name == "rlm.run" }, all.filter { $0.name == "rlm.step" })
    }

    /// The points of one instrument.
    func points(_ name: String) -> [MetricPoint] { recorder.metrics().filter { $0.name == name } }
}

extension [Record] {
    /// Events that left before their span ended.
    var looseEvents: [SpanEventRecord] {
        compactMap { record in if case .event(let event) = record { event } else { nil } }
    }
}

/// Notes the hooks, and fails when it is told to.
final class NotingSink: RLMSink {
    struct Broken: Error {}
    let name: String
    private let fails: Bool
    private let calls = Locked<[String]>([])
    private let steps = Locked<[RLMStep]>([])
    private let ends = Locked<[RLMRunEnd]>([])

    init(_ name: String, fails: Bool = false) {
        self.name = name
        self.fails = fails
    }

    var noted: [String] { calls.withLock { $0 } }
    var notedSteps: [RLMStep] { steps.withLock { $0 } }
    var notedEnds: [RLMRunEnd] { ends.withLock { $0 } }

    private func note(_ call: String) throws {
        calls.withLock { $0.append(call) }
        if fails { throw Broken() }
    }

    func runStarted(_ run: RLMRunStart) throws { try note("start \(run.id)") }
    func stepFinished(_ run: String, _ step: RLMStep) throws {
        steps.withLock { $0.append(step) }
        try note("step \(run)")
    }
    func runEnded(_ run: String, _ end: RLMRunEnd) throws {
        ends.withLock { $0.append(end) }
        try note("end \(run)")
    }
    func status() throws -> RLMSinkStatus {
        if fails { throw Broken() }
        return RLMSinkStatus(name: name, isEnabled: true, isAvailable: true, detail: "memory")
    }
}

struct Boom: Error {}
