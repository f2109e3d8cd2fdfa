import OneLogger
import OneLoggerTesting
import Testing

@testable import TrainingTelemetry

/// The records that the reference was seen to write, field by field.
///
/// Different on purpose: throughput's extremes are those of single iterations, the version is ours, and there are
/// attributes beside those of the reference, which are listed here.
@Suite struct SampleTests {
    /// World size 4, batch 32, 1e12 operations per sample, length 1024, N = 2, resumed at 10; iterations of 2, 1 and 4 s.
    private func records() throws -> [Record] {
        var config = TrainingTelemetryConfig(perfTag: "p", globalBatchSize: 32)
        config.logEveryNTrainIterations = 2
        config.microBatchSize = 4
        config.seqLength = 1024
        config.flopsPerSample = 1_000_000_000_000
        config.trainIterationsTarget = 100
        config.trainSamplesTarget = 3200
        config.isLogThroughputEnabled = true
        config.customMetadata = ["team": "x", "n": 1]
        let resource = Resource(
            host: "node0", rank: 0, worldSize: 4, sessionTag: "s", customMetadata: ["cluster": "c1"])
        let job = try Job(config, resource: resource)
        let training = job.training
        training.onAppStart()
        job.wait(7)
        training.onTrainStart(trainIterationsStart: 10)
        for seconds in [2.0, 1, 4] { job.iteration(seconds) }
        training.onSaveCheckpointStart(globalStep: 13, at: Timestamp(secondsSince1970: 120_009))
        job.wait(6)
        training.onSaveCheckpointSuccess(globalStep: 13)
        training.onSaveCheckpointEnd()
        job.validation(1, 0.5)
        job.wait(0.5)
        training.onTestingStart()
        job.wait(0.5)
        training.onTestingEnd()
        training.onTrainEnd()
        try training.onAppEnd(shutsDown: false)
        let records = job.records()
        #expect(job.problem() == nil)
        return records
    }

    private func event(_ name: String, in records: [Record]) throws -> (attributes: Attributes, milliseconds: Int) {
        let event = try #require(records.events(name).first)
        return (event.attributes, try #require(event.time).milliseconds)
    }

    /// What is there is exactly `expected` and the names in `more`.
    private func check(_ found: Attributes, _ expected: Attributes, more: [String] = []) {
        for (key, value) in expected { #expect(found[key] == value, "\(key)") }
        #expect(Set(found.map(\.key)) == Set(expected.map(\.key) + more))
    }

    @Test func `the events of the application`() throws {
        let records = try records()
        let first = try event("one_logger_initialization", in: records)
        #expect(first.milliseconds == 120_000_000)
        check(
            first.attributes,
            [
                "world_size": 4, "enable_for_current_rank": true, "session_tag": "s", "is_baseline_run": false,
                "summary_data_schema_version": "1.0.0", "node_name": "node0", "rank": 0,
                "custom_metadata": .strings(["cluster:c1"]),
            ], more: ["one_logger_training_telemetry_version"])
        let second = try event("update_training_telemetry_config", in: records)
        #expect(second.milliseconds == 120_000_000)
        check(
            second.attributes,
            [
                "perf_tag": "p", "global_batch_size": 32, "log_every_n_train_iterations": 2, "micro_batch_size": 4,
                "seq_length": 1024, "flops_per_sample": 1_000_000_000_000, "train_iterations_target": 100,
                "train_samples_target": 3200, "checkpoint_strategy": "sync", "is_train_iterations_enabled": true,
                "is_validation_iterations_enabled": true, "is_test_iterations_enabled": true,
                "is_save_checkpoint_enabled": true, "is_log_throughput_enabled": true,
                "custom_metadata": .strings(["team:x", "n:1"]),
            ])
        #expect(
            records.spans(ofEvent: "one_logger_initialization") == ["application"]
                && records.spans(ofEvent: "update_training_telemetry_config") == ["application"])
    }

    @Test func `the training loop and its update`() throws {
        let records = try records()
        let loop = try #require(records.starts("training_loop").first)
        #expect(loop.start.milliseconds == 120_007_000)
        check(
            loop.attributes,
            [
                "train_iterations_start": 10, "train_samples_start": 320, "train_tokens_target": 3_276_800,
                "completed_floating_point_operations_overall": 320_000_000_000_000, "train_iterations_target": 100,
                "train_samples_target": 3200,
            ])
        let update = try event("training_metrics_update", in: records)
        #expect(update.milliseconds == 120_010_000)
        check(
            update.attributes,
            [
                "train_iterations_start": 10, "current_iteration": 11, "num_iterations": 2, "train_samples_start": 320,
                "num_train_samples": 64, "interval": 2, "avg_iteration_time_sec": 1.5, "min_iteration_time_sec": 1.0,
                "max_iteration_time_sec": 2.0, "total_iteration_time_sec": 3.0, "train_tokens": 65536,
                "completed_floating_point_operations_overall": 384_000_000_000_000, "total_flops": 64_000_000_000_000,
                "train_throughput_per_gpu": 5.333333333333333, "train_throughput_per_gpu_max": 8.0,
                "train_throughput_per_gpu_min": 4.0, "first_logged_train_iterations_finish_timestamp_sec": 120_009.0,
                "last_logged_train_iterations_finish_timestamp_sec": 120_010.0,
            ], more: ["avg_batch_size", "avg_tflops", "avg_tokens_per_second"])
        #expect(records.spans(ofEvent: "training_metrics_update") == ["training_loop", "training_loop"])
    }

    @Test func `a checkpoint, whose span begins when it was said to`() throws {
        let records = try records()
        let success = try event("save_checkpoint_success", in: records)
        #expect(success.milliseconds == 120_020_000)
        check(
            success.attributes,
            [
                "checkpoint_strategy": "sync", "current_iteration": 13,
                "first_successful_save_checkpoint_timestamp_sec": 120_020.0,
                "latest_successful_save_checkpoint_timestamp_sec": 120_020.0, "save_checkpoint_success_count": 1,
                "productive_train_iterations": 13, "productive_train_samples": 416,
                "productive_train_iterations_sec": 7.0, "productive_validation_iterations_sec": 0.0,
                "productive_train_tflops": 416.0, "training_start_timestamp_sec": 120_007.0,
            ])
        let times = try event("sync_checkpoint_metrics_update", in: records)
        #expect(times.milliseconds == 120_020_000)
        check(
            times.attributes,
            [
                "save_checkpoint_sync_time_total_sec": 11.0, "save_checkpoint_sync_time_min_sec": 11.0,
                "save_checkpoint_sync_time_max_sec": 11.0,
            ], more: ["save_checkpoint_sync_time_avg_sec", "save_checkpoint_sync_count"])
        #expect(
            records.spans(ofEvent: "save_checkpoint_success") == ["checkpoint_save_sync"]
                && records.spans(ofEvent: "sync_checkpoint_metrics_update") == ["checkpoint_save_sync"])
        let span = try #require(records.spans.first { $0.name == "checkpoint_save_sync" })
        #expect(span.duration == .seconds(11))
        check(
            span.attributes,
            ["checkpoint_strategy": "sync", "current_iteration": 13, "save_checkpoint_attempt_count": 1])
    }

    @Test func `a validation and a test`() throws {
        let records = try records()
        let validation = try event("validation_metrics_update", in: records)
        #expect(validation.milliseconds == 120_020_500)
        check(
            validation.attributes,
            [
                "current_iteration": 12, "interval": 3, "avg_iteration_time_sec": 0.5, "min_iteration_time_sec": 0.5,
                "max_iteration_time_sec": 0.5, "total_iteration_time_sec": 0.5,
            ], more: ["avg", "min", "max", "total"].map { "cumulative_\($0)_iteration_time_sec" })
        let testing = try event("testing_metrics_update", in: records)
        #expect(testing.milliseconds == 120_021_500)
        check(testing.attributes, ["current_iteration": 12, "interval": 3])
    }
}
