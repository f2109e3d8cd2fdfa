import OneLogger
import OneLoggerBootstrap
import OneLoggerConfig
import OneLoggerTestSupport
import OneLoggerTesting
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Processes of a distributed job that are not to record; each test is a process of its own.
@Suite struct RankTests {
    private let folder = TemporaryFolder()

    private func lines(_ result: ExitTest.Result?) -> [String] {
        String(decoding: result?.standardErrorContent ?? [], as: UTF8.self).split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix("onelogger: ") }
    }

    @Test func `a rank that is not listed records nothing and opens nothing, and one line names it`() async throws {
        let file = folder.write(
            """
            application: {enable_for_ranks: [0, 4]}
            exporters: [{type: jsonl, config: {path: FOLDER/out.jsonl}}]
            recorders: [{type: beacon, config: {exporters: [{type: jsonl, config: {path: FOLDER/own.jsonl}}]}}]
            """, to: "a.yaml")
        let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardErrorContent]) {
            [file = file as String] in
            _ = unsafe setenv("RANK", "5", 1)
            _ = unsafe setenv("TRACEPARENT", "nonsense", 1)
            let recorder = try Recorder.bootstrap(config: file, catalog: .forTests)
            guard !recorder.isRecording, Recorder.current === recorder else { exit(1) }
            for _ in 0..<1000 {
                // The body runs, its span is there and takes everything, and nothing is evaluated for it.
                let value = timedSpan("work") { span in
                    span["key"] = 1
                    span.event("event")
                    return 42
                }
                guard value == 42 else { exit(2) }
            }
            let span = recorder.start("manual", attributes: ["never": .int({ exit(3) }())])
            span.event("event")
            span.stop()
            span.stop()
            try recorder.flush(timeout: .patience)
            try recorder.shutdown(timeout: .patience)
            exit(recorder.health.plugins.isEmpty && recorder.health.exporters.isEmpty ? 0 : 4)
        }
        #expect(lines(result) == ["onelogger: rank 5 does not record, because enable_for_ranks is [0, 4]"])
        #expect(folder.names == ["a.yaml"])
    }

    @Test func `a rank that is listed records`() async throws {
        let file = folder.write(
            """
            application: {enable_for_ranks: [0, 4]}
            exporters: [{type: jsonl, config: {path: "FOLDER/{rank}.jsonl"}}]
            """, to: "a.yaml")
        let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardErrorContent]) {
            [file = file as String] in
            _ = unsafe setenv("RANK", "4", 1)
            try Recorder.bootstrap(config: file)
            timedSpan("work") { _ in }
            exit(0)
        }
        #expect(lines(result) == [])
        #expect(try folder.spans("4.jsonl") == ["work"])
    }

    @Test func `a process without a rank counts as rank 0, and is told so`() async throws {
        let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardErrorContent]) {
            for name in ["RANK", "WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "SLURM_PROCID"] { _ = unsafe unsetenv(name) }
            try Recorder.bootstrap(application: ApplicationOptions(enabledRanks: [1]), exporters: [])
            guard !Recorder.current.isRecording else { exit(1) }
            try Recorder.resetForTesting()
            try Recorder.bootstrap(application: ApplicationOptions(enabledRanks: [0]), exporters: [])
            exit(Recorder.current.isRecording ? 0 : 2)
        }
        #expect(
            lines(result) == [
                "onelogger: this process, which counts as rank 0, does not record, because enable_for_ranks is [1]"
            ])
    }

    @Test func `its errors are quiet by default, and an explicit strategy stays`() throws {
        func strategy(_ yaml: String) throws -> ErrorHandlingStrategy {
            let environment = ConfigEnvironment(["RANK": "5"])
            let document = try ConfigDocument(text: yaml, environment: environment)
            let config = try ConfigLayers(file: document, environment: environment).resolve()
            return RecorderOptions(config.recorderSection, config.applicationSection).onError
        }
        #expect(try strategy("application: {enable_for_ranks: [5]}") == .propagate)
        #expect(try strategy("application: {enable_for_ranks: [0]}") == .disableQuietly)
        #expect(
            try strategy("application: {enable_for_ranks: [0]}\nrecorder: {on_error: propagate}") == .propagate)
    }

    @Test func `a mistake in the configuration is an error on every rank`() {
        var bootstrap = Bootstrap("application: {enable_for_ranks: [0]}\nexporters: [{type: jsnl}]", in: folder)
        bootstrap.environment = ConfigEnvironment(["RANK": "5"])
        #expect(bootstrap.problems(in: folder).count == 1)
    }
}
