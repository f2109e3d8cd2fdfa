import OneLoggerConfig
import OneLoggerCore
import Testing

@Suite struct ApplicationSectionTests {
    private func section(_ yaml: String, _ environment: [String: String] = [:]) throws -> ApplicationSection {
        try resolve("application: \(yaml)", environment: environment).applicationSection
    }

    @Test func `every key is read`() throws {
        let section = try section(
            """

              name: digits
              session_tag: ""
              world_size: 8
              rank: 7
              local_rank: 3
              enable_for_ranks: [0, 7]
              is_baseline_run: true
              custom_metadata: {text: a, flag: true, count: 3, share: 0.5, names: [a, b], sizes: [1, 2.5], none: [], gone: ~}
              summary_data_schema_version: "2.0.0"
              trace_parent: ignore
            """)
        var expected = ApplicationSection()
        expected.name = "digits"
        expected.sessionTag = ""
        expected.worldSize = 8
        expected.rank = 7
        expected.localRank = 3
        expected.enabledRanks = .only([0, 7])
        expected.isBaselineRun = true
        expected.customMetadata = [
            "text": "a", "flag": true, "count": 3, "share": 0.5, "names": .strings(["a", "b"]),
            "sizes": .doubles([1, 2.5]),
            "none": .strings([]),
        ]
        expected.summaryDataSchemaVersion = "2.0.0"
        expected.traceParent = .ignore
        #expect(section == expected)
    }

    @Test func `an absent section, an empty one and nulls give the defaults`() throws {
        #expect(try resolve("").applicationSection == ApplicationSection())
        #expect(try section("") == ApplicationSection())
        #expect(try section("{}") == ApplicationSection())
        #expect(
            try section("{name: ~, world_size: null, custom_metadata: ~, enable_for_ranks: ~}") == ApplicationSection())
    }

    @Test func `a blank name and a blank metadata key are refused`() {
        #expect(
            problems("application: {name: \" \"}") == "a.yaml:1:21: error: 'application.name' is blank. "
                + "Write some text, or remove the key.")
        #expect(
            problems("application: {custom_metadata: {\"\": 1}}") == "a.yaml:1:33: error: "
                + "'application.custom_metadata' has a blank key. Write a name before the ':'.")
    }

    @Test func `a rank that is not chosen is disabled, and its errors are quiet unless somebody says otherwise`() throws
    {
        let disabled = try resolve("application: {enable_for_ranks: [0]}", environment: ["RANK": "5"])
        #expect(!disabled.applicationSection.isEnabled)
        #expect(disabled.recorderSection.onError == nil)
        #expect(disabled.recorderSection.onError(isEnabled: false) == .disableQuietly)
        #expect(disabled.recorderSection.onError(isEnabled: true) == .propagate)

        let explicit = try resolve(
            "application: {enable_for_ranks: [0]}\nrecorder: {on_error: propagate}", environment: ["RANK": "5"])
        #expect(explicit.recorderSection.onError(isEnabled: explicit.applicationSection.isEnabled) == .propagate)
    }

    @Test(arguments: [("all", 5, true), ("[5]", 5, true), ("[0, 1]", 5, false), ("[]", 0, false)])
    func `ranks choose themselves`(ranks: String, rank: Int, isEnabled: Bool) throws {
        #expect(try section("{enable_for_ranks: \(ranks)}", ["RANK": "\(rank)"]).isEnabled == isEnabled)
    }

    @Test func `a process without a rank counts as rank 0`() throws {
        #expect(try section("{enable_for_ranks: [0]}").isEnabled)
        #expect(try !section("{enable_for_ranks: [1]}").isEnabled)
    }
}

@Suite struct RecorderSectionTests {
    private func section(_ yaml: String) throws -> RecorderSection { try resolve("recorder: \(yaml)").recorderSection }

    @Test func `every key is read`() throws {
        let section = try section(
            """

              on_error: disable_quietly
              when_full: overwrite_oldest
              block_limit_ms: 0
              pool_bytes: 262144
              flush_interval_ms: 10
              sampling: {mode: parent_based, ratio: 0.25}
              filter: {summarise: [iteration]}
              verbosity: 2
              announce: none
              signals: none
              disable_after: 1
              probe_after_s: 0.01
              shutdown_timeout_s: 600
              metrics_interval_s: 0.1
              metrics: {spans: [a, b], process: false, health: false, exemplars: true, series_limit: 7}
              time_tolerance_s: 60
            """)
        var expected = RecorderSection()
        expected.onError = .disableQuietly
        expected.whenFull = .overwriteOldest
        expected.blockLimit = .zero
        expected.poolBytes = 262_144
        expected.flushInterval = .milliseconds(10)
        expected.sampling = .parentBased(ratio: 0.25)
        expected.filter = .summarise(["iteration"])
        expected.verbosity = 2
        expected.announce = .nothing
        expected.signals = .ignore
        expected.disableAfter = 1
        expected.probeAfter = .milliseconds(10)
        expected.shutdownTimeout = .seconds(600)
        expected.metricsInterval = .milliseconds(100)
        expected.metrics.spans = .only(["a", "b"])
        expected.metrics.process = false
        expected.metrics.health = false
        expected.metrics.exemplars = true
        expected.metrics.seriesLimit = 7
        expected.timeTolerance = .seconds(60)
        #expect(section == expected)
    }

    @Test func `an absent section and an empty one give the defaults`() throws {
        #expect(try resolve("").recorderSection == RecorderSection())
        #expect(try section("{}") == RecorderSection())
        #expect(try section("{filter: ~, sampling: ~, metrics: {}}") == RecorderSection())
        #expect(try section("{metrics: {spans: false}}").metrics.spans == .none)
        #expect(try section("{metrics: {spans: true}}").metrics.spans == .all)
    }

    @Test(arguments: [
        ("propagate", RecorderSection.OnError.propagate), ("propagate_exceptions", .propagate),
        ("disable_quietly", .disableQuietly), ("disable_quietly_and_report_metric_error", .disableQuietly),
    ])
    func `the strategies of nv-one-logger keep working`(word: String, meant: RecorderSection.OnError) throws {
        #expect(try section("{on_error: \(word)}").onError == meant)
    }

    @Test(arguments: [
        ("{mode: all}", RecorderSection.Sampling.all), ("{mode: ratio, ratio: 0}", .ratio(0)),
        ("{mode: ratio, ratio: 1.0}", .ratio(1)), ("{mode: parent_based}", .parentBased(ratio: 1)),
        ("{mode: parent_based, ratio: 0.5}", .parentBased(ratio: 0.5)),
    ])
    func `sampling is read`(yaml: String, meant: RecorderSection.Sampling) throws {
        #expect(try section("{sampling: \(yaml)}").sampling == meant)
    }

    @Test(arguments: [
        ("{ratio: 0.5}", "'recorder.sampling.mode' is required here"),
        ("{}", "'recorder.sampling.mode' is required here"),
        ("{mode: ratio, ratio: 1.1}", "'recorder.sampling.ratio' is 1.1"),
        ("{mode: never}", "\"never\", which is not allowed"),
        ("{mode: ratio, ratio: -0.1}", "'recorder.sampling.ratio' is -0.1"),
        ("all", "'recorder.sampling' must be a map"),
        ("{mode: ratio, ratio: half}", "'recorder.sampling.ratio' must be a number"),
        ("{mode: all, ratoi: 1}", "unknown key 'recorder.sampling.ratoi'. Did you mean 'ratio'?"),
    ])
    func `sampling that makes no sense is one error`(yaml: String, message: String) {
        #expect(problems("recorder: {sampling: \(yaml)}").contains(message))
        #expect(problems("recorder: {sampling: \(yaml)}").split(separator: "\n").count == 1)
    }

    @Test(arguments: [
        ("{include: [a, b]}", RecorderSection.Filter.include(["a", "b"])), ("{exclude: []}", .exclude([])),
        ("{summarise: [a]}", .summarise(["a"])),
    ])
    func `a filter is read`(yaml: String, meant: RecorderSection.Filter) throws {
        #expect(try section("{filter: \(yaml)}").filter == meant)
    }

    @Test(arguments: [
        ("{include: [\"\"]}", "holds a blank name"), ("{include: a}", "must be a list"),
        ("{exclude: [1]}", "must be a text"),
        ("{include: [a], exclude: [b], summarise: [c]}", "has include and exclude and summarise"),
        ("[a]", "'recorder.filter' must be a map"),
    ])
    func `a filter that makes no sense is an error`(yaml: String, message: String) {
        #expect(problems("recorder: {filter: \(yaml)}").contains(message))
    }
}
