import OneLoggerConsole
import OneLoggerCore
import Testing

@Suite struct SpanTreeTests {
    @Test func `children stand below their parent although they end first`() throws {
        let records: [Record] = [
            .span(span("forward", 3, in: 2, 0.1, 0.2)), .span(span("backward", 4, in: 2, 0.2, 0.3)),
            .span(span("step", 2, in: 1, 0.1, 0.4)), .span(span("train", 1, 0, 1)),
        ]
        #expect(try tree([records]) == ["  train", "    step", "      forward", "      backward"])
        #expect(try tree(records.map { [$0] }) == ["  train", "    step", "      forward", "      backward"])
    }

    @Test func `the order of the records in a batch does not matter`() throws {
        let records: [Record] = [
            .span(span("train", 1, 0, 1)), .span(span("step", 2, in: 1, 0.1, 0.4)),
            .span(span("forward", 3, in: 2, 0.1, 0.3)),
        ]
        #expect(try tree([records]) == ["  train", "    step", "      forward"])
    }

    @Test func `what ends below an announced span is shown at once`() throws {
        let capture = Capture()
        var exporter = ConsoleExporter(.init(summary: false), ExporterContext(), .test(capture.descriptor))
        try exporter.export(Batch([.start(span("train", 1, 0, 0))]))
        #expect(capture.text.hasSuffix("▶ train\n"))
        try exporter.export(Batch([.span(span("load", 3, in: 2, 0.1, 0.2)), .span(span("step", 2, in: 1, 0.1, 0.3))]))
        #expect(capture.text.hasSuffix("      step\n12:00:00.100    100 ms        load\n"))
        try exporter.export(Batch([event(Event("lr", ["to": 2], at: at(0.5)), in: 1)]))
        #expect(capture.text.hasSuffix("    • lr  to=2\n"))
        try exporter.export(Batch([.stop(span("train", 1, 0, 1.5, .unset, ["accuracy": 0.9]))]))
        #expect(capture.text.hasSuffix("12:00:01.500    1.50 s  ◀ train  accuracy=0.9\n"))
        try exporter.close()
    }

    @Test func `events stand between the children, by their time`() throws {
        let records: [Record] = [
            .span(span("a", 2, in: 1, 0.1, 0.2)), .span(span("b", 3, in: 1, 0.5, 0.6)),
            .span(span("root", 1, 0, 1, events: [Event("between", at: at(0.3)), Event("last", at: at(0.7))])),
        ]
        let lines = try tree([records])
        #expect(lines == ["  root", "    a", "  • between", "    b", "  • last"])
    }

    @Test func `what waits too long for a silent parent is shown below an ellipsis`() throws {
        let batches: [[Record]] = [
            [.start(span("train", 1, 0, 0))], [.span(span("step 1", 3, in: 2, 0.1, 0.2))],
            [.span(span("step 2", 4, in: 2, 0.5, 0.6))], [.span(span("step 3", 5, in: 2, 1.5, 1.6))],
            [.span(span("step 4", 6, in: 2, 1.7, 1.8))], [.span(span("epoch", 2, in: 1, 0.1, 2))],
            [.stop(span("train", 1, 0, 2.1))],
        ]
        #expect(
            try tree(batches) == [
                "▶ train", "  ▶ …", "      step 1", "      step 2", "      step 3", "      step 4", "  ◀ epoch",
                "◀ train",
            ])
        let patient = ConsoleExporter.Options(summary: false, hold: .seconds(60))
        #expect(
            try tree(batches, patient) == [
                "▶ train", "    epoch", "      step 1", "      step 2", "      step 3", "      step 4", "◀ train",
            ])
    }

    @Test func `a flush shows what waits`() throws {
        let capture = Capture()
        var exporter = ConsoleExporter(.init(summary: false), ExporterContext(), .test(capture.descriptor))
        try exporter.export(Batch([.span(span("step", 2, in: 1, 0.1, 0.2))]))
        #expect(!capture.text.contains("step"))
        try exporter.flush()
        #expect(capture.text.contains("▶ …\n") && capture.text.hasSuffix("    step\n"))
        try exporter.close()
    }

    @Test func `a child that arrives after its parent still stands one level deeper`() throws {
        let batches: [[Record]] = [
            [.start(span("train", 1, 0, 0))], [.span(span("step", 2, in: 1, 0.1, 0.4))],
            [.span(span("late", 3, in: 2, 0.1, 0.2))], [.stop(span("train", 1, 0, 1))],
            [event(Event("later", at: at(0.9)), in: 1)],
        ]
        #expect(try tree(batches) == ["▶ train", "    step", "      late", "◀ train", "  • later"])
    }

    @Test func `a parent in another process makes a root`() throws {
        var served = span("serve", 2, in: 1, 0, 1)
        served.parentIsRemote = true
        #expect(try tree([[.span(served)]]) == ["  serve"])
    }

    @Test func `a start that comes after its children were shown keeps their place`() throws {
        let batches: [[Record]] = [
            [.span(span("early", 2, in: 1, 0.1, 0.2))], [.start(span("train", 1, 0, 0))],
            [.stop(span("train", 1, 0, 1))],
        ]
        #expect(try tree(batches) == ["▶ train", "    early", "◀ train"])
        let impatient = ConsoleExporter.Options(summary: false, hold: .zero)
        #expect(try tree(batches, impatient) == ["▶ …", "    early", "▶ train", "◀ train"])
    }

    @Test func `spans that wait for one parent are bounded`() throws {
        let children = (0..<30_000).map { Record.span(span("child", 10 + UInt64($0), in: 1, 0.1, 0.2)) }
        let capture = Capture()
        var exporter = ConsoleExporter(.init(summary: false), ExporterContext(), .test(capture.descriptor))
        try exporter.export(Batch(children))
        let shown = capture.text.split(separator: "\n").count { $0.hasSuffix("    child") }
        #expect(shown >= 20_000, "what is beyond the bound is not held back")
        try exporter.export(Batch([.span(span("root", 1, 0, 1))]))
        try exporter.close()
        #expect(capture.text.split(separator: "\n").count { $0.hasSuffix("    child") } == 30_000)
        #expect(capture.text.hasSuffix("◀ root\n"))
    }

    @Test func `spans that never end do not fill the memory and any depth is drawn`() throws {
        let starts = (1...20_000).map { Record.start(span("s", UInt64($0), in: UInt64($0 - 1), 0.1, 0.1)) }
        let lines = try tree([starts])
        #expect(lines.count == 20_000)
        #expect(lines.allSatisfy { $0.count < 100 })
    }

    @Test func `a new day gets a line`() throws {
        let text = try output([Batch([.span(span("late", 1, 0, 1)), .span(span("next", 2, 50_000, 50_001))])])
        #expect(text.contains("late\n── 2026-02-01 ──\n01:53:20.000    1.00 s    next\n"))
    }
}
