import OneLogger
import OneLoggerTesting
import Synchronization
import Testing

@testable import TrainingTelemetry

/// Calls that make no sense, and configurations that cannot be used.
@Suite struct MisuseTests {
    typealias Call = (name: String, span: String, call: @Sendable (TrainingTelemetry) -> Void)

    /// Every end there is, with its name.
    static let ends: [Call] = [
        ("onTrainEnd", "training_loop", { $0.onTrainEnd() }),
        ("onTrainingSingleIterationEnd", "training_single_iteration", { $0.onTrainingSingleIterationEnd() }),
        ("onValidationEnd", "validation_loop", { $0.onValidationEnd() }),
        ("onValidationSingleIterationEnd", "validation_single_iteration", { $0.onValidationSingleIterationEnd() }),
        ("onTestingEnd", "testing_loop", { $0.onTestingEnd() }),
        ("onTestingSingleIterationEnd", "testing_single_iteration", { $0.onTestingSingleIterationEnd() }),
        ("onDistributedInitEnd", "distributed_code_initialization", { $0.onDistributedInitEnd() }),
        ("onDataLoaderInitEnd", "data_loader_initialization", { $0.onDataLoaderInitEnd() }),
        ("onModelInitEnd", "model_initialization", { $0.onModelInitEnd() }),
        ("onOptimizerInitEnd", "optimizer_initialization", { $0.onOptimizerInitEnd() }),
        ("onLoadCheckpointEnd", "checkpoint_load", { $0.onLoadCheckpointEnd() }),
        ("onSaveCheckpointEnd", "checkpoint_save_async", { $0.onSaveCheckpointEnd() }),
        ("onSaveCheckpointFinalizationEnd", "checkpoint_save_finalization", { $0.onSaveCheckpointFinalizationEnd() }),
        ("onDataLoadingEnd", "data_loading", { $0.onDataLoadingEnd() }),
        ("onForwardEnd", "model_forward", { $0.onForwardEnd() }),
        ("onZeroGradEnd", "zero_grad", { $0.onZeroGradEnd() }),
        ("onBackwardEnd", "model_backward", { $0.onBackwardEnd() }),
        ("onOptimizerUpdateEnd", "optimizer_update", { $0.onOptimizerUpdateEnd() }),
        ("onAppEnd", "application", { try? $0.onAppEnd(shutsDown: false) }),
    ]

    /// Every start there is, with its name.
    static let starts: [Call] = [
        ("onAppStart", "application", { $0.onAppStart() }),
        ("onTrainStart", "training_loop", { $0.onTrainStart(trainIterationsStart: 0) }),
        ("onTrainingSingleIterationStart", "training_single_iteration", { $0.onTrainingSingleIterationStart() }),
        ("onValidationStart", "validation_loop", { $0.onValidationStart() }),
        ("onValidationSingleIterationStart", "validation_single_iteration", { $0.onValidationSingleIterationStart() }),
        ("onTestingStart", "testing_loop", { $0.onTestingStart() }),
        ("onTestingSingleIterationStart", "testing_single_iteration", { $0.onTestingSingleIterationStart() }),
        ("onDistributedInitStart", "distributed_code_initialization", { $0.onDistributedInitStart() }),
        ("onDataLoaderInitStart", "data_loader_initialization", { $0.onDataLoaderInitStart() }),
        ("onModelInitStart", "model_initialization", { $0.onModelInitStart() }),
        ("onOptimizerInitStart", "optimizer_initialization", { $0.onOptimizerInitStart() }),
        ("onLoadCheckpointStart", "checkpoint_load", { $0.onLoadCheckpointStart() }),
        ("onSaveCheckpointStart", "checkpoint_save_sync", { $0.onSaveCheckpointStart(globalStep: 1) }),
        (
            "onSaveCheckpointFinalizationStart", "checkpoint_save_finalization",
            { $0.onSaveCheckpointFinalizationStart() }
        ),
        ("onDataLoadingStart", "data_loading", { $0.onDataLoadingStart() }),
        ("onForwardStart", "model_forward", { $0.onForwardStart() }),
        ("onZeroGradStart", "zero_grad", { $0.onZeroGradStart() }),
        ("onBackwardStart", "model_backward", { $0.onBackwardStart() }),
        ("onOptimizerUpdateStart", "optimizer_update", { $0.onOptimizerUpdateStart() }),
    ]

    @Test(arguments: starts.indices, [SpanFilter.training, .all])
    func `each start twice names the call and what is open, and the first goes on`(place: Int, filter: SpanFilter)
        throws
    {
        let (name, span, call) = Self.starts[place], job = try Job(filter: filter)
        if name != "onTrainStart" { job.training.onTrainStart(trainIterationsStart: 0) }
        call(job.training)
        call(job.training)
        let problem = try #require(job.problem())
        let words =
            span.contains("single_iteration") || span == "checkpoint_load" || span == "checkpoint_save_sync"
            ? "Cannot start timer since it is already active: \(span)"
            : "Cannot start span \(span) while 1 span(s) with the same name is already active"
        let open = name == "onTrainStart" ? span : "training_loop, \(span)"
        #expect(
            problem == "TrainingTelemetry.\(name): error: \(words) (open: \(open)). Call the matching end first.")
        // Whatever is open ends once, without another word.
        if name != "onAppStart" { job.training.onAppStart() }
        try job.training.onAppEnd(shutsDown: false)
        #expect(job.problem() == nil)
        #expect(job.records().spans.count { $0.name == span } == (job.training.isExported(job.span(span)) ? 1 : 0))
    }

    @Test(arguments: ends.indices)
    func `an end without a start names the call and what is open`(place: Int) throws {
        let (name, span, call) = Self.ends[place], job = try Job()
        call(job.training)
        #expect(
            job.problem()
                == "TrainingTelemetry.\(name): error: Expected to have one and only one span named \(span) but found 0 "
                + "(no span is open). Call the matching start once before.")
    }

    @Test func `a start twice names the call and what is open, and the first goes on`() throws {
        let job = try Job()
        job.training.onAppStart()
        job.training.onAppStart()
        #expect(
            job.problem() == "TrainingTelemetry.onAppStart: error: Cannot start span application while 1 span(s) with "
                + "the same name is already active (open: application). Call the matching end first.")
        job.training.onSaveCheckpointStart(globalStep: 1)
        job.training.onSaveCheckpointStart(globalStep: 2)
        #expect(job.problem()?.hasPrefix("TrainingTelemetry.onSaveCheckpointStart: error: Cannot start timer") == true)
        job.training.onSaveCheckpointSuccess(globalStep: 1)
        job.training.onSaveCheckpointEnd()
        try job.training.onAppEnd(shutsDown: false)
        #expect(job.problem() == nil)
    }

    @Test func `an iteration outside a loop is a mistake`() throws {
        let job = try Job()
        job.training.onTrainingSingleIterationStart()
        #expect(
            job.problem()
                == "TrainingTelemetry.onTrainingSingleIterationStart: error: Expected to have one and only one "
                + "span named training_loop but found 0 (no span is open). Call the matching end first.")
    }

    @Test func `an iteration that ends after its loop is a mistake`() throws {
        let job = try Job()
        let loop = job.training.loop { $0 }
        #expect(loop.iteration { _ in 7 } == 7)
        #expect(
            job.problem()
                == "TrainingTelemetry.loop: error: an iteration has ended after its loop. Wait for it before the "
                + "loop ends.")
    }

    @Test func `a success of a save that never began, or twice, is a mistake`() throws {
        let job = try Job()
        job.training.onSaveCheckpointSuccess(globalStep: 3)
        #expect(job.problem()?.contains("the save of step 3 has ended, or never began") == true)
        job.training.onSaveCheckpointStart(globalStep: 4)
        job.training.onSaveCheckpointSuccess(globalStep: 5)
        #expect(job.problem()?.contains("no save of step 5 has begun, or it has succeeded already") == true)
        job.training.onSaveCheckpointSuccess(globalStep: 4)
        job.training.onSaveCheckpointSuccess(globalStep: 4)
        #expect(job.problem()?.contains("no save of step 4 has begun, or it has succeeded already") == true)
    }

    @Test func `negative counts are mistakes, and count as 0`() throws {
        let job = try Job()
        job.training.onTrainStart(trainIterationsStart: -1, trainSamplesStart: -2, trainSamplesTarget: 0)
        #expect(
            job.problem()
                == "TrainingTelemetry.onTrainStart: error: invalid value for train_samples_target: 0. Give 1 or "
                + "more; it is left out now. (and 2 more)")
        job.training.onTrainEnd()
        let loop = try #require(job.records().spans.first)
        #expect(loop.attributes["train_iterations_start"] == 0 && loop.attributes["train_samples_start"] == 0)
        job.training.loop(iterationsStart: -5) { loop in
            loop.saveCheckpoint(step: -1) { $0.note(size: -7) }
        }
        #expect(
            job.problem()
                == "TrainingTelemetry.loop: error: invalid value for train_iterations_start: -5. Give 0 or more; 0 is used "
                + "now. (and 2 more)")
        let success = try #require(job.records().events("save_checkpoint_success").first)
        #expect(success.attributes["current_iteration"] == 0 && success.attributes["checkpoint_size"] == 0)
        job.training.onSaveCheckpointStart(globalStep: -1)
        job.training.onSaveCheckpointSuccess(globalStep: -1)
        job.training.onSaveCheckpointEnd(globalStep: -1)
        #expect(job.problem()?.contains("invalid value for global_step: -1") == true)
        #expect(job.records().events("save_checkpoint_success").count == 1)
    }

    @Test func `a configuration is checked as a whole`() {
        var config = TrainingTelemetryConfig(perfTag: " ", globalBatchSize: 0)
        config.logEveryNTrainIterations = -1
        config.isLogThroughputEnabled = true
        config.microBatchSize = 0
        config.peakTFLOPSPerGPU = .nan
        config.customMetadata = [" ": 1]
        let error = #expect(throws: TelemetryError.self) { try TrainingTelemetry(recorder: .disabled, config: config) }
        #expect(
            error?.description == """
                code, TrainingTelemetryConfig: error: 'perf_tag' is blank. Give a text, or a list of texts.
                code, TrainingTelemetryConfig: error: 'global_batch_size' is 0. Give an integer of at least 1.
                code, TrainingTelemetryConfig: error: 'log_every_n_train_iterations' is -1. Give an integer of at least 1.
                code, TrainingTelemetryConfig: error: 'micro_batch_size' is 0. Give an integer of at least 1.
                code, TrainingTelemetryConfig: error: 'flops_per_sample' is absent, and throughput is to be logged. Give it, or switch throughput off.
                code, TrainingTelemetryConfig: error: 'peak_tflops_per_gpu' is nan. Give a finite number above 0.
                code, TrainingTelemetryConfig: error: 'custom_metadata' has a blank key. Give it a name.
                """)
    }

    @Test func `a missing configuration is one mistake per loop, and everything runs and is timed`() throws {
        let job = try Job(nil)
        var runs = 0
        job.training.loop { loop in
            for _ in 0..<120 { loop.iteration { _ in runs += 1 } }
            loop.saveCheckpoint(step: 120) { _ in runs += 1 }
        }
        #expect(runs == 121)
        let records = job.records()
        #expect(records.spans.map(\.name) == ["checkpoint_save_sync", "training_loop"])
        #expect(records.events("training_metrics_update").isEmpty)
        #expect(records.events("save_checkpoint_success").count == 1)
        #expect(
            job.problem()?.hasPrefix("TrainingTelemetry.loop: error: the configuration of the training is missing")
                == true)
    }

    @Test func `a late configuration counts before the loop, once, and a wrong one is forgotten`() throws {
        let job = try Job(nil), calls = Locked(0)
        job.training.onAppStart()
        #expect(!job.training.configure(TrainingTelemetryConfig(perfTag: "p", globalBatchSize: 0)))
        #expect(job.problem()?.contains("'global_batch_size' is 0") == true)
        let size = ConfigValue<Int>.function {
            calls.withLock { $0 += 1 }
            return 16
        }
        #expect(job.training.configure(TrainingTelemetryConfig(perfTag: "p", globalBatchSize: size)))
        #expect(!job.training.configure(.small))
        #expect(
            job.problem()
                == "TrainingTelemetry.configure: error: the configuration has already been set. Give it once, "
                + "before the training loop begins.")
        job.training.loop { loop in loop.iteration { _ in } }
        try job.training.onAppEnd(shutsDown: false)
        let records = job.records()
        #expect(calls.withLock { $0 } == 1, "a function is called once")
        #expect(records.spans(ofEvent: "update_training_telemetry_config") == ["application"])
        #expect(records.events("training_metrics_update").map { $0.attributes["num_train_samples"] } == [16])

        let late = try Job(nil)
        late.training.loop { _ in #expect(!late.training.configure(.small)) }
        #expect(late.problem()?.contains("(and 1 more)") == true)
    }

    @Test func `a quiet strategy throws nothing, says one line and lets every body run`() throws {
        let job = try Job(nil, onError: .disableQuietly)
        var runs = 0
        job.training.onTrainEnd()
        job.training.application {
            job.training.loop(iterationsStart: -1) { loop in
                loop.iteration { iteration in iteration.measure(.modelForward) { runs += 1 } }
                loop.validation { $0.iteration { runs += 1 } }
                loop.saveCheckpoint(step: 1) { _ in runs += 1 }
            }
        }
        try job.training.onAppEnd()
        #expect(runs == 3 && !job.recorder.isRecording)
    }
}
