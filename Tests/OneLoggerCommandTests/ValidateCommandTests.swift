import OneLoggerCommand
import OneLoggerTestSupport
import Testing

@Suite struct ValidateCommandTests {
    static let mistakes = Repository.names(in: "Configs/invalid-options").filter { !$0.hasSuffix(".expected") }
    static let examples = Repository.names(in: "Configs").filter { $0.contains(".") && $0 != "schema.json" }

    private let folder = TemporaryFolder()

    @Test func `there are mistakes in the options of every built-in exporter, each with its message`() {
        let expected = Repository.names(in: "Configs/invalid-options").filter { $0.hasSuffix(".expected") }
        #expect(Self.mistakes.map { $0.prefix { $0 != "." } + ".expected" } == expected)
        for type in ["jsonl", "console", "otlp", "prometheus", "resources"] {
            #expect(Self.mistakes.count { $0.hasPrefix(type) } >= 5)
        }
    }

    @Test(arguments: mistakes)
    func `a mistake in the options of an exporter gives exactly the message beside it`(name: String) throws {
        let path = "Configs/invalid-options/\(name)"
        let outcome = Command.run(["validate", "\(packageFolder)/\(path)"])
        let errors = String(outcome.errors.split(separator: packageFolder + "/").joined())
        #expect(try errors == Repository.text("\(path.prefix { $0 != "." }).expected"))
        #expect(outcome.output == "" && outcome.status == 1)
        for line in errors.split(separator: "\n") {
            #expect(line.hasPrefix("\(path):") && line.contains(": error: ") && line.hasSuffix("."))
        }
    }

    @Test(arguments: examples)
    func `an example is valid, down to the options of its exporters`(name: String) {
        let path = "\(packageFolder)/Configs/\(name)"
        let outcome = Command.run(["validate", path])
        #expect(outcome.errors == "" && outcome.status == 0)
        #expect(outcome.output.hasPrefix("\(path): ok, ") && outcome.output.hasSuffix("\n"))
    }

    @Test(arguments: [("formats/otlp.md", 5), ("resources.md", 1)])
    func `the examples of the pages about OTLP and resources are valid, without any variable`(
        page: String, least: Int
    ) throws {
        let blocks = try Repository.text("Docs/\(page)").split(separator: "```yaml\n").dropFirst()
        #expect(blocks.count >= least)
        for block in blocks {
            let end = block.firstRange(of: "```")?.lowerBound ?? block.endIndex
            let outcome = Command.run(["validate", folder.write(String(block[..<end]), to: "a.yaml")])
            #expect(outcome.errors == "" && outcome.status == 0)
        }
    }

    @Test func `a valid file says what it asks for, unless it is told to be quiet`() {
        let path = folder.write(
            """
            exporters:
              - {type: jsonl, config: {path: a}}
              - {type: jsonl, name: live, config: {path: b}}
              - {type: console, enabled: false}
            """, to: "a.yaml")
        #expect(
            Command.run(["validate", path])
                == .init(output: "\(path): ok, 2 exporters: jsonl, live (jsonl); 1 disabled exporter: console\n"))
        #expect(Command.run(["validate", "--quiet", path]) == .init())
        let empty = folder.write("exporters: []", to: "b.yaml")
        #expect(Command.run(["validate", empty]).output == "\(empty): ok, no exporters\n")
    }

    @Test func `all problems of all files are printed, also those after a valid one and an absent one`() {
        let bad = folder.write("exporters: [{type: jsnl}]\nrecorder: {verbosity: x}", to: "a.yaml")
        let good = folder.write("exporters: [{type: console}]", to: "b.yaml")
        let outcome = Command.run(["validate", good, "/nonexistent.yaml", bad])
        #expect(outcome.status == 1)
        #expect(outcome.output == "\(good): ok, 1 exporter: console\n")
        #expect(
            outcome.errors == """
                /nonexistent.yaml: error: can't be read: no such file. Pass an existing .yaml, .yml or .json file.
                \(bad):1:20: error: no exporter is called 'jsnl'. Did you mean 'jsonl'? Available: console, jsonl, otlp, prometheus.
                \(bad):2:23: error: 'recorder.verbosity' must be an integer, but is the text "x". Write an integer.

                """)
    }

    @Test func `without the environment, a value that needs a variable is not checked, and everything else is`() {
        let path = folder.write(
            """
            application: {rank: "${SURELY_UNSET_RANK}", world_size: 0}
            exporters:
              - {type: jsonl, config: {path: "${SURELY_UNSET_TARGET}/a.jsonl", max_bytes: 5, mode: "${SURELY_UNSET:-x}"}}
            """, to: "a.yaml")
        let strict = Command.run(["validate", path])
        #expect(strict.errors.split(separator: "\n").count == 5)
        #expect(strict.errors.contains("SURELY_UNSET_RANK is not set"))
        #expect(
            Command.run(["validate", "--ignore-environment", path]).errors == """
                \(path):1:57: error: 'application.world_size' is 0, which is not allowed. Write an integer of at least 1.
                \(path):3:79: error: 'exporters[0].config.max_bytes' is 5, which is less than a few lines. Write 0 for no rotation, or at least 1024.
                \(path):3:88: error: 'exporters[0].config.mode' is "x", which is not allowed. Write one of append, truncate.

                """)
    }

    @Test func `a malformed variable stays a mistake without the environment`() {
        let path = folder.write("application: {name: \"${\"}", to: "a.yaml")
        #expect(Command.run(["validate", "--ignore-environment", path]).errors.contains("'${' has no '}'"))
    }

    @Test func `a type that the program brings itself can be allowed, and its options are not checked`() {
        let path = folder.write(
            "exporters: [{type: mine, config: {a: 1}}]\nrecorders: [{type: sampler}]", to: "a.yaml")
        #expect(Command.run(["validate", path]).errors.split(separator: "\n").count == 2)
        #expect(
            Command.run(["validate", "--allow", "mine", "--allow=sampler", path]).output
                == "\(path): ok, 1 exporter: mine; 1 recorder plug-in: sampler\n")
    }

    @Test func `a stamp is written when all is well, and only then`() {
        let stamp = folder("stamp")
        let bad = folder.write("exporters: 1", to: "a.yaml"), good = folder.write("exporters: []", to: "b.yaml")
        #expect(Command.run(["validate", "--stamp", stamp, good, bad]).status == 1)
        #expect(folder.text("stamp") == "")
        #expect(Command.run(["validate", "--stamp", stamp, good]).status == 0)
        #expect(folder.text("stamp").hasPrefix("//"), "it is compiled as Swift")
        let outcome = Command.run(["validate", "--quiet", "--stamp", "/nonexistent/stamp", good])
        #expect(outcome.status == 1 && outcome.output == "")
        #expect(outcome.errors.hasPrefix("/nonexistent/stamp: error: can't be written. "))
    }
}
