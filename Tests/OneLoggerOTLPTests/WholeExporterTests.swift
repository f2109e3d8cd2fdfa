import OneLogger
import OneLoggerCore
import OneLoggerTestSupport
import Testing

@testable import OneLoggerOTLP

private let time = Timestamp(nanoseconds: 1_795_220_211_886_000_000)

/// Records through the whole exporter, and each field as a server that nobody of us wrote read it, over all protocols.
@Suite(.timeLimit(.minutes(15))) struct WholeExporterTests {
    private let resource = Resource(
        serviceName: "digits-train", host: "node-7", pid: 28_052, rank: 3, localRank: 1, worldSize: 8,
        sessionTag: "run-12", customMetadata: ["team": "vision", "sizes": .ints([1, 2])])

    /// A probe whose receiver gives back all that it reads.
    private func probe(_ wireProtocol: OTLPExporter.WireProtocol) throws -> Probe {
        var probe = try Probe(wireProtocol)
        // The receiver takes its time when many tests ask it at once.
        probe.options.retry.total = .seconds(60)
        probe.change {
            $0.headers["x-content"] = "1"
            $0.timeout = .seconds(60)
        }
        return probe
    }

    private func items(_ requests: [Request], _ signal: OTLPSignal) throws -> [JSON] {
        try requests.filter { $0.signal == signal.rawValue }.flatMap { try JSON($0.content ?? "").items }
    }

    @Test(arguments: OTLPExporter.WireProtocol.allCases)
    func `every field of every record arrives`(wireProtocol: OTLPExporter.WireProtocol) throws {
        // given: what a recorder may hand over, of every shape
        var random = RandomRecords(seed: 11)
        let records = (0..<160).map { _ in random.record() }
        let batch = Batch(records, resource: resource)
        let (spans, logs) = Expected.items(batch)
        var probe = try probe(wireProtocol)
        probe.options.maxBatchRecords = 50
        // when
        #expect(probe.run(batch) == [nil])
        // then
        let requests = probe.got { $0.flatMap(\.names).count >= records.count }
        #expect(try items(requests, .traces) == spans && spans.count > 50)
        #expect(try items(requests, .logs) == logs && logs.count > 30)
        let resources = try requests.map { try JSON($0.content ?? "").resource }
        #expect(resources.count >= 3 && Set(resources.map(\.description)).count == 1)
        let found = try #require(resources.first).attributes
        #expect(found["service.name"] == JSON(["stringValue": "digits-train"]))
        #expect(found["host.name"] == JSON(["stringValue": "node-7"]))
        #expect(found["process.pid"] == JSON(["intValue": "28052"]))
        #expect(found["rank"] == JSON(["intValue": "3"]) && found["team"] == JSON(["stringValue": "vision"]))
        #expect(found["telemetry.sdk.name"] == JSON(["stringValue": "onelogger"]))
        #expect(found["sizes"] == (try JSON(#"{"arrayValue":{"values":[{"intValue":"1"},{"intValue":"2"}]}}"#)))
    }

    @Test(arguments: OTLPExporter.WireProtocol.allCases)
    func `an application's errors and a notice arrive under their names`(
        wireProtocol: OTLPExporter.WireProtocol
    ) throws {
        struct Full: Error, CustomStringConvertible { let description = "the disk is full" }
        var probe = try probe(wireProtocol)
        probe.options.metrics = nil
        var options = RecorderOptions()
        options.announce = .nothing
        options.resource = resource
        let recorder = Recorder(
            options,
            exporters: [
                ExporterSlot(name: "otlp") { [options = probe.options] (context) throws(ExportError) in
                    try OTLPExporter(options, context)
                }
            ])
        // when: one error in a short span, one in a long one, and data that are missing
        try? recorder.timedSpan("short") { _ throws in throw Full() }
        let long = recorder.start("long")
        long.error(Full(), "while saving")
        try recorder.flush(timeout: .patience)
        recorder.telemetryDataError("a shard is missing", ["shard": 7])
        long.stop()
        try recorder.shutdown(timeout: .patience)
        // then
        let requests = probe.got { $0.flatMap(\.names).count >= 5 }
        let spans = try items(requests, .traces), logs = try items(requests, .logs)
        #expect(spans.map { $0["name"].text } == ["short", "long"])
        #expect(spans.allSatisfy { $0["status"]["code"] == JSON(2) })
        let exception = spans[0]["events"][0]
        #expect(exception["name"].text == "exception" && spans[1]["events"].isNull)
        #expect(exception.attributes["exception.message"] == JSON(["stringValue": "the disk is full"]))
        #expect(exception.attributes["exception.type"]?["stringValue"].text?.contains("Full") == true)
        #expect(logs.map { $0["eventName"].text } == ["span_start", "exception", "telemetry_data_error"])
        #expect(logs.map { $0["severityNumber"] } == [JSON(9), JSON(17), JSON(17)])
        #expect(logs[1]["spanId"] == spans[1]["spanId"] && logs[1]["traceId"] == spans[1]["traceId"])
        #expect(logs[1].attributes["exception.message"] == JSON(["stringValue": "the disk is full"]))
        #expect(logs[1]["body"]["stringValue"].text == "while saving")
        #expect(logs[2].attributes["error_message"] == JSON(["stringValue": "a shard is missing"]))
        #expect(logs[2].attributes["shard"] == JSON(["intValue": "7"]))
        let marks = try requests.map { request in
            try JSON(request.content ?? "").resource.attributes["onelogger.data_complete"] != nil
        }
        #expect(marks.first == false && marks.last == true)
    }

    @Test(arguments: OTLPExporter.WireProtocol.allCases)
    func `every kind of metric arrives, whole or as what came since`(wireProtocol: OTLPExporter.WireProtocol) throws {
        let span = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3))
        func point(_ name: String, at seconds: Int, _ value: MetricPoint.Value) -> MetricPoint {
            let end = time.advanced(by: .seconds(seconds))
            return MetricPoint(
                name: name, unit: "s", summary: "What", attributes: ["k": 1], start: time, time: end, value: value,
                exemplars: [.init(value: 0.5, time: end, span: span)])
        }
        func histogram(_ values: [Double]) -> MetricPoint.Value {
            var result = MetricPoint.Histogram(bounds: [1, 10])
            for value in values { result.add(value) }
            return .histogram(result)
        }
        func batch(_ number: Int) -> Batch {
            Batch(
                metrics: [
                    point("sum", at: number, .sum(Double(number * number))),
                    point("both ways", at: number, .upDownSum(Double(-number))),
                    point("gauge", at: number, .gauge(Double(number))),
                    point("histogram", at: number, histogram(Array([0.5, 100, 5].prefix(number + 1)))),
                ], resource: resource)
        }
        for temporality in [OTLPExporter.Temporality.cumulative, .delta] {
            var probe = try probe(wireProtocol)
            probe.options.temporality = temporality
            #expect(probe.run(batch(1), batch(2)) == [nil, nil])
            let requests = probe.got { $0.count >= 2 }
            let found = try requests.map { try JSON($0.content ?? "").items }
            try #require(found.map(\.count) == [4, 4])
            #expect(found[1].map { $0["name"].text } == ["sum", "both ways", "gauge", "histogram"])
            #expect(found[1].allSatisfy { $0["unit"].text == "s" && $0["description"].text == "What" })
            let isDelta = temporality == .delta
            let (sum, distribution) = (found[1][0]["sum"], found[1][3]["histogram"])
            #expect(sum["aggregationTemporality"] == JSON(isDelta ? 1 : 2) && sum["isMonotonic"] == JSON(true))
            let since = "\(time.nanoseconds + (isDelta ? 1_000_000_000 : 0))"
            let now = "\(time.nanoseconds + 2_000_000_000)"
            let one = sum["dataPoints"][0]
            #expect(one["startTimeUnixNano"].text == since && one["timeUnixNano"].text == now)
            #expect(one["asDouble"] == JSON(isDelta ? 3 : 4) && one.attributes == ["k": JSON(["intValue": "1"])])
            let example = one["exemplars"][0]
            #expect(example["asDouble"] == JSON(0.5) && example["spanId"].text == "0000000000000003")
            #expect(example["traceId"].text == "00000000000000010000000000000002")
            #expect(found[1][1]["sum"]["dataPoints"][0]["asDouble"] == JSON(-2))
            #expect(found[1][2]["gauge"]["dataPoints"][0]["asDouble"] == JSON(2))
            let buckets = distribution["dataPoints"][0]
            #expect(buckets["bucketCounts"] == (try JSON(isDelta ? #"["0","1","0"]"# : #"["1","1","1"]"#)))
            #expect(buckets["count"].text == (isDelta ? "1" : "3") && buckets["sum"] == JSON(isDelta ? 5 : 105.5))
            #expect(buckets["explicitBounds"] == (try JSON("[1,10]")) && buckets["min"].isNull == isDelta)
        }
    }
}
