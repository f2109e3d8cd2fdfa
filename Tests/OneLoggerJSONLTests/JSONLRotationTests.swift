import Glibc
import OneLoggerCore
import OneLoggerJSONL
import OneLoggerTestSupport
import Testing

@Suite struct JSONLRotationTests {
    private func batch(_ range: Range<Int>) -> Batch {
        Batch(spans: range.map { .numbered($0) }, resource: Resource(pid: 1))
    }

    /// What all files of a rotation hold, the oldest first.
    private func files(_ path: String) throws -> [JSONLContents] {
        var numbers = [""]
        while exists("\(path).\(numbers.count)") { numbers.append(".\(numbers.count)") }
        return try numbers.reversed().map { try JSONLReader.contents(ofFile: path + $0) }
    }

    private func size(_ path: String) -> Int { read(path).utf8.count }

    @Test(arguments: [1, 3, 50, 400])
    func `no line is lost or split when files are full, and each begins with a header`(batchSize: Int) throws {
        let folder = TemporaryFolder(), path = folder("f")
        let batches = stride(from: 0, to: 400, by: batchSize).map { batch($0..<min($0 + batchSize, 400)) }
        #expect(JSONLExporter.run(batches, .init(path: path, maxBytes: 2048, maxFiles: 1000)) == nil)

        let all = try files(path)
        #expect(all.count > 50)
        #expect(all.flatMap(indices) == Array(0..<400))
        #expect(all.allSatisfy { $0.problems == [] && $0.headers.count == 1 })
        for number in 0..<all.count {
            let file = number == 0 ? path : "\(path).\(number)"
            #expect(size(file) <= 2048)
            #expect(read(file).hasPrefix("{\"type\":\"header\""))
        }
    }

    @Test func `only the newest files are kept`() throws {
        let folder = TemporaryFolder(), path = folder("f")
        #expect(JSONLExporter.run([batch(0..<100)], .init(path: path, maxBytes: 2048, maxFiles: 2)) == nil)
        let kept = try files(path)
        #expect(kept.count == 3)
        let numbers = kept.flatMap(indices)
        #expect(numbers == Array(100 - numbers.count..<100))
    }

    @Test func `a line longer than a file stands in a file of its own`() throws {
        let folder = TemporaryFolder(), path = folder("f")
        var spans = (0..<3).map { SpanRecord.numbered($0) }
        spans[1].attributes["text"] = .string(String(repeating: "x", count: 10_000))
        #expect(JSONLExporter.run([Batch(spans: spans)], .init(path: path, maxBytes: 1024, maxFiles: 9)) == nil)
        #expect(try files(path).map(indices) == [[0], [1], [2]])
    }

    @Test func `a file that is full already is put aside before the first line`() throws {
        let folder = TemporaryFolder(), path = folder("f")
        #expect(JSONLExporter.run([batch(0..<20)], .init(path: path)) == nil)
        let before = read(path)
        #expect(JSONLExporter.run([batch(20..<21)], .init(path: path, maxBytes: 2048)) == nil)
        #expect(read(path + ".1") == before)
        #expect(try files(path).map { $0.headers.count } == [1, 1])
        #expect(indices(try JSONLReader.contents(ofFile: path)) == [20])
    }

    @Test func `a gap in the old files is filled instead of deleting the oldest`() throws {
        let folder = TemporaryFolder(), path = folder("f")
        write("two\n", to: path + ".2")
        #expect(JSONLExporter.run([batch(0..<6)], .init(path: path, maxBytes: 2048, maxFiles: 2)) == nil)
        #expect(read(path + ".2") == "two\n")
        #expect(read(path + ".1").hasPrefix("{\"type\":\"header\""))
    }

    @Test func `metrics and notices rotate like spans`() throws {
        let folder = TemporaryFolder(), path = folder("f")
        let now = time(1_795_220_211_886_000_000)
        let records: [Record] = (0..<20).flatMap { index -> [Record] in
            [
                .metric(MetricPoint(name: "m\(index)", start: now, time: now, value: .sum(1))),
                .telemetryDataError(TelemetryDataError(.noTelemetryData, "\(index)", firstTime: now, time: now)),
            ]
        }
        #expect(JSONLExporter.run([Batch(records)], .init(path: path, maxBytes: 1024, maxFiles: 100)) == nil)
        let all = try files(path)
        #expect(all.count > 5)
        #expect(Set(all.flatMap(\.records)) == Set(records))
    }
}
