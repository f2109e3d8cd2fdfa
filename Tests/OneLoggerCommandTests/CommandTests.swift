import OneLoggerCommand
import OneLoggerConfig
import OneLoggerTestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

@Suite struct CommandTests {
    private let folder = TemporaryFolder()

    @Test(arguments: [
        ([], "no command is given. Write validate, explain or --help."),
        (
            ["validte"],
            "unknown command \"validte\". Did you mean 'validate'? Allowed: validate, explain, --help, --version."
        ),
        (
            ["--verison"],
            "unknown option \"--verison\". Did you mean '--version'? Allowed: validate, explain, --help, --version."
        ),
        (["validate"], "no file is given. Write onelogger validate FILE…"),
        (
            ["validate", "--quite", "a.yaml"],
            "unknown option \"--quite\". Did you mean '--quiet'? Allowed: --quiet, --ignore-environment, --allow, --stamp, --help."
        ),
        (["validate", "a.yaml", "--stamp"], "'--stamp' needs a value. Write --stamp VALUE."),
        (["validate", "--allow=", "a.yaml"], "'--allow' needs a value. Write --allow VALUE."),
        (["explain", "a.yaml", "b.yaml"], "more than one file is given. Write onelogger explain [FILE]."),
        (
            ["validate", "a.yaml", ""],
            "an argument is empty. Write a file's name; perhaps a variable of the shell is not set."
        ),
        (["explain", ""], "an argument is empty. Write a file's name; perhaps a variable of the shell is not set."),
        (["explain", "--quiet"], "unknown option \"--quiet\". Allowed: --allow, --help."),
    ])
    func `arguments that make no sense are said, with what to write instead, and exit with 2`(
        arguments: [String], sentence: String
    ) {
        #expect(Command.run(arguments) == .init(errors: "onelogger: error: \(sentence)\n", status: 2))
    }

    @Test func `help and version go to standard output`() {
        for arguments in [["--help"], ["-h"], ["help"]] {
            let outcome = Command.run(arguments)
            #expect(outcome.output.contains("usage: onelogger validate FILE…") && outcome.status == 0)
        }
        let validate = Command.run(["validate", "x", "--help"])
        #expect(validate.errors == "" && validate.status == 0)
        for option in ["--quiet", "--ignore-environment", "--allow", "--stamp"] {
            #expect(validate.output.contains("\n  \(option) "))
        }
        #expect(Command.run(["explain", "-h"]).output.contains("usage: onelogger explain [--allow TYPE]… [FILE]"))
        #expect(Command.run(["--version"]).output == "onelogger \(Command.version)\n")
        for text in [Command.run(["--help"]).output, validate.output, Command.run(["explain", "-h"]).output] {
            #expect(text.split(separator: "\n").allSatisfy { $0.count <= 120 })
        }
    }

    @Test func `behind two dashes nothing is an option`() {
        let outcome = Command.run(["validate", "--", "--quiet"])
        #expect(outcome.errors.hasPrefix("--quiet: error: can't be read: ") && outcome.status == 1)
    }

    @Test func `explain prints what applies and where it came from, without secrets`() {
        let path = folder.write(
            """
            application: {name: digits}
            exporters: [{type: mine, config: {api_token: abc123}}]
            """, to: "a.yaml")
        let outcome = Command.run(["explain", "--allow", "mine", path])
        #expect(outcome.errors == "" && outcome.status == 0)
        #expect(outcome.output.hasPrefix("# file: \(path)\n"))
        #expect(outcome.output.contains("\napplication.name = \"digits\"  (\(path):1:21)\n"))
        #expect(outcome.output.contains("\nrecorder.flush_interval_ms = 100  (default)\n"))
        #expect(outcome.output.contains("\nexporters[0].config.api_token = <redacted>  (\(path):2:"))
        #expect(!outcome.output.contains("abc123"))
    }

    @Test func `explain says what is wrong like validate, options included`() {
        let path = folder.write("exporters: [{type: jsonl}]", to: "a.yaml")
        let outcome = Command.run(["explain", path])
        #expect(outcome.output == "" && outcome.status == 1)
        #expect(outcome.errors == Command.run(["validate", path]).errors)
    }

    @Test func `explain shows a JSON file like the YAML file that says the same`() {
        func values(_ name: String) -> [Substring] {
            Command.run(["explain", "\(packageFolder)/Configs/\(name)"]).output.split(separator: "\n").dropFirst()
                .map { $0.split(separator: "  (")[0] }
        }
        #expect(values("all.yaml").count >= 40)
        #expect(Set(values("all.yaml")) == Set(values("all.json")))
    }

    @Test func `without a file, explain finds the one that a program would find`() async throws {
        let path = folder.write("application: {name: found}", to: "a.yaml")
        let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardOutputContent]) {
            [path = path as String] in
            _ = unsafe setenv(ConfigFile.pathVariable, path, 1)
            print(Command.run(["explain"]).output)
            exit(0)
        }
        let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
        #expect(output.contains("application.name = \"found\""))
    }
}
