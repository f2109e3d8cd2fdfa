import OneLogger
import OneLoggerTesting
import Testing

@testable import TrainingTelemetry

/// One job in closures and in callbacks.
@Suite struct StyleTests {
    /// What a record says, but for ids.
    private func lines(_ records: [Record]) -> [String] {
        records.map { record in
            switch record {
            case .span(let span): "span \(span.name) \(span.start) \(span.end) \(span.attributes) \(span.status)"
            case .start(let span): "start \(span.name) \(span.start.nanoseconds) \(span.attributes)"
            case .stop(let span):
                "stop \(span.name) \(span.end.nanoseconds) \(span.attributes) \(span.stopAttributes) \(span.status)"
            case .event(let event):
                "event \(event.event.name) \(event.event.time?.nanoseconds ?? 0) \(event.event.attributes) \(event.isError)"
            case .typedEvent(let event): "typed event \(event)"
            case .metric(let point): "metric \(point.name) \(point.attributes) \(point.value)"
            case .telemetryDataError(let error): "error \(error)"
            }
        }
    }

    private var config: TrainingTelemetryConfig {
        var config = TrainingTelemetryConfig.small
        config.logEveryNTrainIterations = 3
        config.seqLength = 8
        return config
    }

    private func closures(_ job: Job) {
        let training = job.training
        training.application {
            training.measure(.distributedCodeInitialization) { job.wait(1) }
            training.measure(.dataLoaderInitialization) { job.wait(1) }
            training.measure(.checkpointLoad) { job.wait(1) }
            training.measure(.modelInitialization) { job.wait(1) }
            training.measure(.optimizerInitialization) { job.wait(1) }
            training.loop(iterationsStart: 4, samplesTarget: 1000) { loop in
                for number in 4..<11 {
                    _ = try? loop.iteration { iteration in
                        iteration.measure(.dataLoading) { job.wait(0.5) }
                        iteration.measure(.modelForward) { job.wait(1) }
                        iteration.measure(.zeroGrad) { job.wait(0.25) }
                        iteration.measure(.modelBackward) { job.wait(2) }
                        if number == 6 { throw Broken() }
                        iteration.measure(.optimizerUpdate) { job.wait(0.25) }
                        iteration.note(loss: Double(number))
                    }
                }
                loop.saveCheckpoint(step: 10) { save in
                    job.wait(3)
                    save.note(size: 9)
                    save.note(directory: "out")
                }
                loop.validation { validation in
                    for _ in 0..<2 { validation.iteration { job.wait(1) } }
                }
            }
            training.latestLoop.testing { test in test.iteration { job.wait(1) } }
            training.measure(.checkpointSaveFinalization) { job.wait(1) }
        }
    }

    private func callbacks(_ job: Job) throws {
        let training = job.training
        training.onAppStart()
        training.onDistributedInitStart()
        job.wait(1)
        training.onDistributedInitEnd()
        training.onDataLoaderInitStart()
        job.wait(1)
        training.onDataLoaderInitEnd()
        training.onLoadCheckpointStart()
        job.wait(1)
        training.onLoadCheckpointEnd()
        training.onModelInitStart()
        job.wait(1)
        training.onModelInitEnd()
        training.onOptimizerInitStart()
        job.wait(1)
        training.onOptimizerInitEnd()
        training.onTrainStart(trainIterationsStart: 4, trainSamplesTarget: 1000)
        for number in 4..<11 {
            training.onTrainingSingleIterationStart()
            training.onDataLoadingStart()
            job.wait(0.5)
            training.onDataLoadingEnd()
            training.onForwardStart()
            job.wait(1)
            training.onForwardEnd()
            training.onZeroGradStart()
            job.wait(0.25)
            training.onZeroGradEnd()
            training.onBackwardStart()
            job.wait(2)
            training.onBackwardEnd()
            if number == 6 {
                training.onTrainingSingleIterationEnd(error: Broken())
                continue
            }
            training.onOptimizerUpdateStart()
            job.wait(0.25)
            training.onOptimizerUpdateEnd()
            training.onTrainingSingleIterationEnd(loss: Double(number))
        }
        training.onSaveCheckpointStart(globalStep: 10)
        job.wait(3)
        training.onSaveCheckpointSuccess(globalStep: 10, directory: "out", size: 9)
        training.onSaveCheckpointEnd()
        job.validation(2, 1)
        training.onTrainEnd()
        training.onTestingStart()
        training.onTestingSingleIterationStart()
        job.wait(1)
        training.onTestingSingleIterationEnd()
        training.onTestingEnd()
        training.onSaveCheckpointFinalizationStart()
        job.wait(1)
        training.onSaveCheckpointFinalizationEnd()
        try training.onAppEnd(shutsDown: false)
    }

    @Test(arguments: [true, false])
    func `both styles make the same records and the same tree`(all: Bool) throws {
        let (one, other) = (
            try Job(config, filter: all ? .all : .training), try Job(config, filter: all ? .all : .training)
        )
        closures(one)
        try callbacks(other)
        let (first, second) = (one.records(), other.records())
        #expect(lines(first) == lines(second))
        #expect(SpanTree(first.spans).description == SpanTree(second.spans).description)
        #expect(first.spans.count == (all ? 12 + 6 * 6 + 5 + 2 + 1 - 1 : 11))
        #expect(one.problem() == nil && other.problem() == nil)
    }

    @Test func `with the default filter the tree shows what happens once, and metrics sum up the rest`() throws {
        let job = try Job(config)
        closures(job)
        let records = job.records()
        #expect(
            SpanTree(records.spans).description == """
                application
                ├─ distributed_code_initialization
                ├─ data_loader_initialization
                ├─ checkpoint_load
                ├─ model_initialization
                ├─ optimizer_initialization
                ├─ training_loop
                │  ├─ checkpoint_save_sync
                │  ╰─ validation_loop
                ├─ testing_loop
                ╰─ checkpoint_save_finalization
                """)
        let metrics = job.recorder.metrics(), parts = Set(TrainingSpan.allCases.filter(\.isPerIteration).map(\.text))
        var durations: [String: Int] = [:], failures: [String: Double] = [:]
        for point in metrics {
            guard case .string(let name) = point.attributes["span.name"], parts.contains(name) else { continue }
            switch point.value {
            case .histogram(let histogram): durations[name] = Int(histogram.count)
            case .sum(let count) where point.attributes["span.status"] == "error": failures[name] = count
            default: break
            }
        }
        #expect(
            durations == [
                "training_single_iteration": 7, "data_loading": 7, "model_forward": 7, "zero_grad": 7,
                "model_backward": 7, "optimizer_update": 6, "validation_single_iteration": 2,
                "testing_single_iteration": 1,
            ])
        #expect(failures == ["training_single_iteration": 1])
        let updates = records.events("training_metrics_update").map(\.attributes)
        #expect(updates.map { $0["num_iterations"] } == [2, 3, 1])
        #expect(updates[0]["avg_forward_time_sec"] == 1.0 && updates[0]["avg_dataloader_time_sec"] == 0.5)
        #expect(updates.map { $0["latest_loss"] } == [5.0, 9.0, 10.0])
    }

    @Test func `spans of the application's own hang where they are, in closures and below them in tasks`() async throws
    {
        let job = try Job(filter: .all)
        let (training, recorder) = (job.training, job.recorder)
        await training.application {
            await training.loop { loop in
                await loop.iteration { iteration in
                    recorder.timedSpan("own") { _ in
                        iteration.measure(.modelForward) { recorder.timedSpan("layer") { _ in } }
                    }
                    await iteration.measure(.dataLoading) { await Task { recorder.timedSpan("read") { _ in } }.value }
                }
                loop.validation { validation in
                    validation.iteration { recorder.timedSpan("score") { _ in } }
                }
                loop.saveCheckpoint(step: 1) { _ in recorder.timedSpan("write") { _ in } }
            }
            training.measure(.checkpointLoad) { recorder.timedSpan("file") { _ in } }
        }
        #expect(
            Set(
                SpanTree(job.records().spans).description.split(separator: "\n").map {
                    $0.filter { !"│├╰─ ".contains($0) }
                })
                == [
                    "application", "training_loop", "training_single_iteration", "own", "model_forward", "layer",
                    "data_loading", "read", "validation_loop", "validation_single_iteration", "score",
                    "checkpoint_save_sync", "write", "checkpoint_load", "file",
                ])
    }

    @Test func `filtered spans leave no gap: what is below hangs under the nearest exported one`() throws {
        let job = try Job()
        job.training.application {
            job.training.loop { loop in
                loop.iteration { iteration in
                    iteration.measure(.modelForward) { job.recorder.timedSpan("layer") { _ in } }
                }
            }
        }
        #expect(
            SpanTree(job.records().spans).description == """
                application
                ╰─ training_loop
                   ╰─ layer
                """)
    }

    @Test func `what a closure throws is recorded and thrown, whatever it is a part of`() async throws {
        let job = try Job(filter: .all)
        let training = job.training
        #expect(throws: Broken.self) {
            try training.application {
                try training.loop { loop in try loop.iteration { _ in throw Broken() } }
            }
        }
        let failed = job.records()
        #expect(failed.spans.allSatisfy { $0.status == .error("") } && failed.spans.count == 3)
        #expect(
            failed.events("error").map { $0.attributes["error_message"] } == [
                "Error in training_single_iteration: ", "Error in training_loop: ", "Error in application: ",
            ])
        await #expect(throws: CancellationError.self) {
            try await training.loop { loop in
                try await loop.saveCheckpoint(step: 1) { _ async throws in throw CancellationError() }
            }
        }
        let cancelled = job.records()
        #expect(cancelled.spans.map(\.status) == [.cancelled, .cancelled])
        #expect(cancelled.events("save_checkpoint_success").isEmpty, "a save that throws has not succeeded")
        #expect(cancelled.events("sync_checkpoint_metrics_update").count == 1)
    }

    @Test func `a closure gives back what its body returns, also what cannot be copied`() throws {
        struct Token: ~Copyable { var value: Int }
        let job = try Job()
        let token = job.training.loop { loop in loop.iteration { _ in Token(value: 7) } }
        #expect(token.value == 7)
        #expect(job.training.measure(.modelInitialization) { 3 } == 3)
    }

    @Test func `several loops of one process each begin with nothing`() throws {
        let job = try Job(config)
        for _ in 0..<2 {
            job.training.loop { loop in
                for _ in 0..<4 { loop.iteration { _ in job.wait(1) } }
                loop.validation { $0.iteration { job.wait(1) } }
            }
        }
        let records = job.records(), updates = records.events("training_metrics_update").map(\.attributes)
        #expect(updates.map { $0["num_iterations"] } == [3, 1, 3, 1])
        #expect(updates.map { $0["current_iteration"] } == [2, 3, 2, 3])
        #expect(updates.map { $0["num_train_samples"] } == [96, 128, 96, 128])
        let validations = records.events("validation_metrics_update").map(\.attributes)
        #expect(validations.map { $0["cumulative_total_iteration_time_sec"] } == [1.0, 1.0])
    }

    @Test func `without an application, the loop says which process this is`() throws {
        let job = try Job()
        job.training.loop { _ in }
        job.training.loop { _ in }
        let records = job.records()
        #expect(records.spans(ofEvent: "one_logger_initialization") == ["training_loop"])
        #expect(records.spans(ofEvent: "update_training_telemetry_config") == ["training_loop"])
    }
}
