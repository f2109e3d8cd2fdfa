import OneLoggerCommand
import OneLoggerTestSupport
import Testing

/// The program `onelogger` as a process.
@Suite(.timeLimit(.minutes(1))) struct CommandLineTests {
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
