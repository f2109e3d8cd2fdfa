import OneLoggerConfig
import OneLoggerCore
import Testing

@Suite struct JSONTests {
    private func problem(_ text: String) -> String { problems(text, file: "a.json", syntax: .json) }

    @Test func `JSON gives the same tree as YAML, with places`() throws {
        let json = #"{"a":[1,-2.5e1,true,null,"x\/\"\\\n\u00e9"],"b":{"c":{}}}"#
        let root = try parse(json, syntax: .json)
        #expect(root.plain == "{a: [1, -25.0, true, null, \"x/\"\\\né\"], b: {c: {}}}")
        #expect(root["b"]?.origin.description == "a.yaml:1:49")
    }

    @Test func `a file indented with tabs is JSON`() throws {
        #expect(try parse("{\n\t\"a\":\t[\n\t\t1\n\t]\n}\n", syntax: .json).plain == "{a: [1]}")
        #expect(try parse("\n\t{\t\"a\"\t:\t\"b\"\t}\n\t", syntax: .json).plain == "{a: \"b\"}", "also around it")
    }

    @Test func `a character in two halves is one character, and the columns behind it hold`() throws {
        let text = #"{"exporters": [], "x\ud83d\ude00": 1, "y\uD83D\uDE00\uD83D\uDE00": 2, "z": 3}"#
        let root = try parse(text, syntax: .json)
        #expect(root.plain == "{exporters: [], x😀: 1, y😀😀: 2, z: 3}")
        let column = try #require(text.firstRange(of: "\"z\"")).lowerBound
        #expect(
            problem(text).contains(
                "a.json:1:\(text.distance(from: text.startIndex, to: column) + 1): error: unknown key 'z'."))
    }

    @Test(arguments: [
        #"{"a": "\ud83d"}"#, #"{"a": "\ude00\ud83d"}"#, #"{"a": "\ud83dx"}"#, #"{"a": "\ud83d\u0041"}"#,
    ])
    func `half a character is an error`(text: String) {
        #expect(
            problem(text)
                == "a.json:1:8: error: this is half of a character. Write both halves, or the character itself.")
    }

    @Test(arguments: [
        "a: 1", "- 1", "[a: 1]", #"["a": 1]"#, #"{"a"}"#, #"{"a":}"#, #"[1,]"#, #"{"a":1,}"#, "[01]", "[+1]", "[1.]",
        "[.5]",
        "[1.e3]", "[0x1]", "[0o7]", "[True]", "[~]", "[NaN]", "[.nan]", "[Infinity]", "{'a': 1}", "{a: 1}", "[a]",
        "// x\n{}", "# x\n{}", "/* x */ {}", "---\n{}", "{}\n---\n{}", "{} {}", "[\"a\nb\"]", "[\"a\tb\"]",
        #"["\x41"]"#,
        #"["\u12"]"#, #"["\u12G4"]"#, #"["a]"#, #"["a\"#, "[1, 2", "{\"a\": 1", "{\"a\": 1 \"b\": 2}", "[&a 1]",
        "[!!int 1]",
        "{? \"a\": 1}", "[1 2]", "", " ", "{\"a\": 1}]", "[-]", "[--1]", "|\n a", "[1e]",
    ])
    func `what is YAML but not JSON is an error with a place in a JSON file`(text: String) {
        #expect(problem(text).hasPrefix("a.json:"), "\(problem(text))")
        #expect(problem(text).contains(": error: "))
        #expect(!problem(text).contains("'document' must be a map"), "refused as a text, not for its meaning")
    }

    @Test func `numbers of JSON keep their types`() throws {
        #expect(try parse("[0, -0, 10, 1.0, 1e2, 0.5, -1]", syntax: .json).plain == "[0, 0, 10, 1.0, 100.0, 0.5, -1]")
    }
}
