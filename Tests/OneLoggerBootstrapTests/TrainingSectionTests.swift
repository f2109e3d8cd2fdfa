import OneLogger
import OneLoggerBootstrap
import OneLoggerConfig
import OneLoggerJSONL
import OneLoggerTesting
import OneLoggerTestSupport
import Testing
import TrainingTelemetry

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The section `training`, and a training job that is started from a configuration.
@Suite struct TrainingSectionTests {
    private let folder = TemporaryFolder()

    private func check(_ yaml: String) throws -> CheckedConfig {
        let environment = ConfigEnvironment([:])
        let document = try ConfigDocument(text: yaml, environment: environment)
        return try CheckedConfig(ConfigLayers(file: document, environment: environment), catalog: .builtIn)
    }

    private func problems(_ yaml: String) -> String {
        do { _ = try check(yaml) } catch { return "\(error)" }
        return ""
    }

    private func schema() throws -> SettingsNode {
        try ConfigFile(path: "\(packageFolder)/Configs/schema.json").read(
            environment: ConfigEnvironment { "${\($0)}" }, name: "schema.json"
        ).root["$defs"]?["training"]?["properties"] ?? SettingsNode(.null)
    }

    @Test func `a mistake is reported at its place, with all others`() {
        let many = problems("training:\n  perf_tag: [a, 1]\n  global_batch_size: 0\n  seq_lenght: 3")
        for (place, text) in [
            ("2:13", "'training.perf_tag' must be a text or a list of texts"),
            ("3:22", "'training.global_batch_size' is 0"), ("4:3", "unknown key 'training.seq_lenght'"),
        ] {
            #expect(many.contains(":\(place): error: \(text)"), "\(many)")
        }
        #expect(problems("training: {}").contains("'training.perf_tag' is required here"))
        #expect(problems("training: {}").contains("'training.global_batch_size' is required here"))
        #expect(problems("training: 3").contains("'training' must be a map"))
        #expect(
            problems("training: {perf_tag: p, global_batch_size: 1, is_log_throughput_enabled: true}")
                .contains("'training.is_log_throughput_enabled' needs flops_per_sample"))
        #expect(problems("training: {perf_tag: p, global_batch_size: 1}") == "")
    }

    @Test func `the schema has exactly the keys that are read, and the guide a row for each`() throws {
        let message = problems("training: {perf_tag: p, global_batch_size: 1, surplus_key: 1}")
        let allowed = try #require(message.split(separator: "Allowed: ").last).dropLast(1)
        let read = Set(allowed.split(separator: ", ").map(String.init))
        #expect(read.count == 16)
        guard case .map(let entries) = try schema().content else {
            Issue.record("the schema has no section training")
            return
        }
        #expect(Set(entries.map(\.key)) == read)
        let guide = try Repository.text("Docs/config.md")
        for key in read { #expect(guide.contains("`\(key)`"), "\(key)") }
    }

    @Test func `everything that a file says arrives`() throws {
        let file = folder.write(
            """
            application: {session_tag: s, world_size: 2, rank: 1}
            training:
              perf_tag: [a, b]
              global_batch_size: 16
              log_every_n_train_iterations: 2
              is_validation_iterations_enabled: false
              is_log_throughput_enabled: true
              seq_length: 8
              flops_per_sample: 1000
              train_samples_target: 99
              save_checkpoint_strategy: async
              custom_metadata: {team: x}
            exporters: [{type: jsonl, config: {path: FOLDER/out.jsonl}}]
            """, to: "a.yaml")
        var bootstrap = Bootstrap()
        bootstrap.path = file
        bootstrap.environment = ConfigEnvironment([:])
        let section = try #require(try bootstrap.check().training)
        let training = try TrainingTelemetry(recorder: try bootstrap.start(), config: section)
        training.onAppStart()
        training.onTrainStart(trainIterationsStart: 0)
        for _ in 0..<3 {
            training.onTrainingSingleIterationStart()
            training.onTrainingSingleIterationEnd()
        }
        training.onTrainEnd()
        try training.onAppEnd()
        let records = try folder.contents("out.jsonl").records
        func events(_ name: String) -> [Attributes] {
            records.compactMap { record in
                if case .event(let event) = record, event.event.name == name { event.event.attributes } else { nil }
            }
        }
        let config = try #require(events("update_training_telemetry_config").first)
        #expect(config["perf_tag"] == .strings(["a", "b"]) && config["global_batch_size"] == 16)
        #expect(config["is_validation_iterations_enabled"] == false && config["checkpoint_strategy"] == "async")
        #expect(config["custom_metadata"] == .strings(["team:x"]) && config["train_samples_target"] == 99)
        #expect(events("training_metrics_update").map { $0["num_iterations"] } == [2, 1])
        #expect(events("one_logger_initialization").first?["world_size"] == 2)
    }

    @Test func `three lines start a training job, whose iterations are metrics and no spans`() async throws {
        let file = folder.write(
            """
            training: {perf_tag: p, global_batch_size: 4}
            exporters: [{type: jsonl, config: {path: FOLDER/out.jsonl}}]
            """, to: "a.yaml")
        await #expect(processExitsWith: .exitCode(0)) { [file = file as String] in
            let training = try TrainingTelemetry.bootstrap(config: file)
            training.loop { loop in
                for _ in 0..<3 { loop.iteration { $0.measure(.modelForward) {} } }
            }
            guard Recorder.current === training.recorder else { exit(3) }
            exit(0)
        }
        let records = try folder.contents("out.jsonl").records
        #expect(records.spans.map(\.name) == ["training_loop"])
        var counts: [String: Double] = [:]
        for case .metric(let point) in records where point.name == "span.count" {
            guard case .string(let name) = point.attributes["span.name"], case .sum(let count) = point.value else {
                continue
            }
            counts[name] = count
        }
        #expect(counts == ["model_forward": 3, "training_loop": 1, "training_single_iteration": 3])
    }

    @Test func `a rank that is switched off in code or in the file is quiet, also with a section training`() throws {
        for section in ["application: {enable_for_ranks: [1]}", ""] {
            var bootstrap = Bootstrap()
            bootstrap.path = folder.write(
                section + "\ntraining: {perf_tag: p, global_batch_size: 1}\nexporters: []", to: "a.yaml")
            bootstrap.environment = ConfigEnvironment(["RANK": "0"])
            if section.isEmpty { bootstrap.application = ApplicationOptions(enabledRanks: []) }
            let checked = try bootstrap.check()
            let options = RecorderOptions(checked.config.recorderSection, checked.config.applicationSection)
            #expect(!options.isEnabled && options.onError == .disableQuietly)
            let training = try TrainingTelemetry(recorder: try bootstrap.start(), config: checked.training)
            #expect(training.loop(iterationsStart: -1) { loop in loop.iteration { _ in 7 } } == 7)
            try training.onAppEnd()
        }
    }

    @Test func `a filter of the file or of the code has priority, also one that exports everything`() async throws {
        let file = folder.write(
            """
            recorder: {filter: {exclude: []}}
            training: {perf_tag: p, global_batch_size: 4}
            exporters: [{type: jsonl, config: {path: FOLDER/out.jsonl}}]
            """, to: "a.yaml")
        await #expect(processExitsWith: .exitCode(0)) { [file = file as String] in
            let training = try TrainingTelemetry.bootstrap(config: file)
            training.loop { loop in loop.iteration { _ in } }
            exit(0)
        }
        #expect(try folder.spans("out.jsonl") == ["training_single_iteration", "training_loop"])
        await #expect(processExitsWith: .exitCode(0)) { [file = file as String] in
            var config = TrainingTelemetryConfig(perfTag: "p", globalBatchSize: 0)
            do throws(TelemetryError) {
                _ = try TrainingTelemetry.bootstrap(training: config, config: file)
                exit(1)
            } catch {
                config.globalBatchSize = 2
                // Nothing was opened by the first attempt, so the second one is the first.
                let training = try TrainingTelemetry.bootstrap(training: config, config: file, filter: .include(["x"]))
                training.loop { loop in loop.iteration { _ in } }
                exit(0)
            }
        }
    }
}
