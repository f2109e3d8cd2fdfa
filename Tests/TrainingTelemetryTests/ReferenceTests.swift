import Foundation
import OneLogger
import OneLoggerJSONL
import OneLoggerTesting
import OneLoggerTestSupport
import Testing

@testable import TrainingTelemetry

/// The same jobs by the predecessor itself, Python's nv-one-logger: its records beside ours.
@Suite struct ReferenceTests {
    /// One step of a job, under the predecessor's names.
    struct Step: Sendable {
        var name: String
        var arguments: [String: Double] = [:]

        static func wait(_ seconds: Double) -> Step { Step(name: "wait", arguments: ["seconds": seconds]) }
        static func call(_ name: String) -> Step { Step(name: "on_" + name) }
        static func call(_ name: String, step: Int) -> Step {
            Step(name: "on_" + name, arguments: ["global_step": Double(step)])
        }
    }

    struct Plan: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var interval: Int
        var start: Int
        var isAsync = false
        /// With throughput, lengths and targets.
        var isFull = false
        var steps: [Step]

        var config: TrainingTelemetryConfig {
            var config = TrainingTelemetryConfig(perfTag: "p", globalBatchSize: 32)
            config.logEveryNTrainIterations = interval
            config.saveCheckpointStrategy = isAsync ? .async : .sync
            config.customMetadata = ["n": 1, "team": "x"]
            guard isFull else { return config }
            config.microBatchSize = 4
            config.seqLength = 1024
            config.flopsPerSample = 1_000_000_000_000
            config.trainIterationsTarget = 100
            config.trainSamplesTarget = 3200
            config.isLogThroughputEnabled = true
            return config
        }

        var json: [String: Any] {
            var config: [String: Any] = [
                "perf_tag_or_fn": "p", "global_batch_size_or_fn": 32, "log_every_n_train_iterations": interval,
                "save_checkpoint_strategy": isAsync ? "async" : "sync", "custom_metadata": ["n": 1, "team": "x"],
            ]
            if isFull {
                config.merge(
                    [
                        "micro_batch_size_or_fn": 4, "seq_length_or_fn": 1024, "is_log_throughput_enabled_or_fn": true,
                        "flops_per_sample_or_fn": 1_000_000_000_000, "train_iterations_target_or_fn": 100,
                        "train_samples_target_or_fn": 3200,
                    ]
                ) { $1 }
            }
            let steps = steps.map { step -> [Any] in
                [step.name, step.arguments.mapValues { $0 == $0.rounded() ? Int($0) as Any : $0 }]
            }
            return [
                "config": config, "steps": steps,
                "application": [
                    "application_name": "a", "session_tag_or_fn": "s", "world_size_or_fn": 4,
                    "custom_metadata": ["cluster": "c1"],
                ],
            ]
        }
    }

    private static func iterations(_ seconds: [Double]) -> [Step] {
        seconds.flatMap {
            [Step.call("training_single_iteration_start"), .wait($0), .call("training_single_iteration_end")]
        }
    }

    private static func save(_ step: Int, _ seconds: Double) -> [Step] {
        [
            .call("save_checkpoint_start", step: step), .wait(seconds), .call("save_checkpoint_success", step: step),
            .call("save_checkpoint_end"),
        ]
    }

    private static func validation(_ seconds: [Double]) -> [Step] {
        [.call("validation_start")]
            + seconds.flatMap {
                [Step.call("validation_single_iteration_start"), .wait($0), .call("validation_single_iteration_end")]
            } + [.call("validation_end")]
    }

    private static func train(at start: Int, _ steps: [Step]) -> [Step] {
        [
            .call("app_start"), .wait(7),
            Step(name: "on_train_start", arguments: ["train_iterations_start": Double(start)]),
        ] + steps + [.call("train_end"), .wait(1), .call("app_end")]
    }

    private static let initialisations = [
        "distributed_init", "dataloader_init", "load_checkpoint", "model_init", "optimizer_init",
    ]
    .flatMap { [Step.call($0 + "_start"), .wait(0.25), .call($0 + "_end")] }

    /// An iteration with a checkpoint after each third and a validation after each fifth.
    private static func manySaves(_ number: Int) -> [Step] {
        var steps = iterations([Double(number % 7 + 1) / 4])
        if number > 0, number % 3 == 0 { steps += save(number, Double(number % 5 + 1) / 2) }
        if number > 0, number % 5 == 0 { steps += validation([0.25, 1.5]) }
        return steps
    }

    static let plans = [
        Plan(
            testDescription: "the captured sample", interval: 2, start: 10, isFull: true,
            steps: train(
                at: 10,
                iterations([2, 1, 4]) + save(13, 6) + validation([0.5]) + [.wait(0.5), .call("testing_start")]
                    + [.wait(0.5), .call("testing_end")])),
        Plan(
            testDescription: "90 iterations", interval: 10, start: 0, isFull: true,
            steps: train(at: 0, (0..<90).flatMap(manySaves))),
        Plan(
            testDescription: "asynchronous, resumed", interval: 8, start: 10, isAsync: true,
            steps: initialisations
                + train(
                    at: 10,
                    iterations([1, 2, 3, 4]) + [.call("save_checkpoint_start", step: 13), .wait(0.5)]
                        + [.call("save_checkpoint_end"), .wait(2), .call("save_checkpoint_success", step: 13)]
                        + iterations([5, 6, 7]) + validation([5, 5]) + iterations([1, 1, 0.25]) + validation([10])
                        + [.call("testing_start"), .wait(3), .call("testing_end")])),
    ]

    /// Ours under the predecessor's names.
    private func run(_ step: Step, _ job: Job) throws {
        let training = job.training, number = step.arguments.values.first ?? 0
        switch step.name {
        case "wait": job.wait(number)
        case "on_app_start": training.onAppStart()
        case "on_app_end": try training.onAppEnd(shutsDown: false)
        case "on_distributed_init_start": training.onDistributedInitStart()
        case "on_distributed_init_end": training.onDistributedInitEnd()
        case "on_dataloader_init_start": training.onDataLoaderInitStart()
        case "on_dataloader_init_end": training.onDataLoaderInitEnd()
        case "on_load_checkpoint_start": training.onLoadCheckpointStart()
        case "on_load_checkpoint_end": training.onLoadCheckpointEnd()
        case "on_model_init_start": training.onModelInitStart()
        case "on_model_init_end": training.onModelInitEnd()
        case "on_optimizer_init_start": training.onOptimizerInitStart()
        case "on_optimizer_init_end": training.onOptimizerInitEnd()
        case "on_train_start": training.onTrainStart(trainIterationsStart: Int(number))
        case "on_train_end": training.onTrainEnd()
        case "on_training_single_iteration_start": training.onTrainingSingleIterationStart()
        case "on_training_single_iteration_end": training.onTrainingSingleIterationEnd()
        case "on_validation_start": training.onValidationStart()
        case "on_validation_end": training.onValidationEnd()
        case "on_validation_single_iteration_start": training.onValidationSingleIterationStart()
        case "on_validation_single_iteration_end": training.onValidationSingleIterationEnd()
        case "on_testing_start": training.onTestingStart()
        case "on_testing_end": training.onTestingEnd()
        case "on_save_checkpoint_start": training.onSaveCheckpointStart(globalStep: Int(number))
        case "on_save_checkpoint_success": training.onSaveCheckpointSuccess(globalStep: Int(number))
        case "on_save_checkpoint_end": training.onSaveCheckpointEnd()
        default: Issue.record("\(step.name) is unknown")
        }
    }

    private struct Names: Decodable {
        var node: String
        var spans, events: [String]
        var attributes: [String: [String]]
    }

    /// What the predecessor records, and what it declares.
    private func reference(_ plan: Plan) throws -> (records: [Record], names: Names) {
        let folder = TemporaryFolder()
        try JSONSerialization.data(withJSONObject: plan.json, options: .sortedKeys).write(
            to: URL(fileURLWithPath: folder("job.json")))
        let child = try ChildProcess(
            python,
            ["\(packageFolder)/Tests/Helpers/training_reference.py", folder("job.json"), folder("lines.jsonl")],
            errors: folder("errors"))
        let (end, output) = child.finish()
        try #require(end == .exit(0), "\(output)\(folder.text("errors"))")
        let contents = try JSONLReader.contents(ofFile: folder("lines.jsonl"))
        #expect(contents.problems == [])
        return (contents.records, try JSONDecoder().decode(Names.self, from: Data(output.utf8)))
    }

    /// A span or an event, without what differs in form.
    private struct Item: Equatable {
        var name: String
        var milliseconds: [Int]
        var attributes: Attributes
    }

    /// Spans in the order of their ends.
    private func spans(_ records: [Record]) -> [Item] {
        records.spans.map { span in
            let started = records.starts(span.name).first { $0.context.spanID == span.context.spanID } ?? span
            return Item(
                name: span.name, milliseconds: [started.start.milliseconds, span.end.milliseconds],
                attributes: started.attributes)
        }
    }

    /// Events in their order, each with its span.
    private func events(_ records: [Record]) -> [Item] {
        var names: [SpanID: String] = [:]
        return records.compactMap { record -> Item? in
            switch record {
            case .start(let span):
                names[span.context.spanID] = span.name
                return nil
            case .event(let event):
                let span = names[event.span.spanID] ?? "?"
                return Item(
                    name: "\(event.event.name) on \(span)",
                    milliseconds: [event.event.time?.milliseconds ?? 0],
                    attributes: event.event.attributes)
            default: return nil
            }
        }
    }

    @Test(arguments: plans)
    func `what the predecessor records of a job, we record too`(plan: Plan) throws {
        let (theirs, names) = try reference(plan)
        let resource = Resource(
            host: names.node, rank: 0, worldSize: 4, sessionTag: "s", customMetadata: ["cluster": "c1"])
        let job = try Job(plan.config, resource: resource)
        for step in plan.steps { try run(step, job) }
        let ours = job.records()
        #expect(job.problem() == nil)

        // Every span, at the same times, with the same attributes, ended in the same order.
        let (ourSpans, theirSpans) = (spans(ours), spans(theirs))
        #expect(ourSpans.count == theirSpans.count && !ourSpans.isEmpty)
        for (our, their) in zip(ourSpans, theirSpans) { #expect(our == their) }

        // Every event, on the same span at the same time; and the rest of the last window, which they forget.
        var cumulative = Cumulative()
        var (ourEvents, theirEvents) = (events(ours), events(theirs)[...])
        if ourEvents.count > theirEvents.count {
            let last = try #require(
                ourEvents.lastIndex { $0.name == "training_metrics_update on training_loop" })
            let rest = ourEvents.remove(at: last)
            let current = try #require(rest.attributes.number("current_iteration"))
            #expect((Int(current) + 1) % plan.interval != 0)
        }
        #expect(ourEvents.count == theirEvents.count)
        for our in ourEvents {
            guard let their = theirEvents.popFirst() else { break }
            #expect(our.name == their.name && our.milliseconds == their.milliseconds)
            cumulative.check(our.name, our.attributes, their.attributes, plan)
        }
    }

    /// What of an event is the same, and how the rest follows from ours: theirs is over the whole job.
    private struct Cumulative {
        var count = 0.0, total = 0.0, least = Double.infinity, most = 0.0

        private func same(_ found: Double?, _ expected: Double, _ key: String) {
            #expect(abs((found ?? .nan) - expected) <= 1e-12 * abs(expected), "\(key): \(found ?? .nan), \(expected)")
        }

        mutating func check(_ event: String, _ ours: Attributes, _ theirs: Attributes, _ plan: Plan) {
            var expected = theirs
            switch event.prefix(while: { $0 != " " }) {
            case "one_logger_initialization":
                expected["one_logger_training_telemetry_version"] = ours["one_logger_training_telemetry_version"]
            case "training_metrics_update":
                count += ours.number("num_iterations") ?? .nan
                total += ours.number("total_iteration_time_sec") ?? .nan
                least = min(least, ours.number("min_iteration_time_sec") ?? .nan)
                most = max(most, ours.number("max_iteration_time_sec") ?? .nan)
                same(theirs.number("num_iterations"), count, "num_iterations")
                same(theirs.number("total_iteration_time_sec"), total, "total_iteration_time_sec")
                same(theirs.number("avg_iteration_time_sec"), total / count, "avg_iteration_time_sec")
                same(theirs.number("min_iteration_time_sec"), least, "min_iteration_time_sec")
                same(theirs.number("max_iteration_time_sec"), most, "max_iteration_time_sec")
                #expect(theirs["interval"] == .int(plan.interval))
                for key in ["num_iterations", "interval"]
                    + ["total", "avg", "min", "max"].map({ "\($0)_iteration_time_sec" })
                {
                    expected[key] = ours[key]
                }
                guard plan.isFull else {
                    // They say that there were none, where nobody counts them.
                    #expect(theirs["total_flops"] == 0 && ours["total_flops"] == nil)
                    expected["total_flops"] = nil
                    break
                }
                let flops = ours.number("total_flops") ?? .nan
                same(theirs.number("train_throughput_per_gpu"), flops / (total * 4e12), "train_throughput_per_gpu")
                for key in ["", "_max", "_min"].map({ "train_throughput_per_gpu" + $0 }) { expected[key] = ours[key] }
            case "validation_metrics_update":
                for key in ["total", "avg", "min", "max"].map({ "\($0)_iteration_time_sec" }) {
                    #expect(ours["cumulative_" + key] == theirs[key], "\(key)")
                    expected[key] = ours[key]
                }
            default: break
            }
            for (key, value) in expected { #expect(ours[key] == value, "\(event): \(key)") }
        }
    }

    @Test func `every name that the predecessor declares is one of ours`() throws {
        let names = try reference(Self.plans[0]).names
        #expect(Set(names.spans.map { $0.lowercased() } + ["application"]) == Set(TrainingSpan.allCases.map(\.text)))
        let recorded = try Everything.recorded()
        #expect(Set(names.events) == Set(recorded.events.keys))
        let holders = [
            "TrainingLoopAttributes": recorded.spans["training_loop"],
            "CheckpointSaveSpanAttributes": recorded.spans["checkpoint_save_sync"],
            "OneLoggerInitializationAttributes": recorded.events["one_logger_initialization"],
            "TrainingTelemetryAttributes": recorded.events["update_training_telemetry_config"],
            "TrainingMetricsUpdateAttributes": recorded.events["training_metrics_update"],
            "ValidationMetricsUpdateAttributes": recorded.events["validation_metrics_update"],
            "TestingMetricsUpdateAttributes": recorded.events["testing_metrics_update"],
            "SaveCheckpointSuccessEventAttributes": recorded.events["save_checkpoint_success"],
            "SyncCheckpointMetricsUpdateAttributes": recorded.events["sync_checkpoint_metrics_update"],
        ]
        #expect(Set(names.attributes.keys) == Set(holders.keys))
        for (holder, attributes) in names.attributes {
            let ours = try #require(holders[holder] ?? nil)
            #expect(Set(attributes).subtracting(ours) == [], "\(holder)")
            #expect(!attributes.isEmpty)
        }
    }
}
