import OneLogger
import OneLoggerBootstrap

// A real program installs its configuration beside itself; this one is run from its sources.
let folder = #filePath.split(separator: "/").dropLast().map { "/\($0)" }.joined()
let recorder = try Recorder.bootstrap(config: "\(folder)/OneLogger/telemetry.yaml")

timedSpan("job") { span in
    span["answer"] = 42
    timedSpan("too.small") { _ in }
}
try recorder.shutdown()
print("recorded \(recorder.health.recorded), filtered \(recorder.health.filtered), lost \(recorder.health.lostBeforeExport)")
