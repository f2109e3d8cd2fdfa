import OneLoggerCore
import Testing

@Suite struct SettingsTests {
    private enum Mode: Equatable { case all, ratio }

    /// What `body` reads, and the lines that `finish` says afterwards.
    private func read<T>(_ node: SettingsNode?, path: String = "", _ body: (inout Settings) -> T) -> (T, [String]) {
        var settings = Settings(node, path: path)
        let value = body(&settings)
        do throws(SettingsError) {
            try settings.finish()
            return (value, [])
        } catch {
            return (value, error.description.split(separator: "\n").map(String.init))
        }
    }

    private let node: SettingsNode = [
        "text": "hello", "truth": true, "whole": 5, "half": 0.5, "words": ["a", "b"], "mode": "ratio", "map": ["x": 1],
        "null": nil,
    ]

    @Test func `each reader returns a value of its type`() {
        let (_, problems) = read(node) { settings in
            #expect(settings.string("text") == "hello")
            #expect(settings.bool("truth") == true)
            #expect(settings.int("whole", in: 5...5) == 5)
            #expect(settings.double("half", in: 0.5...1) == 0.5)
            #expect(settings.strings("words") == ["a", "b"])
            #expect(settings.choice("mode", ["all": Mode.all, "ratio": .ratio]) == .ratio)
            #expect(settings.node("map")?["x"]?.content == .int(1))
            #expect(settings.node("null") == nil)
        }
        #expect(problems.isEmpty)
    }

    @Test func `an absent key, null, an absent map and an empty one are all nothing`() {
        for node in [nil, .some(nil), [:], ["text": nil]] as [SettingsNode?] {
            let (_, problems) = read(node) { settings in
                #expect(settings.string("text") == nil)
                #expect(settings.bool("text") == nil)
                #expect(settings.int("text") == nil)
                #expect(settings.double("text", in: 0...1) == nil)
                #expect(settings.strings("text") == nil)
                #expect(settings.list("text") == nil)
                #expect(settings.choice("text", ["a": 1]) == nil)
                settings.section("text") { _ in Issue.record("there is no section") }
            }
            #expect(problems.isEmpty)
        }
    }

    @Test func `reading into a property keeps the default when the key is absent or wrong`() {
        var text = "d", truth = true, whole = 7, half = 0.25, mode = Mode.all
        var seconds = Duration.seconds(1), milliseconds = Duration.milliseconds(2)
        let wrong: SettingsNode = [
            "text": 1, "truth": "yes", "whole": 0.5, "half": 9, "mode": "some", "s": "1", "ms": 1.5,
        ]
        for (node, count) in [([:], 0), (wrong, 7)] as [(SettingsNode, Int)] {
            let (_, problems) = read(node) { settings in
                settings.read("text", into: &text)
                settings.read("truth", into: &truth)
                settings.read("whole", into: &whole, in: 0...10)
                settings.read("half", into: &half, in: 0...1)
                settings.read("mode", into: &mode, ["all": .all, "ratio": .ratio])
                settings.readSeconds("s", into: &seconds, in: 0...10)
                settings.readMilliseconds("ms", into: &milliseconds, in: 0...10)
            }
            #expect(problems.count == count)
            #expect(text == "d" && truth && whole == 7 && half == 0.25 && mode == .all)
            #expect(seconds == .seconds(1) && milliseconds == .milliseconds(2))
        }
    }

    @Test func `reading into a property takes what is given`() {
        var text = "d", truth = true, whole = 7, half = 0.25, mode = Mode.all
        var seconds = Duration.zero, milliseconds = Duration.zero
        let node: SettingsNode = [
            "text": "t", "truth": false, "whole": 1, "half": 1, "mode": "ratio", "s": 1.5, "ms": 20,
        ]
        let (_, problems) = read(node) { settings in
            settings.read("text", into: &text)
            settings.read("truth", into: &truth)
            settings.read("whole", into: &whole, in: 0...10)
            settings.read("half", into: &half, in: 0...1)
            settings.read("mode", into: &mode, ["all": .all, "ratio": .ratio])
            settings.readSeconds("s", into: &seconds, in: 0...10)
            settings.readMilliseconds("ms", into: &milliseconds, in: 0...100)
        }
        #expect(problems.isEmpty)
        #expect(text == "t" && !truth && whole == 1 && half == 1 && mode == .ratio)
        #expect(seconds == .milliseconds(1_500) && milliseconds == .milliseconds(20))
    }

    @Test func `seconds beyond what a duration can hold do not stop the program`() {
        var value = Duration.zero
        let unlimited = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
        let (_, problems) = read(["a": 1e300]) { $0.readSeconds("a", into: &value, in: unlimited) }
        #expect(problems.isEmpty)
        #expect(value == .seconds(9_200_000_000))
        #expect(Timestamp(nanoseconds: 0).advanced(by: value).nanoseconds == 9_200_000_000_000_000_000)
    }

    @Test func `infinities and NaN are no numbers for a configuration`() {
        let range = -Double.infinity...Double.infinity
        for number in [Double.infinity, -.infinity, .nan] {
            let (value, problems) = read(["a": SettingsNode(.double(number))]) { $0.double("a", in: range) }
            #expect(value == nil)
            #expect(problems == ["code: error: 'a' is \(number), which is not allowed. Write a number."])
        }
    }

    @Test func `a map in place of a value, and a value in place of a map, are told apart`() {
        let (_, problems) = read(["a": ["b": 1], "c": 1]) { settings in
            #expect(settings.string("a") == nil)
            settings.section("c") { _ = $0.string("d") }
        }
        #expect(
            problems == [
                "code: error: 'a' must be a text, but is a map. Write a text.",
                "code: error: 'c' must be a map, but is the integer 1. Write a map.",
            ])
    }

    @Test func `something else in place of a map is one problem, not one per required key`() {
        let (_, problems) = read(["c": "x"]) { settings in
            settings.section("c") { _ = $0.requiredString("path") }
        }
        #expect(problems == [#"code: error: 'c' must be a map, but is the text "x". Write a map."#])
        let (_, top) = read(["a"]) { $0.requiredString("path") }
        #expect(top == ["code: error: 'document' must be a map, but is a list. Write a map."])
    }

    @Test func `all problems are told at once, in the order in which they were read, unknown keys last`() {
        let node: SettingsNode = ["whole": "x", "zzz": 1, "half": 2, "other": 2]
        let (_, problems) = read(node, path: "recorder") { settings in
            _ = settings.double("half", in: 0...1)
            _ = settings.int("whole")
            _ = settings.requiredString("name")
        }
        #expect(
            problems == [
                "code: error: 'recorder.half' is 2, which is not allowed. Write a number from 0 to 1.",
                #"code: error: 'recorder.whole' must be an integer, but is the text "x". Write an integer."#,
                "code: error: 'recorder.name' is required here. Add 'recorder.name'.",
                "code, zzz: error: unknown key 'recorder.zzz'. Allowed: half, whole, name.",
                "code, other: error: unknown key 'recorder.other'. Allowed: half, whole, name.",
            ])
    }

    @Test func `problems of nested sections carry the whole path`() {
        let node: SettingsNode = ["a": ["b": ["count": 0, "cuont": 1]]]
        let (_, problems) = read(node) { settings in
            settings.section("a") { a in
                a.section("b") { _ = $0.int("count", in: 1 ... .max) }
            }
        }
        #expect(
            problems == [
                "code: error: 'a.b.count' is 0, which is not allowed. Write an integer of at least 1.",
                "code, cuont: error: unknown key 'a.b.cuont'. Did you mean 'count'? Allowed: count.",
            ])
    }

    @Test func `a section may finish itself, and a problem is told once`() {
        struct Options: SettingsReadable {
            init(_ settings: inout Settings) throws(SettingsError) {
                _ = settings.requiredString("path")
                try settings.finish()
            }
        }
        let (_, problems) = read(["a": [:], "b": ["path": "x"]]) { settings in
            for key in ["a", "b"] {
                settings.section(key) { (nested) throws(SettingsError) in _ = try Options(&nested) }
            }
        }
        #expect(problems == ["code: error: 'a.path' is required here. Add 'a.path'."])
    }

    @Test func `finish does not throw again what it has thrown`() {
        var settings = Settings(["a": 1])
        #expect(throws: SettingsError.self) { try settings.finish() }
        #expect(throws: Never.self) { try settings.finish() }
    }

    @Test func `a caller's own problems stand among the others`() {
        let other = SettingsError.several([.missing(key: "x", at: .preset), .missing(key: "y", at: .preset)])
        let (_, problems) = read(["path": "-"], path: "e") { settings in
            let node = settings.node("path")
            settings.report("path", "is no file", advice: "Name one.", at: node?.origin)
            settings.report("rank", "is negative", advice: "Count from 0.")
            settings.report(other)
        }
        #expect(
            problems == [
                "code: error: 'e.path' is no file. Name one.", "code: error: 'e.rank' is negative. Count from 0.",
                "default: error: 'x' is required here. Add 'x'.", "default: error: 'y' is required here. Add 'y'.",
            ])
    }
}
