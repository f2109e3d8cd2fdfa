import Glibc
import OneLoggerConsole
import OneLoggerCore

/// A file without a name that collects what an exporter writes.
struct Capture: ~Copyable {
    let descriptor: Int32

    init() {
        var path = Array("/tmp/onelogger-console-XXXXXX".utf8CString)
        descriptor = unsafe path.withUnsafeMutableBufferPointer { path in
            guard let base = path.baseAddress else { return -1 }
            let file = unsafe mkstemp(base)
            unsafe unlink(base)
            return file
        }
        precondition(descriptor >= 0, "no temporary file")
    }

    deinit { Glibc.close(descriptor) }

    var text: String {
        let size = Int(lseek(descriptor, 0, SEEK_END))
        return unsafe String(unsafeUninitializedCapacity: size) { bytes in
            unsafe max(0, pread(descriptor, bytes.baseAddress, size, 0))
        }
    }
}

/// 2026-01-31T12:00:00 UTC.
let noon: UInt64 = 1_769_860_800_000_000_000

func at(_ seconds: Double) -> Timestamp { Timestamp(nanoseconds: noon + UInt64((seconds * 1e9).rounded())) }

func context(_ id: UInt64, trace: UInt64 = 7) -> SpanContext {
    SpanContext(traceID: TraceID(high: 1, low: trace), spanID: SpanID(id))
}

func span(
    _ name: String, _ id: UInt64, in parent: UInt64 = 0, _ start: Double, _ end: Double, _ status: SpanStatus = .unset,
    _ attributes: Attributes = [:], events: [Event] = [], trace: UInt64 = 7
) -> SpanRecord {
    SpanRecord(
        name, context: context(id, trace: trace), parentID: SpanID(parent), start: at(start), end: at(end),
        status: status, attributes: attributes, events: events)
}

func event(_ event: Event, in span: UInt64, isError: Bool = false) -> Record {
    .event(SpanEventRecord(event, span: context(span), isError: isError))
}

extension Terminal {
    static func test(_ descriptor: Int32, _ environment: [String: String] = ["LANG": "C.UTF-8"]) -> Terminal {
        Terminal(descriptor: descriptor, name: "test output") { environment[$0] }
    }
}

/// What an exporter writes for these batches, closed at the end.
func output(
    _ batches: [Batch], _ options: ConsoleExporter.Options = .init(summary: false),
    environment: [String: String] = ["LANG": "C.UTF-8"]
) throws -> String {
    let capture = Capture()
    var exporter = ConsoleExporter(options, ExporterContext(), .test(capture.descriptor, environment))
    for batch in batches { try exporter.export(batch) }
    try exporter.close()
    return capture.text
}

/// The output without its header, times and durations: what a tree looks like.
func tree(_ batches: [[Record]], _ options: ConsoleExporter.Options = .init(summary: false)) throws -> [String] {
    try output(batches.map { Batch($0) }, options).split(separator: "\n").dropFirst().map { String($0.dropFirst(24)) }
}
