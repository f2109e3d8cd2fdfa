import OneLogger
import OneLoggerTesting
import Testing

@testable import TrainingTelemetry

/// What the reference promises of a training job, fact by fact.
@Suite struct FactTests {
    @Test func `a job of 90 iterations gives 9 updates, 29 saves and 17 validations, and no span of an iteration`()
        throws
    {
        let job = try Job()
        job.training.onAppStart()
        job.training.onTrainStart(trainIterationsStart: 0)
        for number in 0..<90 {
            job.iteration(1)
            if number > 0, number % 3 == 0 { job.save(number) }
            if number > 0, number % 5 == 0 { job.validation(2, 0.25) }
        }
        job.training.onTrainEnd()
        try job.training.onAppEnd(shutsDown: false)
        let records = job.records()
        #expect(records.events("training_metrics_update").count == 9)
        #expect(records.starts("checkpoint_save_sync").count == 29)
        #expect(records.events("save_checkpoint_success").count == 29)
        #expect(records.events("sync_checkpoint_metrics_update").count == 29)
        #expect(records.starts("validation_loop").count == 17)
        #expect(records.events("validation_metrics_update").count == 17)
        let names = Set(records.spans.map(\.name))
        #expect(names == ["application", "training_loop", "checkpoint_save_sync", "validation_loop"])
        #expect(
            records.events("training_metrics_update").map { $0.attributes["current_iteration"] } == [
                9, 19, 29, 39, 49, 59, 69, 79, 89,
            ])
    }

    @Test func `a resumed job reports its first, shorter window and the rest at the end`() throws {
        var config = TrainingTelemetryConfig.small
        config.logEveryNTrainIterations = 8
        let job = try Job(config)
        job.training.onTrainStart(trainIterationsStart: 10)
        for _ in 0..<10 { job.iteration(1) }
        job.training.onTrainEnd()
        let updates = job.records().events("training_metrics_update")
        #expect(updates.map { $0.attributes["current_iteration"] } == [15, 19])
        #expect(updates.map { $0.attributes["num_iterations"] } == [6, 4])
        #expect(updates.map(\.time) == [120_006, 120_010].map { Timestamp(secondsSince1970: $0) })
    }

    @Test func `two validations tell their own times and the cumulative ones`() throws {
        let job = try Job()
        job.training.onTrainStart(trainIterationsStart: 0)
        for _ in 0..<30 { job.iteration(1) }
        job.validation(10, 5)
        for _ in 0..<40 { job.iteration(1) }
        job.validation(10, 10)
        job.training.onTrainEnd()
        let updates = job.records().events("validation_metrics_update").map(\.attributes)
        #expect(updates.map { $0["interval"] } == [30, 40])
        #expect(updates.map { $0["avg_iteration_time_sec"] } == [5.0, 10.0])
        #expect(updates.map { $0["cumulative_avg_iteration_time_sec"] } == [5.0, 7.5])
        #expect(updates.map { $0["cumulative_total_iteration_time_sec"] } == [50.0, 150.0])
    }

    @Test func `the success of an asynchronous save that comes after its end stands on the application`() throws {
        var config = TrainingTelemetryConfig.small
        config.saveCheckpointStrategy = .async
        let job = try Job(config)
        job.training.onAppStart()
        job.training.onTrainStart(trainIterationsStart: 0)
        job.iteration(1)
        job.training.onSaveCheckpointStart(globalStep: 1)
        job.training.onSaveCheckpointEnd()
        job.training.onSaveCheckpointStart(globalStep: 2)
        job.training.onSaveCheckpointSuccess(globalStep: 1, directory: "out", size: 7)
        job.training.onSaveCheckpointSuccess(globalStep: 2)
        job.training.onSaveCheckpointEnd(globalStep: 2)
        job.training.onTrainEnd()
        try job.training.onAppEnd(shutsDown: false)
        let records = job.records()
        #expect(records.spans(ofEvent: "save_checkpoint_success") == ["application", "application"])
        #expect(
            records.spans(ofEvent: "sync_checkpoint_metrics_update") == [
                "checkpoint_save_async", "checkpoint_save_async",
            ])
        let first = try #require(records.events("save_checkpoint_success").first).attributes
        #expect(first["checkpoint_strategy"] == "async" && first["current_iteration"] == 1)
        #expect(first["checkpoint_directory"] == "out" && first["checkpoint_size"] == 7)
        #expect(job.problem() == nil)
    }

    @Test func `an iteration that starts twice, and an end without a start, are mistakes with these words`() throws {
        let job = try Job()
        job.training.onTrainStart(trainIterationsStart: 0)
        job.training.onTrainingSingleIterationStart()
        job.training.onTrainingSingleIterationStart()
        #expect(
            job.problem()
                == "TrainingTelemetry.onTrainingSingleIterationStart: error: Cannot start timer since it is already active: "
                + "training_single_iteration (open: training_loop, training_single_iteration). "
                + "Call the matching end first.")
        job.training.onModelInitEnd()
        #expect(
            job.problem()
                == "TrainingTelemetry.onModelInitEnd: error: Expected to have one and only one span named "
                + "model_initialization but found 0 (open: training_loop, training_single_iteration). "
                + "Call the matching start once before.")
        // and the first iteration goes on
        job.wait(2)
        job.training.onTrainingSingleIterationEnd()
        #expect(job.training.latestLoop.completedIterations == 1 && job.problem() == nil)
    }

    @Test
    func `an iteration that is open when the application ends is stopped with one error, and the recorder is closed`()
        throws
    {
        let job = try Job(filter: .all)
        job.training.onAppStart()
        job.training.onTrainStart(trainIterationsStart: 0)
        job.training.onTrainingSingleIterationStart()
        job.wait(3)
        try job.training.onAppEnd(shutsDown: false)
        let records = job.records()
        let errors = records.events("error")
        #expect(
            errors.map { $0.attributes["error_message"] } == [
                .string(
                    "Timer for span training_single_iteration was automatically stopped because the span is being stopped. "
                        + "End it before the application ends.")
            ])
        #expect(records.spans(ofEvent: "error") == ["training_single_iteration"])
        #expect(records.spans.map(\.name) == ["training_single_iteration", "training_loop", "application"])
        #expect(job.training.latestLoop.completedIterations == 0)

        let second = try Job()
        second.training.onAppStart()
        try second.training.onAppEnd()
        #expect(!second.recorder.isRecording)
    }
}
