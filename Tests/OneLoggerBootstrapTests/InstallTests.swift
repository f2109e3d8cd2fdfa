import OneLogger
import OneLoggerBootstrap
import OneLoggerConfig
import OneLoggerJSONL
import OneLoggerTestSupport
import OneLoggerTesting
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// `Recorder.bootstrap` itself, which concerns the whole process: each test is a process of its own.
@Suite struct InstallTests {
    private let folder = TemporaryFolder()

    private func lines(_ result: ExitTest.Result?) -> [String] {
        String(decoding: result?.standardErrorContent ?? [], as: UTF8.self).split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix("onelogger: ") }
    }

    @Test func `after bootstrap, free functions record into what the file asks for`() async throws {
        let file = folder.write("exporters: [{type: jsonl, config: {path: FOLDER/out.jsonl}}]", to: "a.yaml")
        let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardErrorContent]) {
            [file = file as String] in
            let recorder = try Recorder.bootstrap(config: file)
            guard Recorder.current === recorder else { exit(1) }
            timedSpan("free") { _ in }
            exit(0)
        }
        #expect(lines(result) == [])
        #expect(try folder.spans("out.jsonl") == ["free"])
    }

    @Test func `a second bootstrap is an error before anything is evaluated, read or opened`() async throws {
        let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardErrorContent]) {
            [path = folder("second.jsonl") as String] in
            let first = try Recorder.bootstrap(exporters: [])
            func fails(_ name: @autoclosure @escaping () -> String) -> Bool {
                do throws(TelemetryError) {
                    try Recorder.bootstrap(
                        application: ApplicationOptions(name: name()),
                        exporters: [ComponentConfig(type: "jsonl", config: ["path": SettingsNode(.string(path))])],
                        config: "/nonexistent.yaml")
                    return false
                } catch {
                    return error == .alreadyConfigured("Recorder.bootstrap")
                }
            }
            func mustNotRun() -> String { exit(7) }
            guard fails(mustNotRun()), Recorder.current === first else { exit(1) }
            // The same after `install`.
            try Recorder.resetForTesting()
            try Recorder.install(Recorder())
            guard fails(mustNotRun()) else { exit(2) }
            exit(0)
        }
        #expect(lines(result) == [])
        #expect(folder.names == [])
    }

    /// False when somebody else did it before; any other problem ends the process.
    private static func bootstraps(into path: String) -> Bool {
        do throws(TelemetryError) {
            try Recorder.bootstrap(exporters: [
                ComponentConfig(type: "jsonl", config: ["path": SettingsNode(.string(path))])
            ])
            return true
        } catch {
            guard case .alreadyConfigured = error else { exit(1) }
            return false
        }
    }

    @Test func `of many that bootstrap at once one succeeds, and only its file is opened`() async throws {
        await #expect(processExitsWith: .exitCode(0)) { [folder = folder.path as String] in
            let wins = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<8 {
                    group.addTask { InstallTests.bootstraps(into: "\(folder)/\(number).jsonl") }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            exit(wins == 1 ? 0 : 2)
        }
        #expect(folder.names.count == 1)
    }

    @Test func `what throws leaves nothing behind, so that the next attempt works`() async throws {
        await #expect(processExitsWith: .exitCode(0)) { [folder = folder.path as String] in
            let path = SettingsNode(.string("\(folder)/out.jsonl"))
            do throws(TelemetryError) {
                try Recorder.bootstrap(exporters: [
                    ComponentConfig(type: "jsonl", config: ["path": path]), ComponentConfig(type: "jsnl"),
                ])
                exit(1)
            } catch {
                guard case .configuration(let problems) = error, problems.count == 1 else { exit(2) }
            }
            guard unsafe access("\(folder)/out.jsonl", F_OK) != 0, Recorder.installed == nil else { exit(3) }
            try Recorder.bootstrap(exporters: [ComponentConfig(type: "jsonl", config: ["path": path])])
            timedSpan("second attempt") { _ in }
            exit(0)
        }
        #expect(try folder.spans("out.jsonl") == ["second attempt"])
    }

    @Test func `a reset delivers what was recorded, and makes room for the next bootstrap`() async throws {
        await #expect(processExitsWith: .exitCode(0)) { [folder = folder.path as String] in
            guard try Recorder.resetForTesting() == nil else { exit(1) }
            for name in ["first", "second"] {
                let path = SettingsNode(.string("\(folder)/\(name).jsonl"))
                try Recorder.bootstrap(exporters: [ComponentConfig(type: "jsonl", config: ["path": path])])
                timedSpan("in \(name)") { _ in }
                guard let report = try Recorder.resetForTesting(), report.isComplete, report.exported >= 1 else {
                    exit(2)
                }
                guard Recorder.installed == nil, !Recorder.current.isRecording else { exit(3) }
            }
            _exit(0)  // not even the hook of a normal exit is needed
        }
        #expect(try folder.spans("first.jsonl") == ["in first"])
        #expect(try folder.spans("second.jsonl") == ["in second"])
    }

    @Test func `without any configuration one line says so, and an empty list says nothing`() async throws {
        let silent = await #expect(processExitsWith: .exitCode(0), observing: [\.standardErrorContent]) {
            try Recorder.bootstrap(exporters: [])
            exit(0)
        }
        #expect(lines(silent) == [])
        let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardErrorContent]) {
            [folder = folder.path as String] in
            _ = unsafe chdir(folder)
            _ = unsafe unsetenv(ConfigFile.pathVariable)
            let recorder = try Recorder.bootstrap()
            timedSpan("kept to itself") { _ in }
            try recorder.flush(timeout: .patience)
            guard recorder.isRecording, recorder.health.recorded >= 1 else { exit(1) }
            exit(0)
        }
        #expect(
            lines(result) == [
                "onelogger: no exporter is configured, so nothing leaves this process; pass exporters or a file to Recorder.bootstrap, set ONE_LOGGER_EXPORTER_CONFIG_PATH, or write one_logger_exporters_config.yaml"
            ])
    }

    @Test func `an invalid TRACEPARENT is said once and ignored`() async throws {
        let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardErrorContent]) {
            _ = unsafe setenv("TRACEPARENT", "00-zzzz-1-01", 1)
            try Recorder.bootstrap(exporters: [])
            timedSpan("root") { _ in }
            try Recorder.current.flush(timeout: .patience)
            exit(Recorder.current.health.recorded >= 1 ? 0 : 1)
        }
        #expect(
            lines(result) == [
                "onelogger: environment variable TRACEPARENT is \"00-zzzz-1-01\", which no W3C trace context looks like; roots begin traces of their own"
            ])
        let ignoring = await #expect(processExitsWith: .exitCode(0), observing: [\.standardErrorContent]) {
            _ = unsafe setenv("TRACEPARENT", "00-zzzz-1-01", 1)
            try Recorder.bootstrap(application: ApplicationOptions(traceParent: .ignore), exporters: [])
            exit(0)
        }
        #expect(lines(ignoring) == [])
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `at a signal, plug-ins record their last and everything is delivered`(signal: Int32) async throws {
        let file = folder.write(
            """
            exporters: [{type: jsonl, config: {path: FOLDER/out.jsonl}}]
            recorders: [{type: beacon}, {type: beacon, name: own, config: {exporters: [{type: jsonl, name: x, config: {path: FOLDER/own.jsonl}}]}}]
            """, to: "a.yaml")
        await #expect(processExitsWith: .signal(signal)) {
            [file = file as String, signal = signal as Int32] in
            try Recorder.bootstrap(config: file, catalog: .forTests)
            timedSpan("done") { _ in }
            kill(getpid(), signal)
            while true { pause() }
        }
        #expect(try folder.spans("out.jsonl") == ["beacon.start", "done", "beacon.stop"])
        #expect(try folder.spans("own.jsonl") == ["beacon.start", "beacon.stop"])
    }

    @Test func `signals are left alone when the configuration says so`() async throws {
        let file = folder.write(
            """
            recorder: {signals: none, flush_interval_ms: 60000}
            exporters: [{type: jsonl, config: {path: FOLDER/out.jsonl}}]
            """, to: "a.yaml")
        await #expect(processExitsWith: .signal(SIGTERM)) { [file = file as String] in
            try Recorder.bootstrap(config: file)
            timedSpan("flushed") { _ in }
            try Recorder.current.flush(timeout: .patience)
            timedSpan("waiting") { _ in }
            kill(getpid(), SIGTERM)
            while true { pause() }
        }
        #expect(try folder.spans("out.jsonl") == ["flushed"], "nobody delivered what waited")
    }

    @Test func `a quiet failure says one line, delivers what was recorded before, and ends what is open`() async throws
    {
        let file = folder.write(
            """
            recorder: {on_error: disable_quietly, flush_interval_ms: 60000}
            exporters: [{type: jsonl, config: {path: FOLDER/out.jsonl}}]
            """, to: "a.yaml")
        let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardErrorContent]) {
            [file = file as String] in
            let recorder = try Recorder.bootstrap(config: file)
            for _ in 0..<10 { timedSpan("before") { _ in } }
            _ = recorder.start("open")
            let span = recorder.start("twice")
            span.stop()
            span.stop()
            for _ in 0..<1000 { timedSpan("after") { span in span["key"] = 1 } }
            try recorder.shutdown(timeout: .patience)
            exit(recorder.isRecording ? 1 : 0)
        }
        #expect(lines(result).count == 1 && lines(result).first?.contains("telemetry is off from now on") == true)
        #expect(try folder.spans("out.jsonl").sorted() == Array(repeating: "before", count: 10) + ["open", "twice"])
        let outline = try folder.contents("out.jsonl").records.outline
        #expect(outline.contains("error incomplete_telemetry_data") || outline.contains("error no_telemetry_data"))
    }
}
