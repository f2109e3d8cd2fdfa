import OneLoggerCore
import OneLoggerText
import OneLoggerJSONL
import OneLoggerTestSupport
import Testing

/// The example lines of `Docs/formats/jsonl.md`, as values.
@Suite struct DocumentedLinesTests {
    private let moment: UInt64 = 1_795_220_211_886_000_000
    private let resource = Resource(
        serviceName: "digits-train", host: "node-7", pid: 28052, rank: 0, worldSize: 8, sessionTag: "run-12",
        customMetadata: ["team": "vision"])

    private func span(_ name: String, _ id: UInt64, _ start: UInt64, _ end: UInt64) -> SpanRecord {
        SpanRecord(
            name, context: SpanContext(traceID: someTrace, spanID: SpanID(id)), start: time(moment + start),
            end: time(moment + end))
    }

    private var records: [Record] {
        var start = span("application", 0x00f0_67aa_0ba9_02b7, 0, 0)
        start.attributes = ["batch_size": 32]
        start.startAttributes = ["host": "node-7"]

        var complete = span("train.step", 0x53ce_929d_0e0e_4736, 2_000_000, 3_500_250)
        complete.parentID = start.context.spanID
        complete.attributes = ["step": 1, "loss": 0.6931471805599453, "worker": "worker-7", "sizes": .ints([32, 64])]
        complete.events = [Event("checkpoint.saved", ["path": "model.bin"], at: time(moment + 3_000_000))]

        var failed = span("validation", 0x6e6f_a395_ba92_76b1, 4_000_000, 4_000_900)
        failed.parentID = start.context.spanID
        failed.kind = .client
        failed.status = .error("no data")
        failed.stopAttributes = ["retries": 2]
        failed.events = [Event.error("no data", at: time(moment + 4_000_800))]
        failed.links = [
            SpanLink(SpanContext(traceID: someTrace, spanID: SpanID(0x53ce_929d_0e0e_4736)), ["why": "input"])
        ]
        failed.dropped = 3

        let event = Event("epoch", ["number": 1, "gradient": .double(.nan)], at: time(moment + 5_000_000))
        let error = Event(
            "error",
            [
                "error_message": "while saving", "exception_type": "SaveError",
                "exception_message": "disk full at \"/data\"\nretried twice",
            ], at: time(moment + 6_000_000))

        var stop = span("application", 0x00f0_67aa_0ba9_02b7, 0, 7_000_000_000)
        stop.attributes = ["batch_size": 32]
        stop.status = .ok

        let notice = TelemetryDataError(
            .incompleteTelemetryData, "the disk was full", firstTime: time(moment + 1_000_000_000),
            time: time(moment + 2_000_000_000), lostRecords: 412, attributes: ["batches": 3])
        var histogram = MetricPoint.Histogram(bounds: [0.01, 0.1])
        for value in [0.005, 0.05, 0.5] { histogram.add(value) }
        return [
            .start(start), .span(complete), .span(failed), .event(SpanEventRecord(event, span: start.context)),
            .event(SpanEventRecord(error, span: start.context, isError: true)), .stop(stop),
            .telemetryDataError(notice),
            .metric(
                MetricPoint(
                    name: "queue.depth", unit: "{record}", summary: "Records that wait",
                    attributes: ["exporter": "jsonl"],
                    start: time(moment), time: time(moment + 8_000_000_000), value: .gauge(17))),
            .metric(
                MetricPoint(
                    name: "step.duration", unit: "s", start: time(moment), time: time(moment + 8_000_000_000),
                    value: .histogram(histogram),
                    exemplars: [.init(value: 0.5, time: time(moment + 7_000_000_000), span: start.context)])),
            .metric(
                MetricPoint(
                    name: "files.open", start: time(moment), time: time(moment + 8_000_000_000),
                    value: .upDownSum(12))),
            .metric(
                MetricPoint(
                    name: "request.size", unit: "By", start: time(moment), time: time(moment + 8_000_000_000),
                    value: .exponentialHistogram(
                        .init(
                            count: 4, sum: 7, min: 0, max: 4, scale: 0, zeroCount: 1,
                            positive: .init(offset: -1, counts: [1, 1, 1]))))),
            .typedEvent(
                EventRecord(
                    "myapp.DataQualityChecked", id: EventID(high: 0x99c3_2c11_d4ab_4d06, low: 0x9ae8_eae3_13e3_c878),
                    time: time(moment + 9_000_000_000), emitTime: time(moment + 9_000_000_500), sessionID: "etl",
                    backend: "app", taskID: "task.000001", attributes: ["asyncflow.workflow_id": "etl-run-42"],
                    fields: [
                        .init("score", 0.97), .init("rows_checked", 66), .init("label", "unknown"), .init("ok", true),
                        .init("note", nil),
                    ], context: start.context)),
        ]
    }

    /// What a file with the header and these records holds.
    private var written: [String] {
        var writer = JSONWriter(), encoder = JSONLineEncoder(pid: 28052)
        encoder.appendHeader(resource, at: time(moment), to: &writer)
        for record in records { encoder.append(Batch([record], resource: resource), to: &writer) }
        return writer.string.split(separator: "\n").map(String.init)
    }

    /// The lines of the document's JSON examples.
    private var documented: [String] {
        read("\(packageFolder)/Docs/formats/jsonl.md").split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix("{\"type\":") }
    }

    @Test func `the writer makes the example lines from values, byte for byte`() {
        let document = documented
        #expect(document.count == written.count)
        for (line, example) in zip(written, document) { #expect(line == example) }
    }

    @Test func `the reader makes the values from the example lines`() throws {
        let contents = try JSONLReader.contents(of: Array(documented.joined(separator: "\n").utf8))
        #expect(contents.problems == [])
        #expect(contents.headers == [JSONLHeader(resource: resource, time: time(moment))])
        var expected = records
        guard case .event(var event) = expected[3] else { return }
        event.event.attributes["gradient"] = "NaN"
        expected[3] = .event(event)
        #expect(contents.records.count == expected.count)
        for (read, value) in zip(contents.records, expected) { #expect(read == value) }
    }

    @Test func `the examples show every type, and Python reads them`() {
        let types = Set(documented.compactMap { $0.split(separator: "\"").dropFirst(3).first.map(String.init) })
        #expect(
            types == [
                "header", "start", "stop", "complete", "event", "application_error", "telemetry_data_error", "metric",
                "typed_event",
            ])
        let folder = TemporaryFolder()
        write(documented.joined(separator: "\n") + "\n", to: folder("f"))
        #expect(pythonAccepts(folder("f")))
    }
}
