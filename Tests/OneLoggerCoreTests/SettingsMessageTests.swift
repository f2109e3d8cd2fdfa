import OneLoggerCore
import Testing

/// The sentences that people read when a configuration is wrong.
@Suite struct SettingsMessageTests {
    private static let here = SettingsOrigin.file("one.yaml", line: 3, column: 5)

    private func node(_ content: SettingsNode.Content) -> SettingsNode {
        let value = SettingsNode(content, origin: Self.here)
        return SettingsNode(.map([SettingsNode.Entry(key: "key", origin: Self.here, value: value)]), origin: Self.here)
    }

    private func message(_ content: SettingsNode.Content, path: String = "", _ read: (inout Settings) -> Void) -> String
    {
        var settings = Settings(node(content), path: path)
        read(&settings)
        do throws(SettingsError) {
            try settings.finish()
            return ""
        } catch {
            return error.description
        }
    }

    @Test(
        arguments: [
            (.missing(key: "path", at: here), "one.yaml:3:5: error: 'path' is required here. Add 'path'."),
            (
                .unknownKey("pth", allowed: ["path", "append"], at: here),
                "one.yaml:3:5: error: unknown key 'pth'. Did you mean 'path'? Allowed: path, append."
            ),
            (
                .unknownKey("zzzzzz", allowed: ["path"], at: here),
                "one.yaml:3:5: error: unknown key 'zzzzzz'. Allowed: path."
            ),
            (.unknownKey("x", allowed: [], at: here), "one.yaml:3:5: error: unknown key 'x'. No key is allowed here."),
            (
                .unknownKey("exporters[0].config.pth", allowed: ["path"], at: here),
                "one.yaml:3:5: error: unknown key 'exporters[0].config.pth'. Did you mean 'path'? Allowed: path."
            ),
            (
                .unknownKey("exporters[0].config.zzzz", allowed: ["path"], at: here),
                "one.yaml:3:5: error: unknown key 'exporters[0].config.zzzz'. Allowed: path."
            ),
            (
                .unknownType(kind: "exporter", name: "jsnl", available: ["console", "jsonl"], at: here),
                "one.yaml:3:5: error: no exporter is called 'jsnl'. Did you mean 'jsonl'? Available: console, jsonl."
            ),
            (
                .unknownType(kind: "recorder plug-in", name: "x", available: [], at: here),
                "one.yaml:3:5: error: no recorder plug-in is called 'x'. None is available."
            ),
            (
                .wrongType(key: "a", expected: "an integer", found: "a list", at: here),
                "one.yaml:3:5: error: 'a' must be an integer, but is a list. Write an integer."
            ),
            (
                .outOfRange(key: "a", value: "0", allowed: "an integer from 1 to 9", at: here),
                "one.yaml:3:5: error: 'a' is 0, which is not allowed. Write an integer from 1 to 9."
            ),
            (
                .invalid(key: "a", problem: "is set twice", advice: "Remove one.", at: here),
                "one.yaml:3:5: error: 'a' is set twice. Remove one."
            ),
            (
                .syntax("a tab stands where spaces must. Use spaces", at: here),
                "one.yaml:3:5: error: a tab stands where spaces must. Use spaces."
            ),
            (
                .unreadable(file: "x.yaml", reason: "no such file"),
                "x.yaml: error: can't be read: no such file. Pass an existing .yaml, .yml or .json file."
            ),
            (
                .several([.missing(key: "a", at: .preset), .several([.missing(key: "b", at: here)])]),
                "default: error: 'a' is required here. Add 'a'.\none.yaml:3:5: error: 'b' is required here. Add 'b'."
            ),
        ] as [(SettingsError, String)])
    func `each problem has its sentence`(error: SettingsError, text: String) {
        #expect(error.description == text)
    }

    @Test(
        arguments: [
            (1...9, "an integer from 1 to 9"), (1 ... .max, "an integer of at least 1"),
            (.min...0, "an integer of at most 0"),
            (-3 ... -1, "an integer from -3 to -1"),
        ] as [(ClosedRange<Int>, String)])
    func `a range of integers is put in words`(range: ClosedRange<Int>, words: String) {
        let value = range.contains(5) ? 100_000 * (range.upperBound == .max ? -1 : 1) : 5
        #expect(
            message(.int(value)) { _ = $0.int("key", in: range) }
                == "one.yaml:3:5: error: 'key' is \(value), which is not allowed. Write \(words).")
        #expect(
            message(.bool(true)) { _ = $0.int("key", in: range) }
                == "one.yaml:3:5: error: 'key' must be \(words), but is the boolean true. Write \(words).")
    }

    @Test(
        arguments: [
            (0.01...3600, "a number from 0.01 to 3600"), (0.5 ... .infinity, "a number of at least 0.5"),
            (-.infinity ... -7, "a number of at most -7"), (-.infinity ... -1e9, "a number of at most -1000000000"),
        ] as [(ClosedRange<Double>, String)])
    func `a range of numbers is put in words`(range: ClosedRange<Double>, words: String) {
        #expect(
            message(.int(0)) { _ = $0.double("key", in: range) }
                == "one.yaml:3:5: error: 'key' is 0, which is not allowed. Write \(words).")
        #expect(
            message(.list([])) { _ = $0.double("key", in: range) }
                == "one.yaml:3:5: error: 'key' must be \(words), but is a list. Write \(words).")
    }

    @Test func `a word that is not among the choices names the nearest`() {
        let choices: KeyValuePairs = ["all": 1, "ratio": 2, "parent_based": 3]
        #expect(
            message(.string("parent-base")) { _ = $0.choice("key", choices) }
                == #"one.yaml:3:5: error: 'key' is "parent-base", which is not allowed. "#
                + "Write one of all, ratio, parent_based; perhaps you meant 'parent_based'.")
        #expect(
            message(.string("xyz")) { _ = $0.choice("key", choices) }
                == #"one.yaml:3:5: error: 'key' is "xyz", which is not allowed. Write one of all, ratio, parent_based."#
        )
        #expect(
            message(.int(1)) { _ = $0.choice("key", choices) }
                == "one.yaml:3:5: error: 'key' must be one of all, ratio, parent_based, but is the integer 1. "
                + "Write one of all, ratio, parent_based.")
    }

    @Test func `a list names the element that is wrong`() {
        let list = SettingsNode.Content.list([SettingsNode(.string("a")), SettingsNode(.int(1), origin: Self.here)])
        #expect(
            message(list) { _ = $0.strings("key") }
                == "one.yaml:3:5: error: 'key[1]' must be a text, but is the integer 1. Write a text.")
        #expect(
            message(.string("a")) { _ = $0.strings("key") }
                == #"one.yaml:3:5: error: 'key' must be a list, but is the text "a". Write a list."#)
    }

    @Test(arguments: ["", " ", "\t\n"])
    func `a required text must not be blank, and the message points at it`(text: String) {
        #expect(
            message(.string(text)) { _ = $0.requiredString("key") }
                == "one.yaml:3:5: error: 'key' is blank. Write some text.")
    }

    @Test func `a required text of another type is one problem`() {
        #expect(
            message(.int(1)) { _ = $0.requiredString("key") }
                == "one.yaml:3:5: error: 'key' must be a text, but is the integer 1. Write a text.")
        var value = ""
        #expect(message(.string("x")) { value = $0.requiredString("key") } == "")
        #expect(value == "x")
    }

    @Test func `values under secret keys or below them are never shown`() {
        let secret = SettingsNode.Content.string("hunter2")
        for path in ["headers", "otlp.api_token", "db.Password", "x.credentials"] {
            #expect(message(secret, path: path) { _ = $0.int("key") }.contains("something else (not shown)"))
            #expect(!message(secret, path: path) { _ = $0.choice("key", ["a": 1]) }.contains("hunter2"))
            #expect(!message(.int(31_337), path: path) { _ = $0.int("key", in: 0...1) }.contains("31337"))
            let list = SettingsNode.Content.list([SettingsNode(.int(31_337))])
            #expect(!message(list, path: path) { _ = $0.strings("key") }.contains("31337"))
            #expect(!message(.list([]), path: path) { $0.section("key") { _ in } }.contains("hunter2"))
        }
        var settings = Settings(SettingsNode(.string("Bearer hunter2")), path: "exporters[0].config.headers")
        let error = #expect(throws: SettingsError.self) { try settings.finish() }
        #expect(
            error?.description
                == "code: error: 'exporters[0].config.headers' must be a map, but is something else (not shown). Write a map."
        )
    }

    @Test(arguments: [
        ("authorization", true), ("X-Api-Key", true), ("api_key", true), ("AWS_SECRET_ACCESS_KEY", true),
        ("password", true),
        ("private-key", true), ("cookie", true), ("path", false), ("endpoint", false), ("author", false),
        ("key", false),
    ])
    func `secret keys are known by their names`(key: String, isSecret: Bool) {
        #expect(SettingsNode.isSecret(key: key) == isSecret)
    }

    @Test func `a value is shown on one line, and not in full when it is long`() {
        #expect(
            message(.string("a\nb\u{1b}[31m")) { _ = $0.int("key") }
                == #"one.yaml:3:5: error: 'key' must be an integer, but is the text "a\nb\u{1B}[31m". Write an integer."#
        )
        let long = message(.string(String(repeating: "x", count: 100_000))) { _ = $0.choice("key", ["a": 1]) }
        #expect(long.contains(#"""# + String(repeating: "x", count: 60) + #"…""#))
        #expect(long.count < 200)
    }

    @Test(
        arguments: [
            (.file("a.yaml", line: 1, column: 2), "a.yaml:1:2"), (.code(""), "code"),
            (.code("exporters[0]"), "code, exporters[0]"),
            (.environment("RANK"), "environment variable RANK"), (.package("demo"), "package demo"),
            (.preset, "default"),
        ] as [(SettingsOrigin, String)])
    func `a place is named as people look for it`(origin: SettingsOrigin, text: String) {
        #expect(origin.description == text)
    }
}
