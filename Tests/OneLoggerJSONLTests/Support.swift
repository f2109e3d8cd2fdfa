import Glibc
import OneLoggerCore
import OneLoggerJSONL
import OneLoggerText

/// Runs a program of the system and waits for it; its exit status.
func run(_ arguments: [String]) -> Int32 {
    var words: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) }
    unsafe words.append(nil)
    defer { unsafe words.forEach { unsafe free($0) } }
    var pid: pid_t = 0
    guard unsafe posix_spawnp(&pid, arguments[0], nil, nil, words, environ) == 0 else { return 127 }
    var status: Int32 = 0
    while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
    return status & 0x7f == 0 ? status >> 8 & 0xff : 128
}

/// True when Python, which knows nothing of this package, finds only valid JSON objects; NaN and the like are not.
func pythonAccepts(_ file: String) -> Bool {
    let program = """
        import json, sys
        def refuse(word): raise ValueError(word)
        for line in open(sys.argv[1], 'rb').read().decode('utf-8').split('\\n')[:-1]:
            assert isinstance(json.loads(line, parse_constant=refuse), dict)
        """
    return run([exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3", "-c", program, file]) == 0
}

func write(_ text: String, to path: String) {
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    var text = text
    text.withUTF8 { bytes in
        var done = 0
        while done < bytes.count {
            let count = unsafe write(file, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done)
            if count <= 0 { break }
            done += count
        }
    }
    close(file)
}

func read(_ path: String) -> String {
    let file = unsafe open(path, O_RDONLY)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var all: [UInt8] = [], block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = unsafe read(file, &block, block.count)
        guard count > 0 else { return String(decoding: all, as: UTF8.self) }
        all += block[..<count]
    }
}

func remove(_ path: String) { _ = unsafe unlink(path) }

func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

/// The lines of some records as the exporter writes them, without a header.
func lines(_ records: [Record], resource: Resource = Resource(pid: 28052), after count: Int = 0) -> [String] {
    var writer = JSONWriter(), encoder = JSONLineEncoder(count: count, pid: resource.pid)
    encoder.append(Batch(records, resource: resource), to: &writer)
    return writer.string.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
}

extension JSONLineEncoder {
    /// A line per record, notices first and metrics last.
    mutating func append(_ batch: Batch, to writer: inout JSONWriter) {
        for notice in batch.dataErrors { append(notice, to: &writer) }
        batch.forEach { (record: borrowing RecordView) in append(record, to: &writer) }
        for point in batch.metrics { append(point, to: &writer) }
    }
}

func time(_ nanoseconds: UInt64) -> Timestamp { Timestamp(nanoseconds: nanoseconds) }

let someTrace = TraceID(high: 0x4bf9_2f35_77b3_4da6, low: 0xa3ce_929d_0e0e_4736)

extension SpanRecord {
    /// A span of one and a half milliseconds.
    static func sample(_ name: String = "train.step", id: UInt64 = 0xf067_aa0b_a902b7) -> SpanRecord {
        SpanRecord(
            name, context: SpanContext(traceID: someTrace, spanID: SpanID(id)), start: time(1_795_220_211_886_000_000),
            end: time(1_795_220_211_887_500_000))
    }

    /// The `index`-th of many.
    static func numbered(_ index: Int) -> SpanRecord {
        var span = sample("step", id: UInt64(index + 1))
        span.attributes = ["index": .int(index)]
        return span
    }
}

extension JSONLExporter {
    /// Exports, closes, and says what went wrong.
    static func run(
        _ batches: [Batch], _ options: Options, _ context: ExporterContext = ExporterContext()
    ) -> ExportError? {
        do throws(ExportError) {
            var exporter = try JSONLExporter(options, context)
            for batch in batches { try exporter.export(batch) }
            try exporter.close()
            return nil
        } catch { return error }
    }
}

/// The `index` of each span, in the order of the file.
func indices(_ contents: JSONLContents) -> [Int] {
    contents.records.compactMap { record in
        guard case .span(let span) = record, case .int(let index) = span.attributes["index"] else { return nil }
        return index
    }
}
