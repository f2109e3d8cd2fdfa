import OneLogger
import OneLoggerCore
import OneLoggerPrometheus
import OneLoggerTestSupport
import Synchronization
import Testing

/// What no longer comes: gauges go, counts stay.
@Suite struct StalenessTests {
    private let folder = TemporaryFolder()

    /// The samples after each of these collections, ten seconds apart; a collection is given as its batches.
    private func samples(after collections: [[[MetricPoint]]]) throws -> [[String]] {
        let box = PrometheusBox(try PrometheusExporter(.init(path: folder("m.prom"), maxSeries: 4)))
        defer { try? box.close() }
        return try collections.enumerated().map { number, batches in
            for batch in batches {
                try box.export(
                    batch.map { point in
                        var point = point
                        point.time = someTime.advanced(by: .seconds(10 * number))
                        return point
                    })
            }
            return folder.text("m.prom").samples
        }
    }

    private static let all: [MetricPoint] = [
        .gauge("load", 1, ["node": "a"]), .gauge("load", 2, ["node": "b"]), .upDown("used", 3, ["node": "b"]),
        .sum("read", 4, ["node": "b"]),
    ]
    private static let rest: [MetricPoint] = [.gauge("load", 1, ["node": "a"])]
    private static let whole = [
        "load{node=\"a\"} 1", "load{node=\"b\"} 2", "read_total{node=\"b\"} 4", "used{node=\"b\"} 3",
    ]

    @Test func `a gauge that two whole collections did not bring is gone with the third, what counts stays`() throws {
        let seen = try samples(after: [[Self.all], [Self.rest], [Self.rest], [Self.rest], [Self.all]])
        #expect(seen[0..<3].allSatisfy { $0 == Self.whole })
        #expect(seen[3] == ["load{node=\"a\"} 1", "read_total{node=\"b\"} 4"])
        // What comes back has its place again, also where the table was full.
        #expect(seen[4] == Self.whole)
    }

    @Test func `a text without the series that are gone is one that Prometheus reads`() throws {
        _ = try samples(after: [[Self.all], [Self.rest], [Self.rest], [Self.rest]])
        let text = folder.text("m.prom")
        #expect(!text.contains("# TYPE used"))
        let (status, findings) = try promtool(text)
        #expect(status == .exit(0), "\(findings)")
    }

    @Test func `a collection that comes in several batches, or lacks one, takes nothing away`() throws {
        let (first, second) = (Array(Self.all[..<1]), Array(Self.all[1...]))
        let seen = try samples(after: [[first, second], [first, second], [first], [first, second], [first, second]])
        #expect(seen.allSatisfy { $0 == Self.whole })
    }

    @Test func `what was freed has room for others`() throws {
        let others: [MetricPoint] = (0..<3).map { .gauge("load", 5, ["node": .string("c\($0)")]) }
        let seen = try samples(after: [[Self.all], [Self.rest], [Self.rest], [Self.rest], [Array(others[..<2])]])
        #expect(
            seen[4]
                == [
                    "load{node=\"a\"} 1", "load{node=\"c0\"} 5", "load{node=\"c1\"} 5", "read_total{node=\"b\"} 4",
                ])
    }

    @Test func `a clock that is put back takes nothing away`() throws {
        let box = PrometheusBox(try PrometheusExporter(.init(path: folder("m.prom"))))
        defer { try? box.close() }
        for seconds in [0, 3600, 0, 3600, 0] {
            try box.export(
                Self.all.map { point in
                    var point = point
                    point.time = someTime.advanced(by: .seconds(seconds))
                    return point
                })
        }
        #expect(folder.text("m.prom").samples == Self.whole)
    }

    @Test func `flushes in a row are one collection, and take nothing away`() throws {
        let isThere = Atomic(true)
        var options = RecorderOptions()
        options.metricsInterval = .seconds(3600)
        let recorder = Recorder(
            options,
            exporters: [
                ExporterSlot(name: "prometheus") { [folder] (context: ExporterContext) throws(ExportError) in
                    try PrometheusExporter(.init(path: folder("m.prom")), context)
                }
            ])
        recorder.observableGauge("load") { if isThere.load(ordering: .relaxed) { $0.observe(1) } }
        try recorder.flush(timeout: .seconds(10))
        #expect(folder.text("m.prom").contains("\nload 1\n"))
        isThere.store(false, ordering: .relaxed)
        for _ in 0..<3 { try recorder.flush(timeout: .seconds(10)) }
        #expect(folder.text("m.prom").contains("\nload 1\n"))
        try recorder.shutdown(timeout: .seconds(10))
    }
}
