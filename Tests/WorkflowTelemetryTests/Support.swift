import OneLogger
import OneLoggerJSONL
import OneLoggerTestSupport
import OneLoggerTesting
import WorkflowTelemetry

#if canImport(Glibc)
import Glibc
#endif

struct Boom: Error {}

struct QualityChecked: TelemetryEvent {
    static let eventType: StaticName = "myapp.QualityChecked"
    var score = 0.0
    func encode(to fields: inout EventFields) { fields["score"] = score }
}

let second: UInt64 = 1_000_000_000

/// A session on a clock that moves only when it is told to.
struct Fixture: ~Copyable {
    let clock = ManualClock(now: 1_000 * second)
    let session: WorkflowSession

    init(_ id: String = "s") throws { session = try WorkflowSession.start(id: id, on: clock.recorder) }

    /// Seconds since the session's start.
    func at(_ seconds: Double) { clock.set(1_000 * second + UInt64(seconds * 1e9)) }
}

/// A recorder that writes a file in the schema of the Telemetry Abstraction Layer.
func talRecorder(_ path: String, _ change: (inout RecorderOptions) -> Void = { _ in }) -> Recorder {
    var options = RecorderOptions()
    change(&options)
    return Recorder(
        options,
        exporters: [
            ExporterSlot(name: "tal") { (context) throws(ExportError) in
                try JSONLExporter(JSONLExporter.Options(path: path, schema: .tal), context)
            }
        ])
}

func fixture(_ name: String) -> String { "\(packageFolder)/Tests/WorkflowTelemetryTests/Fixtures/\(name)" }

/// What a program prints.
func output(_ program: String, _ arguments: [String]) throws -> String {
    try ChildProcess(program, arguments).finish().output
}

extension WorkflowSession {
    /// A stop whose time does not run out on a busy machine.
    func stopPatiently() async { await stop(timeout: .seconds(300)) }
}
