import OneLogger
import OneLoggerBootstrap
import OneLoggerConfig
import OneLoggerTestSupport
import OneLoggerTesting
import Testing

/// What is said when a configuration cannot be used.
@Suite struct ProblemTests {
    private let folder = TemporaryFolder()

    @Test func `all problems of all sources are reported at once, and nothing was opened`() {
        var bootstrap = Bootstrap(
            """
            application:
              rnak: 3
            recorder: {flush_interval_ms: 5}
            exporters:
              - type: jsonl
                config: {mode: apend, path: FOLDER/telemetry.jsonl}
              - type: consle
              - type: console
                config: {verbosity: loud, color: "${NO_SUCH_VARIABLE}"}
            recorders:
              - type: beacon
                config: {nmae: x}
            """, in: folder)
        bootstrap.catalog = .forTests
        bootstrap.direct.recorder = ["pool_bytes": 1]
        bootstrap.environment = ConfigEnvironment(["RANK": "abc"])
        #expect(
            bootstrap.problems(in: folder) == [
                "environment variable RANK: error: 'application.rank' must be an integer of at least 0, but is the text \"abc\". Write an integer of at least 0.",
                "code, recorder.pool_bytes: error: 'recorder.pool_bytes' is 1, which is not allowed. Write an integer from 262144 to 1073741824.",
                "a.yaml:2:3: error: unknown key 'application.rnak'. Did you mean 'rank'? Allowed: name, session_tag, world_size, rank, local_rank, enable_for_ranks, is_baseline_run, custom_metadata, summary_data_schema_version, trace_parent.",
                "a.yaml:3:31: error: 'recorder.flush_interval_ms' is 5, which is not allowed. Write an integer from 10 to 60000.",
                "a.yaml:6:20: error: 'exporters[0].config.mode' is \"apend\", which is not allowed. Write one of append, truncate; perhaps you meant 'append'.",
                "a.yaml:7:11: error: no exporter is called 'consle'. Did you mean 'console'? Available: console, jsonl, otlp, own, prometheus.",
                "a.yaml:9:25: error: 'exporters[2].config.verbosity' is \"loud\", which is not allowed. Write one of summary, names, spans, all.",
                "a.yaml:9:38: error: environment variable NO_SUCH_VARIABLE is not set. Set it, or write ${NO_SUCH_VARIABLE:-DEFAULT}.",
                "a.yaml:12:14: error: unknown key 'recorders[0].config.nmae'. Did you mean 'name'? Allowed: name, fails.",
            ])
        #expect(folder.names == ["a.yaml"])
    }

    @Test func `the options of a disabled exporter are checked, too`() {
        let bootstrap = Bootstrap("exporters: [{type: jsonl, enabled: false, config: {pth: a}}]", in: folder)
        #expect(
            bootstrap.problems(in: folder) == [
                "a.yaml:1:51: error: 'exporters[0].config.path' is required here. Add 'exporters[0].config.path'.",
                "a.yaml:1:52: error: unknown key 'exporters[0].config.pth'. Did you mean 'path'? Allowed: inbox_bytes, path, schema, mode, max_bytes, max_files, fsync_interval_s, file_mode.",
            ])
    }

    @Test func `mistakes are found also where an exporter of the program forgets to ask for them`() {
        var bootstrap = Bootstrap("exporters: [{type: own, config: {key: 5, kye: a}}]", in: folder)
        bootstrap.catalog = .forTests
        #expect(
            bootstrap.problems(in: folder) == [
                "a.yaml:1:39: error: 'exporters[0].config.key' must be a text, but is the integer 5. Write a text.",
                "a.yaml:1:42: error: unknown key 'exporters[0].config.kye'. Did you mean 'key'? Allowed: inbox_bytes, key.",
            ])
    }

    @Test func `a problem is said once, and on one line`() {
        #expect(
            Bootstrap("exporters: [{type: jsonl, config: []}]", in: folder).problems(in: folder) == [
                "a.yaml:1:35: error: 'exporters[0].config' must be a map, but is a list. Write a map."
            ])
        #expect(
            Bootstrap("exporters: [{type: \"a\\nb\"}]", in: folder).problems(in: folder).map { $0.prefix(64) } == [
                "a.yaml:1:20: error: no exporter is called 'a\\nb'. Available: con"
            ])
    }

    @Test func `two exporters cannot write one file, unless one is switched off or it is a device`() {
        func problems(_ first: String, _ second: String) -> [String] {
            Bootstrap(
                "exporters:\n  - {type: jsonl, name: a, \(first)}\n  - {type: jsonl, name: b, \(second)}", in: folder
            ).problems(in: folder)
        }
        #expect(
            problems("config: {path: 'x-{rank}'}", "config: {path: 'x-{rank}'}") == [
                "a.yaml:3:43: error: 'exporters[1].config.path' is \"x-{rank}\", and so is that of 'exporters[0]'. Give each a file of its own."
            ])
        #expect(problems("config: {path: x}", "config: {path: y}") == [])
        #expect(problems("config: {path: a/x}", "config: {path: ./a//x}").count == 1, "the same file by another name")
        #expect(problems("config: {path: /x}", "config: {path: x}") == [])
        let metrics = Bootstrap(
            "exporters:\n  - {type: prometheus, name: a}\n  - {type: prometheus, name: b, config: {names: plain}}",
            in: folder)
        #expect(
            metrics.problems(in: folder).map { $0.split(separator: "error: ")[1] } == [
                "'exporters[1].config.path' is \"onelogger-{rank}-{pid}.prom\", and so is that of 'exporters[0]'. Give each a file of its own."
            ])
        #expect(problems("config: {path: x}", "enabled: false, config: {path: x}") == [])
        #expect(problems("config: {path: /dev/null}", "config: {path: /dev/null}") == [])
    }

    @Test func `an exporter of the program can be named by a file, and gets what is recorded`() throws {
        var bootstrap = Bootstrap(
            "application: {name: app}\nexporters: [{type: own, config: {key: by-name}}]", in: folder)
        bootstrap.catalog = .forTests
        try bootstrap.recordOne("work")
        #expect(OwnExporter.spans("by-name") == ["app: work"])
    }

    @Test func `values in code are checked like those of a file, with their place`() {
        var bootstrap = Bootstrap(in: folder)
        bootstrap.application = ApplicationOptions(name: "  ", worldSize: 0, customMetadata: [" ": 1])
        bootstrap.direct.exporters = [ComponentConfig(type: "jsonl", config: ["pth": "x"])]
        #expect(
            bootstrap.problems(in: folder) == [
                "code, application.name: error: 'application.name' is blank. Write some text, or remove the key.",
                "code, application.world_size: error: 'application.world_size' is 0, which is not allowed. Write an integer of at least 1.",
                "code, application.custom_metadata. : error: 'application.custom_metadata' has a blank key. Write a name before the ':'.",
                "code, exporters[0].config: error: 'exporters[0].config.path' is required here. Add 'exporters[0].config.path'.",
                "code, exporters[0].config.pth: error: unknown key 'exporters[0].config.pth'. Did you mean 'path'? Allowed: inbox_bytes, path, schema, mode, max_bytes, max_files, fsync_interval_s, file_mode.",
            ])
    }

    @Test func `a file that only its own exporter can open is no mistake of the configuration`() throws {
        let bootstrap = Bootstrap(
            "exporters: [{type: jsonl, config: {path: FOLDER/a.yaml/below.jsonl}}]", in: folder)
        let health = try bootstrap.recordOne()
        #expect(health.exporters.first?.lastError != nil)
        #expect(health.exporters.first?.lost == 1)
    }
}
