import OneLoggerCore
import OneLoggerText
import OneLoggerJSONL
import Testing

@Suite struct JSONParserTests {
    private func parse(_ bytes: [UInt8]) throws(JSONSyntaxError) -> JSONValue {
        var parser = JSONParser(bytes.span)
        return try parser.document()
    }

    @Test(
        arguments: [
            ("null", .null), (" true ", .bool(true)), ("false", .bool(false)), ("0", .int(0)), ("-0", .int(0)),
            ("-12", .int(-12)), ("9223372036854775807", .int(.max)),
            ("9223372036854775808", .double(9_223_372_036_854_775_808)),
            ("1.5", .double(1.5)), ("1e3", .double(1000)), ("1E-2", .double(0.01)), ("-0.0", .double(0)),
            ("-Infinity", .double(-.infinity)), ("\"\"", .string("")), ("\"a\\u0041\\n\\/\\\"\"", .string("aA\n/\"")),
            ("\"\\ud83d\\ude00\"", .string("😀")), ("\"\\ud83dx\"", .string("\u{fffd}x")),
            ("\"\\ud83d\\u0041\"", .string("\u{fffd}A")),
            ("[]", .array([])), ("[1, \"a\",[ ]]", .array([.int(1), .string("a"), .array([])])), ("{}", .object([])),
            (
                "\t{\"a\" : 1,\r\n\"b\":{}}",
                .object([.init(name: "a", value: .int(1)), .init(name: "b", value: .object([]))])
            ),
        ] as [(String, JSONValue)])
    func `valid text gives its value`(text: String, value: JSONValue) throws {
        #expect(try parse(Array(text.utf8)) == value)
    }

    @Test(arguments: [
        ("", 0), ("  ", 2), ("nul", 0), ("01", 1), ("+1", 0), (".5", 0), ("1.", 2), ("1e", 2), ("-", 1), ("'a'", 0),
        ("\"a", 2),
        ("\"\\x\"", 2), ("\"\\u12g4\"", 5), ("\"\n\"", 1), ("[1,]", 3), ("[1 2]", 3), ("[", 1), ("{a:1}", 1),
        ("{\"a\"}", 4),
        ("{\"a\":1,}", 7), ("{\"a\":1 \"b\":2}", 7), ("1 2", 2), ("{} x", 3), ("\u{0}", 0), ("\"\\", 2),
    ])
    func `invalid text is refused where the mistake is`(text: String, offset: Int) {
        let error = #expect(throws: JSONSyntaxError.self) { try parse(Array(text.utf8)) }
        #expect(error?.offset == offset)
    }

    @Test func `depth is limited`() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array(repeating: 91, count: depth) + Array(repeating: 93, count: depth)
        }
        #expect(throws: Never.self) { try parse(nested(64)) }
        #expect(throws: JSONSyntaxError.self) { try parse(nested(65)) }
        #expect(throws: JSONSyntaxError.self) { try parse(Array(repeating: 91, count: 1_000_000)) }
    }

    @Test func `bytes that are no UTF-8 are replaced`() throws {
        #expect(try parse([34, 0xff, 92, 110, 0xc3, 34]) == .string("\u{fffd}\n\u{fffd}"))
    }

    @Test func `no cut or changed byte of a valid line crashes it`() {
        let line = Array(lines([.span(.numbered(1))])[0].utf8)
        var random = SplitMix(seed: 9)
        for end in 0..<line.count { #expect(throws: JSONSyntaxError.self) { try parse(Array(line[..<end])) } }
        for _ in 0..<5000 {
            var changed = line
            for _ in 0..<3 {
                changed[Int(random.next() % UInt64(line.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            var reader = JSONLReader(bytes: changed)
            while let line = try? reader.next() { _ = line.content }
        }
    }
}
