import Foundation
import OneLoggerConsole
import OneLoggerCore
import OneLoggerTestSupport
import Testing

@Suite struct DocumentTests {
    private static let document = try? Repository.text("Docs/formats/console.md")

    /// The blocks of the document that are marked as output.
    private static var examples: [String] {
        (document ?? "").components(separatedBy: "```text\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
    }

    /// The run that the document shows.
    private var run: [Batch] {
        let resource = Resource(serviceName: "digits-train", host: "node-1", pid: 4242, rank: 0, worldSize: 2)
        func step(_ number: Int, _ start: Double, _ status: SpanStatus = .unset, _ events: [Event] = []) -> [Record] {
            let id = UInt64(10 * number)
            let attributes: Attributes = ["step": .int(number), "loss": .double(2.3 / Double(number))]
            return [
                .span(span("load", id + 1, in: id, start, start + 0.002_34)),
                .span(span("forward", id + 2, in: id, start + 0.003, start + 0.021)),
                .span(span("train.step", id, in: 1, start, start + 0.045, status, attributes, events: events)),
            ]
        }
        let saved = Event("checkpoint.saved", ["path": "out/run 1.bin", "bytes": 65_536], at: at(0.19))
        let failure = Event.error(
            "loading a batch", nil, ["exception_type": "IOError", "exception_message": "no such file"], at: at(0.26))
        let lost = TelemetryDataError(
            .incompleteTelemetryData, "the inbox is full", firstTime: at(0.3), time: at(0.35), lostRecords: 12)
        var parsing = MetricPoint.Histogram(bounds: [0.001, 0.01])
        for index in 1...1797 { parsing.add(Double(index) * 1e-6) }
        let parsed = MetricPoint(
            name: "span.duration", unit: "s", attributes: ["span.name": "parse_line"], start: at(0), time: at(0.4),
            value: .histogram(parsing))
        let memory = MetricPoint(
            name: "gpu.memory", unit: "By", attributes: ["device": 0], start: at(0), time: at(0.4), value: .gauge(2e9))
        return [
            Batch([.start(span("training_loop", 1, 0, 0, .unset, ["optimizer": "SGD"]))], resource: resource),
            Batch(step(1, 0.1) + step(2, 0.15), resource: resource),
            Batch([event(saved, in: 1)] + step(3, 0.25, .error("no data"), [failure]), resource: resource),
            Batch([.telemetryDataError(lost), .metric(parsed), .metric(memory)], resource: resource),
            Batch([.stop(span("training_loop", 1, 0, 0.5, .unset, ["accuracy": 0.9731]))], resource: resource),
        ]
    }

    @Test func `the document shows what the exporter writes`() throws {
        let example = try #require(Self.examples.first)
        #expect(try output(run, .init()) == example)
    }

    @Test func `the document shows a long span that has not announced itself`() throws {
        let batches = [
            Batch([.start(span("training_loop", 1, 0, 0))]), Batch([.span(span("step", 3, in: 2, 0.1, 0.6))]),
            Batch([.span(span("step", 4, in: 2, 1.5, 2.1))]), Batch([.span(span("epoch", 2, in: 1, 0.1, 62))]),
            Batch([.stop(span("training_loop", 1, 0, 62.5))]),
        ]
        let example = try #require(Self.examples.dropFirst().first)
        #expect(try output(batches).split(separator: "\n").dropFirst().joined(separator: "\n") + "\n" == example)
    }

    @Test func `the document names every key`() throws {
        let document = try #require(Self.document)
        var settings = Settings(["no such key": 1])
        let error = #expect(throws: SettingsError.self) { _ = try ConsoleExporter.Options(&settings) }
        guard case .unknownKey(_, let keys, _) = error else {
            Issue.record("expected an unknown key")
            return
        }
        #expect(keys.count == 7)
        for key in keys { #expect(document.contains("| `\(key)` |")) }
    }
}
