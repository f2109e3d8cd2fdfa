// A program with a recorder, a file of JSON lines and one span, which then does nothing: `check-idle.py` measures its
// memory and its start. `Idle FILE` ends after the first span, `Idle FILE wait` waits.
import Glibc
import OneLogger
import OneLoggerJSONL

let arguments = CommandLine.arguments, waits = arguments.count > 2
let path = arguments.count > 1 ? arguments[1] : "/dev/null"
let recorder = Recorder(
    RecorderOptions(),
    exporters: [
        ExporterSlot(name: "jsonl") { (context: ExporterContext) throws(ExportError) in
            try JSONLExporter(.init(path: path), context)
        }
    ])
recorder.timedSpan("first") { _ in }
print("hello")
fflush(nil)
if waits { pause() }
_exit(0)
