import OneLoggerCore
import OneLoggerTestSupport
import OneLoggerText
import Testing

/// Every writer starts with one byte of room, so that each write past what was reserved shows under AddressSanitizer.
@Suite struct JSONWriterTests {
    private func written(_ value: AttributeValue) -> String {
        var writer = JSONWriter(capacity: 1)
        writer.value(value)
        return writer.string
    }

    @Test(
        arguments: [
            (.string("a\"b"), #""a\"b""#), (.string(""), #""""#), (.bool(true), "true"), (.bool(false), "false"),
            (.int(-5), "-5"),
            (.double(2), "2.0"), (.strings([]), "[]"), (.strings(["", "a\n"]), #"["","a\n"]"#),
            (.bools([true, false]), "[true,false]"),
            (.ints([1, -2]), "[1,-2]"), (.doubles([0.5, .nan, -.infinity]), #"[0.5,"NaN","-Infinity"]"#),
        ] as [(AttributeValue, String)])
    func `values of every shape are JSON`(value: AttributeValue, json: String) {
        #expect(written(value) == json)
    }

    @Test func `an object keeps the order of its names and escapes them`() {
        var writer = JSONWriter(capacity: 1)
        writer.object(["b": 1, "a\t": "x", "": .ints([])])
        #expect(writer.string == #"{"b":1,"a\t":"x","":[]}"#)
        writer.removeAll()
        writer.object([:])
        #expect(writer.string == "{}")
    }

    @Test func `the longest numbers fit, however many there are`() {
        for count in [1, 2, 3, 100, 2_000] {
            let ints = [Int](repeating: .min, count: count),
                doubles = [Double](repeating: -2.2250738585072014e-308, count: count)
            let commas = count + 1
            #expect(written(.ints(ints)).utf8.count == count * 20 + commas)
            #expect(written(.doubles(doubles)).utf8.count == count * 24 + commas)
            #expect(written(.doubles([Double](repeating: -.infinity, count: count))).utf8.count == count * 11 + commas)
            #expect(written(.bools([Bool](repeating: false, count: count))).utf8.count == count * 5 + commas)
        }
    }

    @Test func `texts of control characters grow to six times their size, and fit`() {
        for count in [1, 2, 15, 16, 17, 1_000, 70_000] {
            let text = String(repeating: "\u{1}", count: count)
            #expect(written(.string(text)).utf8.count == count * 6 + 2)
            #expect(written(.strings([text, text])).utf8.count == count * 12 + 7)
            var writer = JSONWriter(capacity: 1)
            writer.object([text: .string(text)])
            #expect(writer.count == count * 12 + 7)
        }
    }

    @Test func `a view of the worst name and the worst value fits`() {
        let context = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3))
        let key = String(repeating: "\u{1}", count: 255)
        let values: [(AttributeValue, Int)] = [
            (.int(.min), 20), (.double(-2.2250738585072014e-308), 24), (.double(-.infinity), 11), (.bool(false), 5),
            (.string(String(repeating: "\u{2}", count: 1_000)), 6_002), (.string(""), 2), (.ints([]), 2),
        ]
        for (value, length) in values {
            Batch(events: [SpanEventRecord(Event("e", [key: value, "": value]), span: context)]).forEach { record in
                record.forEachAttribute { attribute in
                    var writer = JSONWriter(capacity: 1)
                    writer.member(attribute)
                    #expect(writer.count == attribute.key.count * 6 + 3 + length)
                }
            }
        }
    }

    @Test func `views are written like the values that they show`() {
        var random = RandomRecords(seed: 31)
        let context = random.context()
        for _ in 0..<1_500 {
            let attributes: Attributes = [random.text(255): random.value()]
            var fromValue = JSONWriter(capacity: 1)
            fromValue.object(attributes)
            var fromView = JSONWriter(capacity: 1)
            fromView.reserve(1)
            fromView.byte(UInt8(ascii: "{"))
            Batch(events: [SpanEventRecord(Event("e", attributes), span: context)]).forEach { record in
                record.forEachAttribute { fromView.member($0) }
            }
            fromView.reserve(1)
            fromView.byte(UInt8(ascii: "}"))
            #expect(fromView.string == fromValue.string)
        }
    }

    @Test func `what was written before the memory grew is still there`() {
        var writer = JSONWriter(capacity: 1), expected = ""
        for number in 0..<5_000 {
            writer.value(.int(number))
            writer.value(.string("é\(number)"))
            expected += "\(number)\"é\(number)\""
        }
        #expect(writer.string == expected)
        #expect(writer.count == expected.utf8.count)
    }

    @Test func `growing takes few steps, so that long texts are not copied again and again`() {
        var writer = JSONWriter(capacity: 1)
        for _ in 0..<200_000 {
            writer.reserve(1)
            writer.byte(UInt8(ascii: "x"))
        }
        #expect(writer.count == 200_000)
    }

    @Test func `forgetting all or the end of the text keeps the rest`() {
        var writer = JSONWriter(capacity: 1)
        writer.value(.string("abc"))
        writer.truncate(to: 3)
        #expect(writer.string == "\"ab")
        writer.value(.bool(true))
        #expect(writer.string == "\"abtrue")
        writer.removeAll()
        #expect(writer.count == 0)
        #expect(writer.string.isEmpty)
        writer.value(.int(1))
        #expect(writer.string == "1")
    }

    #if DEBUG
    @Test func `writing more than was reserved stops a debug build`() async {
        await #expect(processExitsWith: .failure) {
            var writer = JSONWriter(capacity: 1)
            writer.reserve(1)
            writer.raw("ab")
            writer.reserve(1)
        }
    }
    #endif

    @Test func `a writer without any room makes some`() {
        var writer = JSONWriter(capacity: 0)
        writer.value(.doubles([1, 2]))
        #expect(writer.string == "[1.0,2.0]")
    }
}
