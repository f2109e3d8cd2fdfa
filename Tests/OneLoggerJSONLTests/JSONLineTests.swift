import OneLoggerCore
import OneLoggerText
import OneLoggerJSONL
import OneLoggerTestSupport
import Testing

@Suite struct JSONLineTests {
    @Test func `each kind of record becomes a line of its type`() {
        let span = SpanRecord.sample()
        let event = SpanEventRecord(Event("x", at: span.start), span: span.context)
        let failure = SpanEventRecord(.error("x", at: span.start), span: span.context, isError: true)
        let records: [Record] = [
            .start(span), .stop(span), .span(span), .event(event), .event(failure),
            .metric(MetricPoint(name: "m", start: span.start, time: span.end, value: .gauge(1))),
            .telemetryDataError(TelemetryDataError(.noTelemetryData, "x", firstTime: span.start, time: span.end)),
        ]
        let types = lines(records).map { $0.split(separator: "\"")[3] }
        #expect(
            types == ["telemetry_data_error", "start", "stop", "complete", "event", "application_error", "metric"])
    }

    @Test func `lines are numbered from where the writer stands, and name the process`() {
        let result = lines([.span(.sample()), .start(.sample())], resource: Resource(pid: 7), after: 41)
        #expect(result[0].hasSuffix(",\"count\":42,\"pid\":7}"))
        #expect(result[1].hasSuffix(",\"count\":43,\"pid\":7}"))
    }

    @Test func `a duration below a millisecond is not lost`() {
        var span = SpanRecord.sample()
        span.end = time(span.start.nanoseconds + 1234)
        let line = lines([.span(span)])[0]
        #expect(line.contains("\"duration_msec\":0.001234}"))
        #expect(line.contains("\"duration_ns\":1234,"))
    }

    @Test func `a root has no parent, a child names it`() {
        var span = SpanRecord.sample()
        #expect(!lines([.span(span)])[0].contains("parent"))
        span.parentID = SpanID(0xab)
        span.parentIsRemote = true
        let line = lines([.span(span)])[0]
        #expect(line.contains("\"parent_id\":\"00000000000000ab\""))
        #expect(line.contains("\"parent_is_remote\":true"))
    }

    @Test func `a start without attributes has none`() {
        #expect(!lines([.start(.sample())])[0].contains("\"attributes\":{}"))
        #expect(!lines([.start(.sample())])[0].contains("duration"))
    }

    @Test func `names that the format itself uses are written once, with its own value`() throws {
        var span = SpanRecord.sample()
        span.attributes = ["duration_msec": 7, "a": 1]
        span.startAttributes = ["timestamp_msec": 7]
        let event = SpanEventRecord(Event("e", ["timestamp_msec": 7], at: span.start), span: span.context)
        for line in lines([.span(span), .event(event)]) {
            #expect(!line.contains(":7"))
            #expect(line.components("\"duration_msec\"") <= 1)
        }
        #expect(lines([.start(span)])[0].contains("\"attributes\":{\"duration_msec\":7,\"a\":1}"))
    }

    @Test func `an attribute that was set again stands once, at its first place`() throws {
        // given a record as a hot path writes it, with a name twice
        let line = packed { buffer in
            buffer.append("loss", .int(1))
            buffer.append("step", .int(2))
            buffer.append("loss", .int(3))
        }
        #expect(line.contains("\"attributes\":{\"loss\":3,\"step\":2,\"duration_msec\""))
    }

    @Test func `bytes that are no UTF-8 become replacement characters`() {
        let line = packed { buffer in
            buffer.append(RecordLayout.Tag.string)
            buffer.append(UInt8(1))
            buffer.append(UInt8(ascii: "k"))
            buffer.append(UInt32(5))
            for byte: UInt8 in [0x61, 0xff, 0xc3, 0x28, 0xed] { buffer.append(byte) }
        }
        #expect(line.contains("\"k\":\"a\u{fffd}\u{fffd}(\u{fffd}\""))
    }

    @Test func `every text that a program can hold comes back`() throws {
        let folder = TemporaryFolder()
        let texts = [
            "", "a", "abc", "quote \" backslash \\ slash /", "line\nfeed\r\ttab\u{8}\u{c}",
            "nul \0 escape \u{1b} del \u{7f}",
            "漢字 😀 é\u{301}", "\u{2028}\u{2029}\u{feff}", String(repeating: "x", count: 1 << 16),
            String(repeating: "\u{1}", count: 1 << 16), String(repeating: "\"\\", count: 1 << 15),
            "<script>&amp;</script>",
        ]
        var span = SpanRecord.sample("name \"\u{1}\" 漢")
        for (place, text) in texts.enumerated() { span.attributes["text \(place)\n"] = .string(text) }
        span.attributes["list"] = .strings(texts)
        span.status = .error("message \"\n")

        write(lines([.span(span)]).joined() + "\n", to: folder("texts"))
        #expect(pythonAccepts(folder("texts")))
        #expect(try JSONLReader.contents(ofFile: folder("texts")).records == [.span(span)])
    }

    @Test func `numbers keep every bit, and what JSON has no number for is a text`() throws {
        let folder = TemporaryFolder()
        var span = SpanRecord.sample()
        let doubles = [
            0, -0.0, 1, -1.5, 0.1 + 0.2, 1e16, 1e17, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1e-5,
            123456.789e3, .pi * 1e-300,
        ]
        span.attributes = [
            "ints": .ints([.min, -1, 0, 9, 10, 99, 100, 99_999_999, 100_000_000, 1 << 53, .max]),
            "doubles": .doubles(doubles),
            "nan": .double(.nan), "up": .double(.infinity), "down": .double(-.infinity),
            "mixed": .doubles([1, .infinity]), "bools": .bools([true, false]), "empty": .strings([]),
        ]
        let line = lines([.span(span)])[0]
        #expect(
            line.contains("\"nan\":\"NaN\",\"up\":\"Infinity\",\"down\":\"-Infinity\",\"mixed\":[1.0,\"Infinity\"]"))

        write(line + "\n", to: folder("numbers"))
        #expect(pythonAccepts(folder("numbers")))
        guard case .span(let back) = try JSONLReader.contents(ofFile: folder("numbers")).records.first else {
            Issue.record("no span")
            return
        }
        for name in ["ints", "doubles", "mixed", "bools", "empty"] {
            #expect(back.attributes[name] == span.attributes[name])
        }
        #expect(back.attributes["nan"] == "NaN")
    }

    /// The line of one span whose entries `fill` packs by hand.
    private func packed(_ fill: (inout RecordBuffer) -> Void) -> String {
        let span = SpanRecord.sample()
        var buffer = RecordBuffer(capacity: 4096)
        buffer.header(
            .span, 0, span.name, RecordLayout.stamp(span.start), RecordLayout.stamp(span.end), span.context, SpanID(0))
        fill(&buffer)
        buffer.close(0)
        let resource = Resource()
        var writer = JSONWriter(), encoder = JSONLineEncoder(pid: resource.pid)
        encoder.append(Batch(buffer, clock: .unix, resource: resource), to: &writer)
        return writer.string
    }
}

extension String {
    fileprivate func components(_ part: String) -> Int {
        var count = 0, rest = Substring(self)
        while let place = rest.firstRange(of: part) {
            count += 1
            rest = rest[place.upperBound...]
        }
        return count
    }
}
