import OneLoggerCore
import OneLoggerJSONL
import OneLoggerTestSupport
import Testing

@Suite struct JSONLReaderTests {
    private func contents(_ text: String) throws -> JSONLContents {
        try JSONLReader.contents(of: Array(text.utf8), name: "f")
    }

    private var three: [String] { lines((0..<3).map { .span(.numbered($0)) }) }

    @Test func `a last line that is cut anywhere is reported, and the others are read`() throws {
        let text = three.joined(separator: "\n"), start = text.utf8.count - three[2].utf8.count
        for end in stride(from: start + 1, to: text.utf8.count, by: 7) {
            let result = try JSONLReader.contents(of: Array(text.utf8.prefix(end)), name: "f")
            #expect(indices(result) == [0, 1])
            #expect(result.problems == [.init(file: "f", line: 3, kind: .torn)])
        }
        #expect(indices(try contents(text)) == [0, 1, 2], "a last line without its line feed is whole")
        #expect(try contents(text).problems == [])
    }

    @Test func `an invalid line says where it is, and the others are read`() throws {
        let result = try contents([three[0], "{\"type\":\"event\",x}", three[1]].joined(separator: "\n") + "\n")
        #expect(indices(result) == [0, 1])
        #expect(
            result.problems.map(\.description) == [
                "f:2:17: error: a name in quotes is expected here. The line is skipped."
            ])
    }

    @Test(arguments: [
        ("[]", "the line is no object"), ("{}", "'type' is missing or no text"),
        ("{\"type\":\"complete\"}", "'name' is missing or no text"),
        ("{\"type\":\"complete\",\"name\":\"a\"}", "the span has neither 'start_ns' nor a 'timestamp_msec'"),
        (
            "{\"type\":\"complete\",\"name\":\"a\",\"start_ns\":1,\"id\":\"xyz\"}",
            "'id' is missing, or neither 16 hexadecimal digits nor a UUID"
        ),
        (
            "{\"type\":\"start\",\"name\":\"a\",\"start_ns\":1,\"id\":\"0000000000000001\",\"trace_id\":\"1\"}",
            "'trace_id' is not 32 hexadecimal digits"
        ),
        ("{\"type\":\"event\"}", "'event' is missing"),
        ("{\"type\":\"telemetry_data_error\"}", "'error.attributes' is missing"),
        (
            "{\"type\":\"metric\",\"name\":\"a\",\"kind\":\"exponential_histogram\",\"histogram\":{\"scale\":21}}",
            "'histogram.scale' is missing or not from -11 to 20"
        ),
        (
            "{\"type\":\"metric\",\"name\":\"a\",\"kind\":\"sum\",\"value\":1,\"exemplars\":[{}]}",
            "an exemplar has no 'value' that is a number"
        ),
        ("{\"type\":\"metric\",\"name\":\"a\"}", "the metric has no 'kind' that fits its 'value' or 'histogram'"),
    ])
    func `a line that is no record says why`(line: String, reason: String) throws {
        #expect(
            try contents(line + "\n").problems == [.init(file: "f", line: 1, kind: .invalid(column: 0, reason: reason))]
        )
    }

    @Test func `unknown types and unknown fields are accepted`() throws {
        let known = three[0].dropLast() + ",\"future\":{\"a\":[1,{}]}}"
        let result = try contents("{\"type\":\"tomorrow\",\"count\":1}\n\(known)\n\n{\"type\":\"tomorrow\"}\n")
        #expect(indices(result) == [0])
        #expect(result.unknown == ["tomorrow": 2])
    }

    @Test func `a gap in the numbers is found, per process`() throws {
        let mine = lines((0..<5).map { .span(.numbered($0)) }, resource: Resource(pid: 1))
        let other = lines((0..<3).map { .span(.numbered($0)) }, resource: Resource(pid: 2))
        let result = try contents([mine[0], other[0], mine[1], mine[4], other[1], other[2]].joined(separator: "\n"))
        #expect(result.problems == [.init(file: "f", line: 4, kind: .gap(missing: 2, pid: 1))])
        let late = try contents(mine[2])
        #expect(late.problems == [.init(file: "f", line: 1, kind: .gap(missing: 2, pid: 1))], "nobody begins at three")
    }

    @Test func `a header begins the numbers anew`() throws {
        let header = "{\"type\":\"header\",\"count\":1,\"pid\":28052}"
        #expect(
            try contents(
                ([header] + lines([.span(.numbered(0))], after: 1) + [header] + lines([.span(.numbered(1))], after: 1))
                    .joined(separator: "\n")
            ).problems == [])
    }

    @Test func `a line that is too long is passed over without being held`() throws {
        let folder = TemporaryFolder()
        let long = "{\"type\":\"" + String(repeating: "x", count: 17 << 20) + "\"}"
        write(three[0] + "\n" + long + "\n" + three[1] + "\n", to: folder("f"))
        let result = try JSONLReader.contents(ofFile: folder("f"))
        #expect(indices(result) == [0, 1])
        #expect(result.problems.map(\.line) == [2])
    }

    @Test func `a file of many blocks gives every line with its number and place`() throws {
        let folder = TemporaryFolder()
        let all = lines((0..<3000).map { .span(.numbered($0)) })
        write(all.joined(separator: "\n") + "\n", to: folder("f"))
        var reader = try JSONLReader(path: folder("f"))
        var offset = 0
        for (place, text) in all.enumerated() {
            let line = try #require(try reader.next())
            #expect([line.number, line.offset, line.count] == [place + 1, offset, place + 1])
            offset += text.utf8.count + 1
        }
        #expect(try reader.next() == nil)
        #expect(try reader.next() == nil)
    }

    @Test func `a file that is not there is an error that says so`() {
        let error = #expect(throws: JSONLReadError.self) { try JSONLReader.contents(ofFile: "/nonexistent/f") }
        #expect(
            error?.description
                == "/nonexistent/f: error: can't be read: No such file or directory. Pass a file that exists and may be read."
        )
    }

    @Test func `attributes of shapes that we do not write are kept as well as can be`() throws {
        let start = three[0].firstRange(of: "\"index\":0,")
        var line = three[0]
        line.replaceSubrange(
            try #require(start),
            with:
                "\"null\":null,\"object\":{\"a\":[1,null]},\"mixed\":[1,\"a\"],\"numbers\":[1,2.5],\"nan\":NaN,\"big\":100000000000000000000,"
        )
        guard case .span(let span) = try contents(line).records.first else {
            Issue.record("no span")
            return
        }
        #expect(span.attributes["null"] == nil)
        #expect(span.attributes["object"] == "{\"a\":[1,null]}")
        #expect(span.attributes["mixed"] == "[1,\"a\"]")
        #expect(span.attributes["numbers"] == .doubles([1, 2.5]))
        #expect(span.attributes["big"] == .double(100_000_000_000_000_000_000))
        if case .double(let number) = span.attributes["nan"] {
            #expect(number.isNaN)
        } else {
            Issue.record("no number")
        }
    }
}
