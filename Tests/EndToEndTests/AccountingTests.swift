import OneLoggerCore
import OneLoggerJSONL
import OneLoggerTestSupport
import Testing

/// What a process counts agrees with what is in its files.
@Suite(.timeLimit(.minutes(15))) struct AccountingTests {
    private let folder = TemporaryFolder()

    /// The numbers that a worker prints at its end, and those of its exporters.
    private struct Summary {
        var recorded = -1, filtered = -1, before = -1
        var exporters: [String: (exported: Int, lost: Int)] = [:]

        init(_ line: String) {
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            guard words.count >= 6 else { return }
            (recorded, filtered, before) = (Int(words[1]) ?? -1, Int(words[3]) ?? -1, Int(words[5]) ?? -1)
            for place in stride(from: 6, to: words.count - 2, by: 3) {
                exporters[words[place]] = (Int(words[place + 1]) ?? -1, Int(words[place + 2]) ?? -1)
            }
        }
    }

    private func run(_ job: String, _ count: Int, _ config: String) throws -> Summary {
        let file = folder.write(config, to: "a.yaml")
        let child = try ChildProcess(
            "OneLoggerTestWorker", [job, "\(count)", file], errors: folder("errors"))
        let (end, output) = child.finish()
        #expect(end == .exit(0), "\(folder.text("errors"))")
        return Summary(output)
    }

    @Test func `half a million spans per second lose nothing with the default configuration`() throws {
        let count = 50_000
        let summary = try run("load", count, "exporters: [{type: jsonl, config: {path: FOLDER/out.jsonl}}]")
        let recording = try folder.recording()
        #expect(recording.numbers.count == count)
        #expect(recording.numbers.sorted() == (0..<count).map { $0 / 2 })
        // A span that was open when the recorder drained said before that it had begun.
        let records = count + (recording.announced["step"] ?? 0)
        #expect(summary.recorded == records && summary.filtered == 0 && summary.before == 0)
        #expect(summary.exporters["jsonl"]?.exported == records && summary.exporters["jsonl"]?.lost == 0)
    }

    @Test func `for each exporter, what was recorded was exported, lost or filtered`() throws {
        let summary = try run(
            "shutdown", 1000,
            """
            recorder: {filter: {exclude: [job]}, on_error: propagate}
            exporters:
              - {type: jsonl, config: {path: FOLDER/out.jsonl}}
              - {type: jsonl, name: broken, config: {path: FOLDER/a.yaml/out.jsonl}}
            """)
        // The span that ends after the shutdown was announced and ended by it, and its own end is lost.
        #expect(summary.recorded == 1004 && summary.filtered == 1 && summary.before == 1)
        try #require(summary.exporters.count == 2)
        for exporter in summary.exporters.values {
            #expect(summary.recorded == exporter.exported + exporter.lost + summary.before + summary.filtered)
        }
        #expect(summary.exporters["broken"]?.exported == 0)
        let records = try folder.recording().records.filter { if case .metric = $0 { false } else { true } }
        #expect(records.count == summary.exporters["jsonl"]?.exported)
        let lines = folder.text("errors").split(separator: "\n")
        #expect(lines.count == 1 && lines.first?.hasPrefix("onelogger: exporter 'broken' fails: ") == true)
    }
}
