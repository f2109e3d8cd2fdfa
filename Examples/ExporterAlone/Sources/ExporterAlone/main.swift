import OneLoggerCore
import OneLoggerJSONL

// Two spans that some other program measured, sent through an exporter: no recorder, no thread.
let trace = TraceID(high: 0x0af7_6519_16cd_43dd, low: 0x8448_eb21_1c80_319c)
let began = Timestamp(nanoseconds: 1_700_000_000_000_000_000)

let job = SpanRecord(
    "job", context: SpanContext(traceID: trace, spanID: SpanID(1)), start: began,
    end: began.advanced(by: .seconds(3)), attributes: ["host": "login-1"])
let step = SpanRecord(
    "job.step", context: SpanContext(traceID: trace, spanID: SpanID(2)), parentID: SpanID(1),
    start: began.advanced(by: .seconds(1)), end: began.advanced(by: .milliseconds(2500)),
    status: .error("no such file"),
    attributes: ["attempt": 2], events: [Event("retry", ["after_s": 0.5], at: began.advanced(by: .seconds(2)))])

let path = "out/exporter-alone.jsonl"
try write(Batch(spans: [step, job], resource: Resource(serviceName: "by-hand", pid: 1)))

/// A function, because a global variable cannot give up the exporter that it holds, and closing consumes it.
func write(_ batch: Batch) throws {
    var exporter = try JSONLExporter(.init(path: path, mode: .truncate), ExporterContext())
    try exporter.export(batch)
    try exporter.close()
}

// The reader stands beside the writer.
let contents = try JSONLReader.contents(ofFile: path)
for case .span(let span) in contents.records {
    let parent = span.parentID == SpanID(0) ? "no parent" : "parent \(span.parentID)"
    print("\(span.name): \(span.duration), \(parent), \(span.attributes), \(span.events.map(\.name))")
}
for problem in contents.problems { print(problem) }
