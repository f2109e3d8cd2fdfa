import OneLoggerCore
import OneLoggerJSONL
import Testing

/// A file in the form that Python's nv-one-logger 2.3.1 writes.
@Suite struct ReferenceFileTests {
    private static let file = """
        {"type":"start","id":"e726c3a3-f9ea-4d20-a3d5-6cee2ae7fbb0","name":"app","attributes":{"k":"v","n":3,"f":1.5,"b":true,"l":["x","y"]},"start_event":{"name":"span_start","attributes":{"host":"h","timestamp_msec":1795220211885}},"count":1,"pid":28052}
        {"type":"complete","id":"6c05d2bc-2a19-4420-8323-7158fba5e0c3","name":"leaf","attributes":{"step":1,"duration_msec":2},"start_event":{"name":"span_start","attributes":{"timestamp_msec":1795220211886}},"stop_event":{"name":"span_stop","attributes":{"timestamp_msec":1795220211888}},"count":2,"pid":28052}
        {"type":"event","span_id":"e726c3a3-f9ea-4d20-a3d5-6cee2ae7fbb0","event":{"name":"ev","attributes":{"loss":NaN,"timestamp_msec":1795220211886}},"count":3,"pid":28052}
        {"type":"start","id":"6b0b358d-86b4-48c3-9b2d-81be20cfcd96","name":"child","start_event":{"name":"span_start","attributes":{"timestamp_msec":1795220211886}},"count":4,"pid":28052}
        {"type":"application_error","span_id":"6b0b358d-86b4-48c3-9b2d-81be20cfcd96","event":{"name":"error","attributes":{"error_message":"Error in child: ","exception_type":"ValueError","exception_message":"boom","exception_traceback":"Traceback (most recent call last):\\n  File \\"app.py\\"\\n","timestamp_msec":1795220211886}},"count":5,"pid":28052}
        {"type":"stop","id":"6b0b358d-86b4-48c3-9b2d-81be20cfcd96","name":"child","attributes":{"duration_msec":7},"stop_event":{"name":"span_stop","attributes":{"timestamp_msec":1795220211893}},"count":6,"pid":28052}
        {"type":"stop","id":"e726c3a3-f9ea-4d20-a3d5-6cee2ae7fbb0","name":"app","attributes":{"k":"v","late":1,"duration_msec":0},"stop_event":{"name":"span_stop","attributes":{"timestamp_msec":1795220211894}},"count":7,"pid":28052}
        {"type":"telemetry_data_error","error":{"name":"telemetry_data_error","attributes":{"error_message":"bad data","telemetry_data_error_type":"incomplete_telemetry_data","code":500,"timestamp_msec":1795220211886}},"count":8,"pid":28052}

        """

    private func milliseconds(_ number: UInt64) -> Timestamp { time(number * 1_000_000) }

    @Test func `every line becomes a record, with what it knows`() throws {
        let contents = try JSONLReader.contents(of: Array(Self.file.utf8))
        #expect(contents.problems == [])
        #expect(contents.headers == [])
        try #require(contents.records.count == 8)
        let app = SpanContext(traceID: TraceID(high: 0, low: 0), spanID: SpanID(0xa3d5_6cee_2ae7_fbb0))
        #expect(
            contents.records[0]
                == .start(
                    SpanRecord(
                        "app", context: app, start: milliseconds(1_795_220_211_885),
                        end: milliseconds(1_795_220_211_885),
                        attributes: ["k": "v", "n": 3, "f": 1.5, "b": true, "l": .strings(["x", "y"])],
                        startAttributes: ["host": "h"])))
        guard case .span(let leaf) = contents.records[1], case .event(let event) = contents.records[2],
            case .event(let error) = contents.records[4], case .stop(let child) = contents.records[5]
        else {
            Issue.record("other kinds")
            return
        }
        #expect(leaf.duration == .milliseconds(2))
        #expect(leaf.attributes == ["step": 1])
        #expect(event.span == app)
        #expect(event.event.time == milliseconds(1_795_220_211_886))
        #expect(error.isError)
        #expect(error.event.attributes["exception_message"] == "boom")
        #expect(child.duration == .milliseconds(7), "a stop does not repeat its start")
        #expect(child.end == milliseconds(1_795_220_211_893))
        #expect(
            contents.records[7]
                == .telemetryDataError(
                    TelemetryDataError(
                        .incompleteTelemetryData, "bad data", firstTime: milliseconds(1_795_220_211_886),
                        time: milliseconds(1_795_220_211_886), attributes: ["code": 500])))
    }

    @Test func `a lost line shows as a gap`() throws {
        let rest = Self.file.split(separator: "\n").enumerated().filter { $0.offset != 3 }.map(\.element)
        let contents = try JSONLReader.contents(of: Array(rest.joined(separator: "\n").utf8), name: "f")
        #expect(contents.problems == [.init(file: "f", line: 4, kind: .gap(missing: 1, pid: 28052))])
    }

    @Test func `our own lines keep the names that the reference's readers look for`() {
        let span = SpanRecord.sample()
        let line = lines([.span(span)])[0]
        for part in [
            "\"type\":\"complete\"", "\"id\":\"", "\"name\":\"train.step\"", "\"attributes\":{\"duration_msec\":1.5}",
            "\"start_event\":{\"name\":\"span_start\",\"attributes\":{\"timestamp_msec\":1795220211886}}",
            "\"stop_event\":{\"name\":\"span_stop\",\"attributes\":{\"timestamp_msec\":1795220211887}}",
            "\"count\":1,\"pid\":28052}",
        ] {
            #expect(line.contains(part))
        }
    }
}
