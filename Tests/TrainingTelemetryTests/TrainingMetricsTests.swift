import OneLogger
import Testing

@testable import TrainingTelemetry

/// The state machine alone: no recorder, no clock.
@Suite struct TrainingMetricsTests {
    private func settings(_ change: (inout TrainingTelemetryConfig) -> Void = { _ in }) throws -> TrainingSettings {
        var config = TrainingTelemetryConfig(perfTag: "p", globalBatchSize: 32)
        config.logEveryNTrainIterations = 2
        config.seqLength = 1024
        config.flopsPerSample = 1_000_000_000_000
        config.isLogThroughputEnabled = true
        change(&config)
        return try TrainingSettings(config)
    }

    /// Runs iterations one after another; the updates.
    private func run(_ metrics: inout TrainingMetrics, _ seconds: [Double]) -> [Attributes] {
        var time = metrics.start, updates: [Attributes] = []
        for length in seconds {
            let end = time.advanced(by: .seconds(length))
            if metrics.finishIteration(from: time, to: end) { updates.append(metrics.takeUpdate()) }
            time = end
        }
        return updates
    }

    private let start = Timestamp(secondsSince1970: 1000)

    @Test func `extremes of throughput are those of single iterations, not of a running average`() throws {
        var metrics = TrainingMetrics(try settings(), iterationsStart: 10, worldSize: 4, start: start)
        let updates = run(&metrics, [2, 1])
        #expect(updates.count == 1)
        #expect(updates[0]["train_throughput_per_gpu"] == .double(64e12 / 12e12))
        #expect(updates[0]["train_throughput_per_gpu_max"] == 8.0)
        #expect(updates[0]["train_throughput_per_gpu_min"] == 4.0)
    }

    @Test func `a window's numbers are those of the window, and its interval is what it covers`() throws {
        var metrics = TrainingMetrics(try settings(), worldSize: 1, start: start)
        let updates = run(&metrics, [1, 3, 10, 20])
        #expect(updates.map { $0.number("avg_iteration_time_sec") } == [2, 15])
        #expect(updates.map { $0.number("min_iteration_time_sec") } == [1, 10])
        #expect(updates.map { $0.number("max_iteration_time_sec") } == [3, 20])
        #expect(updates.map { $0.number("total_iteration_time_sec") } == [4, 30])
        #expect(updates.map { $0["num_iterations"] } == [2, 2] && updates.map { $0["interval"] } == [2, 2])
        #expect(updates.map { $0["num_train_samples"] } == [64, 128])
        #expect(updates.map { $0["first_logged_train_iterations_finish_timestamp_sec"] } == [1001.0, 1001.0])
        #expect(updates.map { $0["last_logged_train_iterations_finish_timestamp_sec"] } == [1004.0, 1034.0])
    }

    @Test func `resuming at 10 with N 8 gives an update at 15 with 6, and the rest of 4 at the end`() throws {
        var metrics = TrainingMetrics(
            try settings { $0.logEveryNTrainIterations = 8 }, iterationsStart: 10, start: start)
        let updates = run(&metrics, Array(repeating: 1, count: 10))
        #expect(updates.map { $0["current_iteration"] } == [15])
        #expect(updates.map { $0["num_iterations"] } == [6] && updates.map { $0["interval"] } == [6])
        #expect(metrics.hasRemainder)
        let rest = metrics.takeUpdate()
        #expect(rest["current_iteration"] == 19 && rest["num_iterations"] == 4 && rest["interval"] == 4)
        #expect(!metrics.hasRemainder)
    }

    @Test func `with N 1 every iteration is reported, the first one too`() throws {
        var metrics = TrainingMetrics(try settings { $0.logEveryNTrainIterations = 1 }, start: start)
        #expect(run(&metrics, [1, 1, 1]).map { $0["current_iteration"] } == [0, 1, 2])
    }

    @Test func `validations have their own numbers beside the cumulative ones`() throws {
        // given 30 iterations, a validation of 10 x 5 s, 40 more iterations, a validation of 10 x 10 s
        var metrics = TrainingMetrics(try settings(), start: start)
        func validate(_ seconds: Double) -> Attributes {
            metrics.validation.begin()
            for place in 0..<10 {
                let begin = start.advanced(by: .seconds(Double(place) * seconds))
                metrics.validation.finishIteration(from: begin, to: begin.advanced(by: .seconds(seconds)))
            }
            return metrics.validation.end(current: metrics.current, iterations: metrics.iterations, timed: true)
        }
        _ = run(&metrics, Array(repeating: 1, count: 30))
        let first = validate(5)
        _ = run(&metrics, Array(repeating: 1, count: 40))
        let second = validate(10)
        #expect(first["interval"] == 30 && second["interval"] == 40)
        #expect(first["current_iteration"] == 29 && second["current_iteration"] == 69)
        #expect(first["avg_iteration_time_sec"] == 5.0 && second["avg_iteration_time_sec"] == 10.0)
        #expect(second["min_iteration_time_sec"] == 10.0 && second["total_iteration_time_sec"] == 100.0)
        #expect(second["cumulative_avg_iteration_time_sec"] == 7.5)
        #expect(second["cumulative_total_iteration_time_sec"] == 150.0)
        #expect(second["cumulative_min_iteration_time_sec"] == 5.0)
    }

    @Test func `a validation without iterations has no times`() throws {
        var metrics = TrainingMetrics(try settings(), start: start)
        metrics.validation.begin()
        let update = metrics.validation.end(current: 0, iterations: 0, timed: true)
        #expect(update == ["current_iteration": 0, "interval": 0])
    }

    @Test func `operations beyond 64 bits become numbers instead of stopping the program`() throws {
        var metrics = TrainingMetrics(
            try settings {
                $0.globalBatchSize = 4096
                $0.flopsPerSample = 3_000_000_000_000_000
                $0.logEveryNTrainIterations = 1
            }, iterationsStart: 1_000_000, worldSize: 1024, start: start)
        let update = run(&metrics, [1])[0]
        #expect(update["total_flops"] == .double(4096 * 3e15))
        #expect(update["completed_floating_point_operations_overall"] == .double(4096 * 3e15 * 1_000_001))
        #expect(update["train_throughput_per_gpu"] == .double(4096 * 3e15 / 1e12 / 1024))
    }

    @Test func `iterations that take no time have no throughput, and nothing divides by zero`() throws {
        var metrics = TrainingMetrics(try settings { $0.peakTFLOPSPerGPU = 100 }, start: start)
        let updates = run(&metrics, [0, 0])
        #expect(updates[0]["train_throughput_per_gpu"] == nil && updates[0]["train_mfu"] == nil)
        #expect(updates[0]["total_flops"] == 64_000_000_000_000 && updates[0]["avg_tokens_per_second"] == nil)
        // when one of them takes time, then the fastest has no rate, and the average has one
        let next = run(&metrics, [0, 4])
        #expect(next[0]["train_throughput_per_gpu"] == 16.0 && next[0]["train_throughput_per_gpu_max"] == nil)
        #expect(next[0]["train_throughput_per_gpu_min"] == 8.0)
    }

    @Test func `the share of the peak rate is told when the peak is known`() throws {
        var metrics = TrainingMetrics(try settings { $0.peakTFLOPSPerGPU = 64 }, worldSize: 2, start: start)
        let update = run(&metrics, [1, 1])[0]
        #expect(update["train_throughput_per_gpu"] == 16.0 && update["train_mfu"] == 0.25)
        #expect(update["avg_tflops"] == 32.0 && update["avg_tokens_per_second"] == .double(32 * 1024))
    }

    @Test func `what is not known is left out`() throws {
        let plain = try TrainingSettings(TrainingTelemetryConfig(perfTag: ["a", "b"], globalBatchSize: 8))
        var metrics = TrainingMetrics(plain, start: start)
        _ = run(&metrics, [1])
        let update = metrics.takeUpdate()
        for key in ["train_tokens", "total_flops", "train_throughput_per_gpu", "avg_tokens_per_second", "latest_loss"] {
            #expect(update[key] == nil, "\(key)")
        }
        #expect(metrics.loopAttributes == ["train_iterations_start": 0, "train_samples_start": 0])
        #expect(update["avg_batch_size"] == 8.0)
    }

    @Test func `parts of iterations and the loss are those of the window, and end with it`() throws {
        var metrics = TrainingMetrics(try settings(), start: start)
        func part(_ kind: TrainingSpan, _ seconds: Double) {
            metrics.finish(kind, from: start, to: start.advanced(by: .seconds(seconds)))
        }
        for seconds in [0.25, 0.75] {
            part(.dataLoading, seconds)
            part(.modelForward, seconds * 2)
            part(.modelBackward, seconds * 4)
            part(.zeroGrad, 9)
        }
        metrics.note(loss: 0.125)
        let first = run(&metrics, [1, 1])[0], second = run(&metrics, [1, 1])[0]
        #expect(first["avg_dataloader_time_sec"] == 0.5 && first["avg_forward_time_sec"] == 1.0)
        #expect(first["avg_backward_time_sec"] == 2.0 && first["latest_loss"] == 0.125)
        #expect(second["avg_dataloader_time_sec"] == nil && second["latest_loss"] == 0.125)
    }

    @Test func `productive time is what the last successful checkpoint holds, the rest is unproductive`() throws {
        var metrics = TrainingMetrics(try settings(), iterationsStart: 5, start: start)
        var checkpoints = CheckpointMetrics()
        _ = run(&metrics, [1, 2])
        _ = checkpoints.begin(7, .sync, metrics.productivity)
        _ = run(&metrics, [4])
        let told = checkpoints.succeed(7, .sync, at: start)
        let saved = try #require(told)
        metrics.saved = saved.productivity
        #expect(saved.attributes["productive_train_iterations"] == 7)
        #expect(saved.attributes["productive_train_samples"] == 224)
        #expect(saved.attributes["productive_train_iterations_sec"] == 3.0)
        #expect(saved.attributes["productive_train_tflops"] == 224.0)
        #expect(
            metrics.endAttributes == [
                "productive_train_iterations_sec": 3.0, "unproductive_train_iterations_sec": 4.0,
            ])
    }

    @Test func `statistics of saves have a count, a total, extremes and an average`() {
        var checkpoints = CheckpointMetrics()
        _ = checkpoints.end(from: start, to: start.advanced(by: .seconds(1)))
        #expect(
            checkpoints.end(from: start, to: start.advanced(by: .seconds(4))) == [
                "save_checkpoint_sync_time_total_sec": 5.0, "save_checkpoint_sync_time_min_sec": 1.0,
                "save_checkpoint_sync_time_max_sec": 4.0, "save_checkpoint_sync_time_avg_sec": 2.5,
                "save_checkpoint_sync_count": 2,
            ])
    }

    @Test func `saves that never succeed are forgotten after a while`() {
        var checkpoints = CheckpointMetrics()
        for step in 0...CheckpointMetrics.mostPending { _ = checkpoints.begin(step, .async, Productivity()) }
        let (oldest, next) = (checkpoints.succeed(0, .async, at: start), checkpoints.succeed(1, .async, at: start))
        let again = checkpoints.succeed(1, .async, at: start)
        #expect(oldest == nil && next != nil)
        #expect(again == nil, "a save succeeds once")
        #expect(checkpoints.attempts == 65 && checkpoints.successes == 1)
    }
}
