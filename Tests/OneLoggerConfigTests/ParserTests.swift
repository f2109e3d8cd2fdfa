import OneLoggerConfig
import OneLoggerCore
import Testing

@Suite struct ParserTests {
    @Test func `every key and every value knows its line and column`() throws {
        let root = try parse("# comment\napplication:\n  name: \"é\"  # two bytes\n  enable_for_ranks: [0, é, 2]\n")

        guard case .map(let top) = root.content, case .map(let section) = top[0].value.content,
            case .list(let ranks) = section[1].value.content
        else {
            Issue.record("shape: \(root.plain)")
            return
        }
        #expect(top[0].origin.description == "a.yaml:2:1")
        #expect(top[0].value.origin.description == "a.yaml:3:3")
        #expect(section[0].origin.description == "a.yaml:3:3")
        #expect(section[0].value.origin.description == "a.yaml:3:9")
        #expect(section[1].value.origin.description == "a.yaml:4:21")
        #expect(ranks.map(\.origin.description) == ["a.yaml:4:22", "a.yaml:4:25", "a.yaml:4:28"])
    }

    @Test(arguments: ["", "\n\n", "# only a comment\n", "---\n", "---\n...\n", "%YAML 1.2\n---\n", "\u{FEFF}", "~"])
    func `an empty document is an empty map`(text: String) throws {
        #expect(try parse(text).plain == "{}")
        #expect(problems(text) == "")
    }

    @Test func `all ways to write a text give that text`() throws {
        let text = "a: plain words\nb: 'it''s'\nc: \"tab\\there\"\nd: |\n  line 1\n  line 2\ne: >-\n  folded\n  words\n"
        #expect(
            try parse(text).plain
                == "{a: \"plain words\", b: \"it's\", c: \"tab\there\", d: \"line 1\nline 2\n\", e: \"folded words\"}")
    }

    @Test func `a byte order mark does not shift columns, and all line ends count`() {
        #expect(problems("\u{FEFF}bad: 1").hasPrefix("a.yaml:1:1: error: unknown key 'bad'."))
        #expect(problems("# x\r\n\r\nbad: 1").hasPrefix("a.yaml:3:1: error: unknown key 'bad'."))
        #expect(problems("# x\r\rbad: \u{1}").hasPrefix("a.yaml:3:6: error: the control character U+0001 stands here."))
        #expect(problems("# é\n\u{7F}").hasPrefix("a.yaml:2:1: error: the control character U+007F stands here."))
        #expect(problems("é\u{9B}").hasPrefix("a.yaml:1:2: error: the control character U+009B stands here."))
    }

    @Test func `several things that are refused are reported together`() {
        let text = "recorder:\n  verbosity: &a 1\n  announce: !x all\n  block_limit_ms: *a\n  verbosity: 2\nfoo: 1\n"
        #expect(
            problems(text).split(separator: "\n").map { $0.split(separator: " ").first.map(String.init) ?? "" } == [
                "a.yaml:2:14:", "a.yaml:3:13:", "a.yaml:4:19:", "a.yaml:5:3:", "a.yaml:6:1:",
            ])
    }

    @Test(arguments: [15, 16, 17, 18, 200])
    func `a key that stands twice is found in small and large maps`(count: Int) {
        var text = (0..<count).map { "key\($0): 1\n" }.joined()
        #expect(!problems(text).contains("twice"))
        text += "key\(count / 2): 2\n"
        let message =
            "a.yaml:\(count + 1):1: error: the key 'key\(count / 2)' stands twice in this map, "
            + "first at a.yaml:\(count / 2 + 1):1. Remove one of them."
        #expect(problems(text).contains(message))
    }

    @Test(arguments: [
        ("%YAML 1.1\n---\na: 1", "YAML 1.2 without tags"), ("%TAG ! x:\n---\na: 1", "YAML 1.2 without tags"),
        ("? \n: 1", "a key is missing here"), ("{: 1}", "a value is missing here"), (": 1", "nor a key"),
        ("&a b: 1", "anchors are not supported"), ("? {a: 1}\n: 2", "a key must be a text"),
        ("*a : 1", "aliases are not supported"), ("a: 1\n...\nb: 2", "document"),
        ("a: [1,,2]", "a value is missing here"),
        ("\"a\\nb\": 1", "a key cannot hold control characters"), ("a:\n  - 1\n b: 2", "this line"),
        ("a: \"\\ud83d\"", "this escape names no character"), ("a: |x\n  b", "the text begins on the next line"),
        ("a: b\n- c", "this line fits neither"), ("a: - b", "a '-' cannot stand here"),
        ("a: %b", "a text cannot begin with '%'"),
        ("a: `b`", "a text cannot begin with '`'"), ("a: * b", "a text cannot begin with '*' or '&'"),
        ("- a\n- b\nc: d", "no item of the list"), ("a: ]", "a value is missing here"),
        ("\(String(repeating: "k", count: 257)): 1", "a key may hold at most 256 bytes"),
    ])
    func `what cannot be read is said in words with a place`(text: String, sentence: String) {
        let message = problems(text)
        #expect(message.contains(sentence))
        #expect(message.hasPrefix("a.yaml:"))
        #expect(!message.contains("parser says"), "\(message)")
    }

    @Test func `thirty-two levels are read and thirty-three are not`() throws {
        let deep = { (count: Int) in
            "a: " + String(repeating: "[", count: count) + String(repeating: "]", count: count)
        }
        _ = try parse(deep(31))
        #expect(
            problems(deep(32)) == "a.yaml:1:35: error: lists and maps may be nested at most 32 deep. Make it flatter.")
    }

    @Test func `ten thousand values are read and one more is not`() throws {
        let list = { (count: Int) in "a:\n" + String(repeating: "- 1\n", count: count) }
        _ = try parse(list(9_998))
        #expect(
            problems(list(9_999)).hasPrefix("a.yaml:10000:3: error: a configuration may hold at most 10,000 values."))
    }
}
