import OneLoggerCommand
import OneLoggerTestSupport
import Testing

/// The program `onelogger` as a process.
@Suite(.timeLimit(.minutes(15))) struct CommandLineTests {
    private let folder = TemporaryFolder()

    @Test func `results go to standard output, problems to standard error, and the exit status tells`() throws {
        let good = folder.write("exporters: [{type: console}]", to: "good.yaml")
        let bad = folder.write("exporters: [{type: consle}]", to: "bad.yaml")
        let both = try ChildProcess("onelogger", ["validate", good, bad], errors: folder("errors")).finish()
        #expect(both.end == .exit(1))
        #expect(both.output == "\(good): ok, 1 exporter: console\n")
        #expect(
            folder.text("errors")
                == "\(bad):1:20: error: no exporter is called 'consle'. Did you mean 'console'? Available: console, jsonl, otlp, prometheus.\n"
        )
        let wrong = try ChildProcess("onelogger", ["vlaidate"], errors: folder("errors")).finish()
        #expect(wrong.end == .exit(2) && wrong.output == "")
        #expect(folder.text("errors").hasPrefix("onelogger: error: unknown command \"vlaidate\". "))
        #expect(try ChildProcess("onelogger", ["--version"]).finish().output == "onelogger \(Command.version)\n")
    }

    @Test func `output that cannot be written is a failure`() throws {
        let path = folder.write("application: {name: here}", to: "a.yaml")
        for command in ["explain", "validate"] {
            let child = try ChildProcess(
                "sh", ["-c", "\"$0\" \(command) \"$1\" > /dev/full", "\(ChildProcess.programs)/onelogger", path],
                errors: folder("errors"))
            #expect(child.end() == .exit(1))
            #expect(
                folder.text("errors")
                    == "standard output: error: can't be written: No space left on device. Make room, or send it elsewhere.\n"
            )
        }
    }

    @Test func `a file with a line break in its name gives one line per problem`() throws {
        let path = folder.write("nme: here", to: "a\nb.yaml")
        let outcome = try ChildProcess("onelogger", ["validate", path], errors: folder("errors")).finish()
        #expect(outcome.end == .exit(1) && folder.text("errors").split(separator: "\n").count == 1)
        #expect(folder.text("errors").contains("a\\nb.yaml:1:1: error: unknown key 'nme'."))
    }

    @Test func `explain uses the file that the environment names`() throws {
        let path = folder.write("application: {name: here}", to: "a.yaml")
        let outcome = try ChildProcess(
            "onelogger", ["explain"], variables: ["ONE_LOGGER_EXPORTER_CONFIG_PATH": path, "RANK": "2"]
        ).finish()
        #expect(outcome.end == .exit(0))
        #expect(outcome.output.contains("application.name = \"here\"  (\(path):1:21)\n"))
        #expect(outcome.output.contains("application.rank = 2  (environment variable RANK)\n"))
    }
}
