import OneLoggerCore
import OneLoggerTestSupport
import Testing

@testable import OneLoggerOTLP

private let trace = TraceID(high: 0x4bf9_2f35_77b3_4da6, low: 0xa3ce_929d_0e0e_4736)
private let root = SpanContext(traceID: trace, spanID: SpanID(0x00f0_67aa_0ba9_02b7))
private let child = SpanContext(traceID: trace, spanID: SpanID(0x53ce_929d_0e0e_4736))
private let time = Timestamp(nanoseconds: 1_795_220_211_886_000_000)

@Suite struct MappingTests {
    /// The only item of the only request, as the official parser sees it.
    private func item(_ records: [Record], _ signal: OTLPSignal) throws -> JSON {
        let messages = OTLPEncoder.messages(Batch(records)), check = OfficialCheck()
        let message = try #require(messages.first { $0.signal == signal })
        #expect(message.recordCount == 1)
        try check.add(message, "one")
        #expect(try check.run() == "checked 1")
        return try #require(try check.dump("one", signal).items.first)
    }

    @Test func `a span has all its parts`() throws {
        let span = SpanRecord(
            "validation", context: child, parentID: root.spanID, parentIsRemote: true, kind: .client, start: time,
            end: time.advanced(by: .nanoseconds(900)), status: .error("no data"),
            attributes: ["step": 1, "sizes": .ints([32, 64]), "loss": .double(.nan), "": true],
            startAttributes: ["host": "node-7"], stopAttributes: ["retries": 2],
            events: [
                Event("saved", ["path": "model.bin"], at: time),
                Event(
                    "error",
                    ["error_message": "while saving", "exception_type": "SaveError", "exception_message": "disk full"],
                    at: time),
            ], links: [SpanLink(root, ["why": "input"])], dropped: 3)
        let expected = """
            {"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"53ce929d0e0e4736","parentSpanId":"00f067aa0ba902b7",
            "name":"validation","kind":3,"startTimeUnixNano":"1795220211886000000","endTimeUnixNano":"1795220211886000900",
            "attributes":[{"key":"step","value":{"intValue":"1"}},
              {"key":"sizes","value":{"arrayValue":{"values":[{"intValue":"32"},{"intValue":"64"}]}}},
              {"key":"loss","value":{"doubleValue":"NaN"}},{"value":{"boolValue":true}}],
            "droppedAttributesCount":3,
            "events":[
              {"timeUnixNano":"1795220211886000000","name":"span_start",
                "attributes":[{"key":"host","value":{"stringValue":"node-7"}}]},
              {"timeUnixNano":"1795220211886000000","name":"saved",
                "attributes":[{"key":"path","value":{"stringValue":"model.bin"}}]},
              {"timeUnixNano":"1795220211886000000","name":"exception","attributes":[
                {"key":"error_message","value":{"stringValue":"while saving"}},
                {"key":"exception.type","value":{"stringValue":"SaveError"}},
                {"key":"exception.message","value":{"stringValue":"disk full"}}]},
              {"timeUnixNano":"1795220211886000900","name":"span_stop",
                "attributes":[{"key":"retries","value":{"intValue":"2"}}]}],
            "links":[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7",
              "attributes":[{"key":"why","value":{"stringValue":"input"}}],"flags":257}],
            "status":{"code":2,"message":"no data"},"flags":769}
            """
        #expect(try item([.span(span)], .traces) == JSON(expected))
        #expect(try item([.stop(span)], .traces) == JSON(expected), "a stop is the span, exported once, at its end")
    }

    @Test func `a cancelled span has not failed, and says so once`() throws {
        let span = SpanRecord("s", context: root, start: time, end: time, status: .cancelled)
        let found = try item([.span(span)], .traces)
        #expect(found["status"].isNull)
        #expect(found.attributes == ["onelogger.cancelled": try JSON("{\"boolValue\":true}")])
        var said = span
        said.attributes = ["onelogger.cancelled": "by me"]
        #expect(try item([.span(said)], .traces).attributes.count == 1)
    }

    @Test func `the start of a span is a log record, long before its end`() throws {
        let start = SpanRecord(
            "epoch", context: child, parentID: root.spanID, start: time, end: time, attributes: ["number": 1],
            startAttributes: ["host": "node-7", "span.name": "not this"])
        #expect(
            try item([.start(start)], .logs)
                == JSON(
                    """
                    {"timeUnixNano":"1795220211886000000","observedTimeUnixNano":"1795220211886000000",
                    "severityNumber":9,"severityText":"INFO","body":{"stringValue":"epoch"},"eventName":"span_start",
                    "attributes":[{"key":"event.name","value":{"stringValue":"span_start"}},
                      {"key":"span.name","value":{"stringValue":"epoch"}},
                      {"key":"span.parent_id","value":{"stringValue":"00f067aa0ba902b7"}},
                      {"key":"number","value":{"intValue":"1"}},{"key":"host","value":{"stringValue":"node-7"}}],
                    "flags":1,"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"53ce929d0e0e4736"}
                    """))
        #expect(OTLPEncoder.messages(Batch([.start(start)])).allSatisfy { $0.signal == .logs })
    }

    @Test func `events and errors of an announced span are log records with its ids`() throws {
        let event = SpanEventRecord(Event("saved", ["path": "a", "event.name": "not this"], at: time), span: root)
        #expect(
            try item([.event(event)], .logs)
                == JSON(
                    """
                    {"timeUnixNano":"1795220211886000000","observedTimeUnixNano":"1795220211886000000",
                    "severityNumber":9,"severityText":"INFO","body":{"stringValue":"saved"},"eventName":"saved",
                    "attributes":[{"key":"event.name","value":{"stringValue":"saved"}},
                      {"key":"path","value":{"stringValue":"a"}}],
                    "flags":1,"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7"}
                    """))
        let error = SpanEventRecord(.error("while saving", nil, at: time), span: root, isError: true)
        let found = try item([.event(error)], .logs)
        #expect(found["severityNumber"] == JSON(17))
        #expect(found["severityText"].text == "ERROR")
        #expect(found["eventName"].text == "exception")
        #expect(found["body"]["stringValue"].text == "while saving")
        #expect(found.attributes["exception.message"]?["stringValue"].text == "while saving")
        #expect(found["spanId"].text == "00f067aa0ba902b7")
    }

    @Test func `a typed event becomes a log record with its fields, and null ones are absent`() throws {
        let event = EventRecord(
            "myapp.DataQualityChecked", id: EventID(high: 0x99c3_2c11_d4ab_4d06, low: 0x9ae8_eae3_13e3_c878),
            time: time, emitTime: time.advanced(by: .nanoseconds(5)), sessionID: "etl", taskID: "task.1",
            attributes: ["run": 3, "task_id": "not this one"],
            fields: [.init("score", 0.5), .init("note", nil), .init("session_id", "nor this")], context: root)
        #expect(
            try item([.typedEvent(event)], .logs)
                == JSON(
                    """
                    {"timeUnixNano":"1795220211886000000","observedTimeUnixNano":"1795220211886000005",
                    "severityNumber":9,"severityText":"INFO","body":{"stringValue":"myapp.DataQualityChecked"},
                    "eventName":"myapp.DataQualityChecked",
                    "attributes":[{"key":"event.name","value":{"stringValue":"myapp.DataQualityChecked"}},
                      {"key":"event_id","value":{"stringValue":"99c32c11d4ab4d069ae8eae313e3c878"}},
                      {"key":"session_id","value":{"stringValue":"etl"}},
                      {"key":"task_id","value":{"stringValue":"task.1"}},
                      {"key":"score","value":{"doubleValue":0.5}},{"key":"run","value":{"intValue":"3"}}],
                    "flags":1,"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7"}
                    """))
    }

    @Test func `errors use the names of the semantic conventions, and an own such name stays`() {
        let own: Attributes = [
            "error_message": "m", "exception_type": "A", "exception.type": "B", "exception_message": "",
            "exception_traceback": "t", "more": 1,
        ]
        let expected: Attributes = [
            "error_message": "m", "exception.type": "B", "exception.message": "m", "exception.stacktrace": "t",
            "more": 1,
        ]
        #expect(own.namedAsException == expected)
        #expect(Attributes().namedAsException == [:])
    }

    @Test func `a notice is a log record of severity ERROR, and the resource of what follows says so`() throws {
        // given
        let notice = TelemetryDataError(
            .incompleteTelemetryData, "12 records lost", firstTime: time, time: time.advanced(by: .seconds(1)),
            lostRecords: 12, attributes: ["exporter": "otlp", "error_message": "not this"])
        let span = SpanRecord("s", context: root, start: time, end: time)
        var encoder = OTLPEncoder(format: .protobuf, signals: Set(OTLPSignal.allCases), resource: Resource())
        let check = OfficialCheck()

        // when
        let before = encoder.messages(Batch(spans: [span])),
            at = encoder.messages(Batch(spans: [span], dataErrors: [notice])),
            after = encoder.messages(Batch(spans: [span]))

        // then
        #expect(at.map(\.signal) == [.logs, .traces])
        for (place, message) in (before + at + after).enumerated() { try check.add(message, "\(place)") }
        #expect(try check.run() == "checked 4")
        let found = try #require(try check.dump("1", .logs).items.first)
        #expect(found["severityNumber"] == JSON(17))
        #expect(found["eventName"].text == "telemetry_data_error")
        #expect(found["timeUnixNano"].text == "1795220212886000000")
        #expect(found["traceId"].isNull)
        #expect(
            found.attributes == [
                "event.name": try JSON("{\"stringValue\":\"telemetry_data_error\"}"),
                "telemetry_data_error_type": try JSON("{\"stringValue\":\"incomplete_telemetry_data\"}"),
                "error_message": try JSON("{\"stringValue\":\"12 records lost\"}"),
                "lost_records": try JSON("{\"intValue\":\"12\"}"),
                "first_time_ns": try JSON("{\"intValue\":\"1795220211886000000\"}"),
                "last_time_ns": try JSON("{\"intValue\":\"1795220212886000000\"}"),
                "exporter": try JSON("{\"stringValue\":\"otlp\"}"),
            ])
        let marks = try [("0", OTLPSignal.traces), ("1", .logs), ("2", .traces), ("3", .traces)].map { name, signal in
            let resource = try check.dump(name, signal).resource.attributes
            return "\(resource["onelogger.data_complete"] ?? JSON(0))"
                + "\(resource["onelogger.telemetry_data_error_type"]?["stringValue"] ?? JSON(0))"
        }
        let marked = "{\"boolValue\":0}\"incomplete_telemetry_data\""
        #expect(marks == ["00", marked, marked, marked])
    }

    @Test func `signals that are not wanted are left out`() {
        let records: [Record] = [
            .span(SpanRecord("s", context: root, start: time, end: time)),
            .event(SpanEventRecord(Event("e", at: time), span: root)),
            .metric(MetricPoint(name: "m", start: time, time: time, value: .gauge(1))),
            .telemetryDataError(TelemetryDataError(.noTelemetryData, "", firstTime: time, time: time)),
        ]
        for signal in OTLPSignal.allCases {
            let messages = OTLPEncoder.messages(Batch(records), signals: [signal])
            #expect(messages.map(\.signal) == [signal])
        }
        #expect(OTLPEncoder.messages(Batch(records), signals: []) == [])
        #expect(OTLPEncoder.messages(Batch()) == [])
    }

    @Test func `bytes that are not UTF-8 become valid texts in both formats`() throws {
        // given a record whose name, key and texts were damaged
        var buffer = RecordBuffer(capacity: 1024)
        let message = String(repeating: "m", count: 150)
        let span = SpanRecord(
            "name-abc", context: root, start: time, end: time, status: .error(message), attributes: ["kkkk": "vvvv"])
        buffer.append(span, kind: .span)
        for offset in 0..<buffer.count where [0x6e, 0x6b, 0x76, 0x6d].contains(buffer.load(UInt8.self, at: offset)) {
            if offset >= 56 { buffer.overwrite(0xff as UInt8, at: offset) }
        }
        let batch = Batch(buffer, clock: .unix, resource: Resource()), check = OfficialCheck()

        // then
        try check.add(OTLPEncoder.messages(batch, .protobuf) + OTLPEncoder.messages(batch, .json))
        #expect(try check.run() == "checked 2")
        let found = try #require(try check.dump("0", .traces).items.first)
        #expect(found["name"].text == "\u{fffd}a\u{fffd}e-abc")
        #expect(found["status"]["message"].text == String(repeating: "\u{fffd}", count: 150))
        let damaged = String(repeating: "\u{fffd}", count: 4)
        #expect(found.attributes[damaged]?["stringValue"].text == damaged)
    }
}
