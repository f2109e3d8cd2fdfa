import OneLoggerConsole
import OneLoggerCore
import Testing

@Suite struct ConsoleExporterTests {
    @Test func `a failed span and an error name type and message, in red`() throws {
        let error = Event.error(
            "loading shard 3", nil, ["exception_type": "IOError", "exception_message": "no such file", "shard": 3],
            at: at(0.5))
        let batch = Batch([.span(span("load", 1, 0, 1, .error("gave up"), ["try": 2], events: [error]))])
        #expect(
            try output([batch]).hasSuffix(
                """
                12:00:00.000    1.00 s  ✗ load  failed: gave up  try=2
                12:00:00.500              ✗ IOError: no such file (loading shard 3)  shard=3

                """))
        let red = try output([batch], .init(color: .always, summary: false))
        #expect(red.contains("\u{1b}[31m✗\u{1b}[0m \u{1b}[1;31mload\u{1b}[0m\u{1b}[31m  failed: gave up\u{1b}[0m"))
        #expect(red.contains("\u{1b}[31mIOError: no such file (loading shard 3)\u{1b}[0m"))
    }

    @Test func `a cancelled span says so and is no failure`() throws {
        let text = try output([Batch([.span(span("load", 1, 0, 1, .cancelled))])], .init())
        #expect(text.contains("⊘ load  cancelled\n"))
        #expect(text.contains("load      1       -  1.00 s"))
    }

    @Test func `a telemetry data error is one red line and a note in the summary`() throws {
        let error = TelemetryDataError(
            .incompleteTelemetryData, "the inbox is full", firstTime: at(1), time: at(2.5), lostRecords: 1200,
            attributes: ["exporter": "otlp"])
        let again = TelemetryDataError(
            .incompleteTelemetryData, "the inbox is full", firstTime: at(3), time: at(4), lostRecords: 5)
        let message = "! incomplete_telemetry_data: the inbox is full; "
        let text = try output([Batch(dataErrors: [error]), Batch(dataErrors: [again])], .init(verbosity: .summary))
        #expect(text.contains(message + "1,200 records lost; 12:00:01.000 to 12:00:02.500\n"))
        #expect(text.hasSuffix("\n" + message + "2 notices; 1,205 records lost; 12:00:01.000 to 12:00:04.000\n\n"))
        let red = try output([Batch(dataErrors: [error])], .init(color: .always))
        #expect(red.contains("\u{1b}[31mincomplete_telemetry_data: the inbox is full; 1,200 records lost; "))
        #expect(red.contains("\u{1b}[31m\(message)1,200 records lost; 12:00:01.000 to 12:00:02.500\u{1b}[0m"))
        #expect(try output([Batch(dataErrors: [error])]).hasSuffix("12:00:02.500  exporter=otlp\n"))
    }

    @Test func `each level of verbosity shows more`() throws {
        var full = span(
            "work", 2, in: 1, 0, 1, .unset, ["size": 3],
            events: [Event("note", at: at(0.2)), .error("broken", at: at(0.3))])
        full.parentIsRemote = true
        full.stopAttributes = ["rows": 10]
        full.links = [SpanLink(context(9, trace: 8), ["why": "batch"])]
        full.dropped = 2
        let point = MetricPoint(name: "load", unit: "1", start: at(0), time: at(1), value: .gauge(0.5))
        let batch = Batch([.span(full), .metric(point)])
        let lines = try [.summary, .names, .spans, .all].map { level in
            try output([batch], .init(verbosity: level, summary: false)).split(separator: "\n").map {
                String($0.dropFirst(24))
            }
        }
        #expect(lines[0] == [])
        #expect(lines[1].dropFirst() == ["  work", "  ✗ broken"])
        #expect(lines[2].dropFirst() == ["  work  size=3  (2 dropped)", "  • note", "  ✗ broken"])
        let ids = "trace=00000000000000010000000000000007 span=0000000000000002 remote_parent=0000000000000001"
        #expect(
            lines[3].dropFirst() == [
                "  work  size=3  (2 dropped)  stop: rows=10  " + ids,
                "  • link  trace=00000000000000010000000000000008 span=0000000000000009  why=batch", "  • note",
                "  ✗ broken", "= load  0.5",
            ])
    }

    @Test func `attributes of every shape are shown`() throws {
        let attributes: Attributes = [
            "text": "two words", "truth": true, "whole": -3, "number": 0.30000000000000004,
            "texts": .strings(["a", "b c"]),
            "truths": .bools([true, false]), "wholes": .ints([1, 2]), "numbers": .doubles([0.5, .nan]),
        ]
        let text = try output([Batch([.span(span("x", 1, 0, 1, .unset, attributes))])])
        #expect(
            text.contains(
                "x  text=\"two words\" truth=true whole=-3 number=0.3 texts=[a,\"b c\"] truths=[true,false] wholes=[1,2]"
                    + " numbers=[0.5,nan]\n"))
    }

    @Test func `long values, lists, names and messages are cut`() throws {
        let long = String(repeating: "y", count: 100_000)
        let record = span(
            long, 1, 0, 1, .error(long), ["v": .string(long), "l": .ints(Array(0..<100_000))],
            events: [Event(long, at: at(0.5))])
        let text = try output([Batch([.span(record)])], .init(maxValueLength: 10))
        let cut = "yyyyyyyyyy…"
        #expect(text.contains("✗ \(cut)  failed: \(cut)  v=\(cut) l=[0,1,2,3,…]\n"))
        #expect(text.contains("• \(cut)\n"))
        #expect(text.utf8.count < 1200)
    }

    @Test func `nothing in a record can act on the terminal or forge a line`() throws {
        let hostile =
            "\u{1b}[2J\u{1b}]0;title\u{7}\r\n12:00:00.000    1.00 s    forged\u{8}\u{9b}31m\u{202e}\u{2028}\u{85}"
        let record = span(
            hostile, 1, 0, 1, .error(hostile), [hostile: .string(hostile), "list": .strings([hostile])],
            events: [Event(hostile, [hostile: .string(hostile)], at: at(0.5)), .error(hostile, at: at(0.6))])
        let point = MetricPoint(
            name: hostile, unit: hostile, attributes: [hostile: .string(hostile)], start: at(0), time: at(1),
            value: .gauge(1))
        let notice = TelemetryDataError(
            .noTelemetryData, hostile, firstTime: at(0), time: at(1), attributes: [hostile: .string(hostile)])
        let resource = Resource(serviceName: hostile, host: hostile, pid: 1)
        let batch = Batch([.span(record), .metric(point), .telemetryDataError(notice)], resource: resource)
        for environment in [["LANG": "C.UTF-8"], ["LANG": "C"]] {
            let text = try output([batch], .init(color: .never, verbosity: .all), environment: environment)
            let isHarmless = text.unicodeScalars.allSatisfy { scalar in
                scalar == "\n"
                    || ![.control, .format, .lineSeparator, .paragraphSeparator].contains(
                        scalar.properties.generalCategory)
            }
            #expect(isHarmless)
            #expect(text.split(separator: "\n").allSatisfy { !$0.hasPrefix("12:00:00.000    1.00 s    forged") })
            #expect(environment["LANG"] == "C.UTF-8" || text.utf8.allSatisfy { $0 < 0x80 })
        }
    }

    @Test func `bytes that are not UTF-8 are replaced`() throws {
        // A packed record may hold any bytes; values never do, so the bytes are changed after packing.
        var buffer = RecordBuffer(capacity: 256)
        buffer.append(span("name", 1, 0, 1, .unset, ["key": "vXlue"]), kind: .span)
        let mark = try #require((0..<buffer.count).first { buffer.load(UInt8.self, at: $0) == UInt8(ascii: "X") })
        buffer.overwrite(0xff as UInt8, at: mark)
        let batch = Batch(buffer, clock: .unix, resource: Resource())
        #expect(try output([batch]).contains("name  key=v\u{fffd}lue\n"))
    }

    @Test func `without UTF-8 everything is ASCII`() throws {
        let batch = Batch([
            .start(span("trainé", 1, 0, 0)), .span(span("step", 2, in: 1, 0, 0.000_012)),
            .stop(span("trainé", 1, 0, 1)), event(Event("e", at: at(0.5)), in: 1),
            .span(span("bad", 3, 0.1, 0.2, .error(""))), .span(span("off", 4, 0.3, 0.4, .cancelled)),
        ])
        let text = try output([batch], .init(), environment: ["LC_ALL": "POSIX", "LANG": "de_DE.UTF-8"])
        #expect(text.utf8.allSatisfy { $0 < 0x80 })
        #expect(text.contains("> train\\u{e9}\n") && text.contains("12.0 us") && text.contains("< train\\u{e9}\n"))
        #expect(text.contains("* e\n") && text.contains("x bad  failed\n") && text.contains("- off  cancelled\n"))
        #expect(try output([batch], environment: ["LC_ALL": "", "LC_CTYPE": "de_DE.utf8"]).contains("▶ trainé\n"))
    }

    @Test func `an exporter that reopens writes no second header`() throws {
        let capture = Capture()
        var exporter = ConsoleExporter(
            .init(summary: false), ExporterContext(isReopening: true), .test(capture.descriptor))
        try exporter.export(Batch([.span(span("x", 1, 0, 1))]))
        try exporter.close()
        #expect(capture.text == "12:00:00.000    1.00 s    x\n")
    }

    @Test func `nothing recorded means nothing written`() throws {
        #expect(try output([], .init()) == "")
        #expect(try output([Batch()], .init()) == "")
    }
}

@Suite struct ConsoleOptionsTests {
    @Test func `every key is read`() throws {
        var settings = Settings([
            "stream": "stdout", "color": "never", "verbosity": "all", "summary": false, "max_value_length": 20,
            "max_names": 7, "hold_ms": 250,
        ])
        let options = try ConsoleExporter.Options(&settings)
        #expect(options.stream == .stdout && options.color == .never && options.verbosity == .all && !options.summary)
        #expect(options.maxValueLength == 20 && options.maxNames == 7 && options.hold == .milliseconds(250))
    }

    @Test func `the defaults need no key and are those of the initialiser`() throws {
        var settings = Settings(nil)
        let options = try ConsoleExporter.Options(&settings), plain = ConsoleExporter.Options()
        #expect(options.stream == .stderr && options.color == .auto && options.verbosity == .spans && options.summary)
        #expect(options.maxValueLength == plain.maxValueLength && options.maxNames == plain.maxNames)
        #expect(options.hold == plain.hold)
    }

    @Test func `all mistakes are reported at once`() {
        var settings = Settings(
            ["stream": "file", "color": true, "max_names": 0, "colour": "auto"], path: "exporters[0]")
        #expect {
            try ConsoleExporter.Options(&settings)
        } throws: { error in
            let text = "\(error)"
            return text.split(separator: "\n").count == 4 && text.contains("Did you mean")
        }
    }
}
