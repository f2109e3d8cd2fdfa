import OneLogger
import OneLoggerConsole
import OneLoggerJSONL

// Synchronous and asynchronous spans to a file and, with an argument, to the terminal.
let path = "out/static-size.jsonl"
let file = ExporterSlot(name: "jsonl") { (context) throws(ExportError) in
    try JSONLExporter(.init(path: path, mode: .truncate), context)
}
let terminal = ExporterSlot(name: "console") { (context) throws(ExportError) in
    try ConsoleExporter(.init(), context)
}
// Spans that take longer than a tenth of a second say that they began; here the output must not depend on the machine.
var options = RecorderOptions()
options.announce = .nothing
let recorder = Recorder(options, exporters: CommandLine.arguments.count > 1 ? [file, terminal] : [file])

await recorder.timedSpan("job") { (span: inout TimedSpan) async in
    span["workers"] = 2
    await withTaskGroup { group in
        for worker in 0..<2 {
            group.addTask {
                recorder.timedSpan("worker", attributes: ["number": .int(worker)]) { span in span.event("done") }
            }
        }
    }
}
try recorder.shutdown()

let contents = try JSONLReader.contents(ofFile: path)
// How many metrics there are depends on threads and exporters; spans are the same each time.
let spans = contents.records.count { record in if case .metric = record { false } else { true } }
print("records: \(spans), problems: \(contents.problems.count)")
