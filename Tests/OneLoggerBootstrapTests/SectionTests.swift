import OneLogger
import OneLoggerBootstrap
import OneLoggerConfig
import OneLoggerJSONL
import OneLoggerTestSupport
import OneLoggerTesting
import Testing

/// What the sections, the code and the environment say arrives where it belongs.
@Suite struct SectionTests {
    private let folder = TemporaryFolder()

    private func options(_ yaml: String) throws -> RecorderOptions {
        let document = try ConfigDocument(text: yaml, environment: ConfigEnvironment([:]))
        let config = try ConfigLayers(file: document, environment: ConfigEnvironment([:])).resolve()
        return RecorderOptions(config.recorderSection, config.applicationSection)
    }

    @Test func `an absent section means the recorder's own defaults`() throws {
        let (found, preset) = (try options(""), RecorderOptions())
        #expect(found.onError == preset.onError && found.whenFull == preset.whenFull)
        #expect(found.poolBytes == preset.poolBytes && found.flushInterval == preset.flushInterval)
        #expect(found.sampling == preset.sampling && found.announce == preset.announce)
        #expect(found.verbosity == preset.verbosity && found.disableAfter == preset.disableAfter)
        #expect(found.probeAfter == preset.probeAfter && found.shutdownTimeout == preset.shutdownTimeout)
        #expect(found.metricsInterval == preset.metricsInterval && found.timeTolerance == preset.timeTolerance)
        #expect(found.isEnabled && found.filter.verdict("any") == .keep && found.metrics == preset.metrics)
    }

    @Test func `every key of the section recorder arrives`() throws {
        let found = try options(
            """
            recorder:
              on_error: disable_quietly
              when_full: block
              block_limit_ms: 7
              pool_bytes: 300000
              flush_interval_ms: 20
              sampling: {mode: parent_based, ratio: 0.5}
              filter: {summarise: [tiny]}
              verbosity: 2
              announce: all
              disable_after: 3
              probe_after_s: 0.5
              shutdown_timeout_s: 4
              metrics_interval_s: 6
              metrics: {spans: [step], process: false, health: false, exemplars: true, series_limit: 9}
              time_tolerance_s: 9
            """)
        #expect(found.onError == .disableQuietly && found.whenFull == .block(upTo: .milliseconds(7)))
        #expect(found.poolBytes == 300_000 && found.flushInterval == .milliseconds(20))
        #expect(found.sampling == .parentBased(ratio: 0.5) && found.announce == .all)
        #expect(found.filter.verdict("tiny") == .summarise && found.filter.verdict("other") == .keep)
        #expect(found.verbosity == 2 && found.disableAfter == 3)
        #expect(found.probeAfter == .milliseconds(500) && found.shutdownTimeout == .seconds(4))
        #expect(found.metricsInterval == .seconds(6) && found.timeTolerance == .seconds(9))
        #expect(found.metrics.spans == .only(["step"]) && !found.metrics.process && !found.metrics.health)
        #expect(found.metrics.exemplars && found.metrics.seriesLimit == 9)
        #expect(try options("recorder: {metrics: {spans: false}}").metrics.spans == .none)
        #expect(try options("recorder: {when_full: drop_newest}").whenFull == .dropNewest)
        #expect(try options("recorder: {when_full: overwrite_oldest}").whenFull == .overwriteOldest)
        #expect(try options("recorder: {announce: none}").announce == .nothing)
        #expect(try options("recorder: {sampling: {mode: ratio, ratio: 0.1}}").sampling == .ratio(0.1))
        #expect(try options("recorder: {filter: {include: [a]}}").filter.verdict("b") == .drop)
        #expect(try options("recorder: {filter: {exclude: [a]}}").filter.verdict("a") == .drop)
    }

    @Test func `what the application says about itself stands in every recording`() throws {
        let text = """
            application:
              name: digits
              session_tag: run-7
              world_size: 8
              rank: 3
              local_rank: 1
              is_baseline_run: true
              summary_data_schema_version: "2.1"
              custom_metadata: {team: vision, sizes: [1, 2]}
            exporters: [{type: jsonl, config: {path: "FOLDER/{session}-{rank}.jsonl"}}]
            """
        try Bootstrap(text, in: folder).recordOne()
        let resource = try #require(try folder.contents("run-7-3.jsonl").headers.first).resource
        #expect(resource.serviceName == "digits" && resource.sessionTag == "run-7")
        #expect(resource.worldSize == 8 && resource.rank == 3 && resource.localRank == 1)
        #expect(!resource.host.isEmpty && resource.pid > 0)
        #expect(
            resource.customMetadata == [
                "team": "vision", "sizes": .ints([1, 2]), "is_baseline_run": true, "summary_data_schema_version": "2.1",
            ])
    }

    @Test func `code has priority over the file, and the file over the environment, key by key`() throws {
        var bootstrap = Bootstrap(
            """
            application: {name: of-file, session_tag: of-file, custom_metadata: {a: 1, b: 1}}
            exporters: [{type: jsonl, config: {path: FOLDER/out.jsonl}}]
            """, in: folder)
        bootstrap.environment = ConfigEnvironment([
            "OTEL_SERVICE_NAME": "of-environment", "SLURM_JOB_ID": "of-environment", "RANK": "5", "WORLD_SIZE": "6",
        ])
        bootstrap.application = ApplicationOptions(name: "of-code", rank: 4, customMetadata: ["b": 2, "c": 3])
        bootstrap.direct.recorder = ["announce": "all"]
        try bootstrap.recordOne()
        let contents = try folder.contents("out.jsonl")
        let resource = try #require(contents.headers.first).resource
        #expect(resource.serviceName == "of-code" && resource.sessionTag == "of-file")
        #expect(resource.rank == 4 && resource.worldSize == 6)
        #expect(resource.customMetadata["a"] == 1 && resource.customMetadata["b"] == 2)
        #expect(resource.customMetadata["c"] == 3)
        #expect(contents.outline == ["start one", "stop one"])
    }

    @Test func `each expression in code is evaluated once, when it is needed`() throws {
        var calls: [String] = []
        func note<T>(_ name: String, _ value: T) -> T {
            calls.append(name)
            return value
        }
        var bootstrap = Bootstrap("exporters: [{type: jsonl, config: {path: FOLDER/out.jsonl}}]", in: folder)
        bootstrap.application = ApplicationOptions(
            name: note("name", "n"), sessionTag: note("tag", "t"), worldSize: note("size", 2), rank: note("rank", 1),
            isBaselineRun: note("baseline", true))
        #expect(calls == [])
        try bootstrap.recordOne()
        #expect(calls == ["name", "tag", "size", "rank", "baseline"])
        let resource = try #require(try folder.contents("out.jsonl").headers.first).resource
        #expect(resource.sessionTag == "t" && resource.customMetadata["is_baseline_run"] == true)
    }

    @Test func `an application without a name is called like its program`() throws {
        try Bootstrap("exporters: [{type: jsonl, config: {path: FOLDER/out.jsonl}}]", in: folder).recordOne()
        let name = try #require(try folder.contents("out.jsonl").headers.first).resource.serviceName
        #expect(name != "unknown_service" && !name.contains("/"))
        #expect(CommandLine.arguments[0].hasSuffix(name))
    }

    @Test func `roots hang under the span that the environment names, unless they are told not to`() throws {
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        func trace(_ section: String, _ variable: String) throws -> (traceID: String, parent: String) {
            var bootstrap = Bootstrap(
                "\(section)\nexporters: [{type: jsonl, config: {path: FOLDER/out.jsonl, mode: truncate}}]", in: folder)
            bootstrap.environment = ConfigEnvironment(["TRACEPARENT": variable])
            try bootstrap.recordOne()
            let spans = try folder.contents("out.jsonl").records.spans
            let span = try #require(spans.first)
            return ("\(span.context.traceID)", "\(span.parentID)")
        }
        let inherited = try trace("", parent)
        #expect(inherited.traceID == "4bf92f3577b34da6a3ce929d0e0e4736" && inherited.parent == "00f067aa0ba902b7")
        let ignored = try trace("application: {trace_parent: ignore}", parent)
        #expect(ignored.traceID != inherited.traceID && ignored.parent == "0000000000000000")
        #expect(try trace("", "").parent == "0000000000000000")
    }

    @Test func `a function can filter, and processors change what exporters get`() throws {
        struct Renamer: RecordProcessor {
            func process(_ records: [Record]) -> [Record] {
                records.map { record in
                    guard case .span(var span) = record else { return record }
                    span.name += "!"
                    return .span(span)
                }
            }
        }
        var bootstrap = Bootstrap("exporters: [{type: jsonl, config: {path: FOLDER/out.jsonl}}]", in: folder)
        bootstrap.filter = .predicate { $0.hasPrefix("no") ? .drop : .keep }
        bootstrap.processors = [Renamer()]
        let recorder = try bootstrap.start()
        for name in ["yes", "no", "nobody", "also"] { recorder.timedSpan(name) { _ in } }
        try recorder.shutdown(timeout: .patience)
        #expect(try folder.spans("out.jsonl") == ["yes!", "also!"])
    }
}
