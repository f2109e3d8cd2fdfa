import OneLoggerConfig
import OneLoggerCore
import OneLoggerTestSupport
import Testing

@Suite struct HostileInputTests {
    /// A text that is too long to be shown as a test's argument, and a part of its message.
    struct Hostile: CustomTestStringConvertible, Sendable {
        var sentence: String
        var text: @Sendable () -> String

        init(_ sentence: String, text: @escaping @Sendable () -> String) {
            self.sentence = sentence
            self.text = text
        }

        var testDescription: String { "\(text().prefix(12))…: \(sentence)" }
    }

    @Test(arguments: [
        Hostile("nested at most 32 deep") { String(repeating: "[", count: 100_000) },
        Hostile("nested at most 32 deep") { String(repeating: "{a: ", count: 20_000) },
        Hostile("nested at most 32 deep") { String(repeating: "- ", count: 100_000) },
        Hostile("nested at most 32 deep") { (0..<1_000).map { String(repeating: " ", count: $0) + "a:\n" }.joined() },
        Hostile("at most 10,000 values") { (0..<20_000).map { "k\($0): 1\n" }.joined() },
        Hostile("stands twice") { String(repeating: "a: 1\n", count: 20_000) },
        Hostile("at most 1 MiB") { String(repeating: "a", count: 1_048_577) },
        Hostile("never closed") { "a: \"" + String(repeating: "x", count: 1_000_000) },
        Hostile("a ',' or '}' is missing") { "application: {name: " + String(repeating: "x", count: 1_000_000) },
        Hostile("error: ") { "\"" + String(repeating: "k", count: 100_000) + "\": 1" },
        Hostile("does not fit into 64 bits") {
            "application: {name: " + String(repeating: "9", count: 1_000_000) + "}"
        },
        Hostile("error: ") { String(repeating: "&a ", count: 100_000) },
        Hostile("error: ") { String(repeating: "? ", count: 100_000) },
        Hostile("error: ") { "a: " + String(repeating: "*a ", count: 100_000) },
        Hostile("aliases are not supported") { "a: &a [x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\nd: [*c,*c,*c]" },
    ])
    func `a hostile text is an error with a place, soon`(hostile: Hostile) {
        let text = hostile.text()
        let message = problems(text)
        #expect(message.contains(hostile.sentence))
        #expect(message.hasPrefix("a.yaml:"))
        #expect(message.utf8.count < 40_000, "a message does not repeat the text")
        for line in message.split(separator: "\n") { #expect(line.contains(": error: ")) }
        // The same in a .json file: no crash, and an error.
        #expect(problems(text, file: "a.json", syntax: .json).hasPrefix("a.json:"))
    }

    @Test func `a text of one megabyte is read whole`() throws {
        let long = String(repeating: "x", count: 1_000_000)
        #expect(try resolve("application:\n  session_tag: \(long)\n").applicationSection.sessionTag == long)
        #expect(problems("recorder:\n  verbosity: \(long)\n").utf8.count < 300, "messages cut it")
    }

    @Test func `variables cannot make a configuration huge`() {
        let text = "a: \"" + String(repeating: "${X}", count: 100) + "\"\n"
        let message = problems(text, environment: ["X": String(repeating: "x", count: 100_000)])
        #expect(message == "a.yaml:1:4: error: environment variables add more than 1 MiB. Make them shorter.")
    }

    /// SplitMix64, so that a failure can be repeated.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    /// Random pieces give a value or an error with a place, never a crash.
    private func check(_ bytes: [UInt8], _ syntax: ConfigDocument.Syntax) {
        do throws(SettingsError) {
            let environment = ConfigEnvironment(["A": "1", "B": "x: [", "TOKEN": "\u{1}"])
            let document = try ConfigDocument(bytes: bytes, file: "f", syntax: syntax, environment: environment)
            _ = try ConfigLayers(file: document, environment: environment).resolve().explain()
        } catch {
            for line in error.description.split(separator: "\n") {
                #expect(line.hasPrefix("f:") && line.contains(": error: "), "\(line)  \(bytes)")
            }
        }
    }

    @Test(arguments: [1, 2, 3, 4])
    func `random bytes never crash the reader`(seed: UInt64) {
        var generator = Generator(state: seed)
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            check(bytes, .yaml)
            check(bytes, .json)
        }
    }

    @Test(arguments: [5, 6, 7, 8])
    func `random pieces of syntax never crash the reader`(seed: UInt64) {
        let pieces = [
            "a", ":", ": ", "\n", "\n  ", "  ", "- ", "[", "]", "{", "}", ",", "\"", "'", "#", "&a ", "*a", "!t ", "|",
            ">",
            "?", "%", "@", "`", "---\n", "...\n", "\t", "${A}", "${B}", "${C}", "${", "$$", "\\", "\\u",
            "\\ud83d\\ude00", "é",
            "exporters", "type", "recorder", "application", "name", "merge", "true", "0x", "1e9", ".", "-", "~", "<<",
            "\r",
            "filter", "sampling", "config", "enabled", "class_name", "\u{85}", "\u{2028}", "\u{FEFF}", "😀",
        ]
        var generator = Generator(state: seed)
        for _ in 0..<2_000 {
            let count = Int.random(in: 0...30, using: &generator)
            let text = (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            check(Array(text.utf8), .yaml)
            check(Array(text.utf8), .json)
        }
    }

    @Test(arguments: [9, 10])
    func `a damaged configuration never crashes the reader`(seed: UInt64) throws {
        var generator = Generator(state: seed)
        for (file, syntax) in [("all.yaml", ConfigDocument.Syntax.yaml), ("all.json", .json)] {
            let whole = try Repository.bytes("Configs/\(file)")
            for _ in 0..<300 {
                var damaged = whole
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    let place = Int.random(in: 0..<damaged.count, using: &generator)
                    switch Int.random(in: 0..<3, using: &generator) {
                    case 0: damaged[place] = UInt8.random(in: 0...255, using: &generator)
                    case 1: damaged.remove(at: place)
                    default: damaged.insert(UInt8.random(in: 32...126, using: &generator), at: place)
                    }
                }
                check(damaged, syntax)
            }
        }
    }
}
