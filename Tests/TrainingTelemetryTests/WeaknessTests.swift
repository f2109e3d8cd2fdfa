import OneLogger
import OneLoggerTesting
import Synchronization
import Testing

@testable import TrainingTelemetry

/// What was wrong with the predecessor and may not come back.
@Suite struct WeaknessTests {
    private let day = 20_000.0 * 86_400

    @Test func `spans of one's own beside the standard ones crash nothing`() throws {
        let job = try Job(), name = "custom-\(job.time)"
        job.training.loop { loop in
            loop.iteration { _ in job.recorder.timedSpan(name) { _ in } }
            job.recorder.timedSpan("training_loop") { _ in }
        }
        #expect(job.records().spans.map(\.name) == [name, "training_loop", "training_loop"])
    }

    @Test func `a rank that does not record runs everything and records nothing`() throws {
        let training = try TrainingTelemetry(recorder: .disabled, config: .small)
        var runs = 0
        training.application {
            training.loop(iterationsStart: -1) { loop in
                loop.iteration { iteration in
                    iteration.span["key"] = 1
                    iteration.measure(.dataLoading) { runs += 1 }
                }
                loop.span.event("event")
                loop.saveCheckpoint(step: 1) { _ in runs += 1 }
            }
        }
        training.onTrainingSingleIterationEnd()
        training.onSaveCheckpointSuccess(globalStep: 1)
        let span = training.onTrainStart(trainIterationsStart: 0)
        span["key"] = 2
        #expect(runs == 2 && !span.isRecording)
    }

    @Test func `four threads load data at once, in both styles`() throws {
        let job = try Job(filter: .all)
        let training = job.training
        training.onTrainStart(trainIterationsStart: 0)
        training.onTrainingSingleIterationStart()
        let loop = training.latestLoop, begun = Barrier(4)
        inThreads(4) { _ in
            training.onDataLoadingStart()
            begun.wait()
            loop.measure(.dataLoading) {}
            training.onDataLoadingEnd()
        }
        training.onTrainingSingleIterationEnd()
        training.onTrainEnd()
        let spans = job.records().spans
        #expect(spans.count { $0.name == "data_loading" } == 8)
        let iteration = try #require(spans.first { $0.name == "training_single_iteration" })
        #expect(spans.count { $0.name == "data_loading" && $0.parentID == iteration.context.spanID } == 4)
        #expect(job.problem() == nil)
    }

    @Test func `many threads share loops of their own without losing an iteration`() throws {
        let job = try Job()
        let training = job.training, counts = Locked<[Int]>([])
        inThreads(4) { _ in
            training.loop { loop in
                for _ in 0..<500 { loop.iteration { $0.measure(.modelForward) {} } }
                counts.withLock { $0.append(loop.completedIterations) }
            }
        }
        #expect(counts.withLock { $0 } == [500, 500, 500, 500])
        #expect(job.records().events("training_metrics_update").count == 200)
    }

    @Test func `a loop of closures beside one of callbacks takes nothing from it`() throws {
        let job = try Job()
        job.training.onTrainStart(trainIterationsStart: 100)
        job.training.loop { loop in
            loop.iteration { _ in job.iteration(1) }
            job.validation(1, 1)
            job.save(1)
            job.iteration(1)
        }
        job.training.onTrainEnd()
        let records = job.records()
        #expect(records.events("training_metrics_update").map { $0.attributes["current_iteration"] } == [0, 101])
        #expect(records.events("validation_metrics_update").map { $0.attributes["current_iteration"] } == [100])
        #expect(records.events("save_checkpoint_success").map { $0.attributes["productive_train_iterations"] } == [101])
        #expect(job.problem() == nil)
    }

    @Test(arguments: [CheckpointStrategy.sync, .async])
    func `a save is recorded although its flag is off`(strategy: CheckpointStrategy) throws {
        var config = TrainingTelemetryConfig.small
        config.isSaveCheckpointEnabled = false
        config.saveCheckpointStrategy = strategy
        let job = try Job(config)
        job.training.onTrainStart(trainIterationsStart: 0)
        job.save(1)
        var isSaved = false
        job.training.latestLoop.saveCheckpoint(step: 2) { _ in isSaved = true }
        job.training.onTrainEnd()
        let records = job.records()
        #expect(isSaved && job.problem() == nil)
        #expect(records.spans.count { $0.name.hasPrefix("checkpoint_save") } == 2)
        #expect(records.events("save_checkpoint_success").count == (strategy == .sync ? 2 : 1))
    }

    @Test func `throughput's extremes are of single iterations, nothing is cumulative that does not say so`() throws {
        var config = TrainingTelemetryConfig.small
        config.logEveryNTrainIterations = 1
        config.isLogThroughputEnabled = true
        config.flopsPerSample = 1_000_000_000_000
        let job = try Job(config)
        job.training.onTrainStart(trainIterationsStart: 0)
        for seconds in [4.0, 1, 2] { job.iteration(seconds) }
        job.training.onTrainEnd()
        let updates = job.records().events("training_metrics_update").map(\.attributes)
        #expect(updates.map { $0["train_throughput_per_gpu"] } == [8.0, 32.0, 16.0])
        #expect(updates.map { $0["train_throughput_per_gpu_max"] } == [8.0, 32.0, 16.0])
        #expect(updates.map { $0["interval"] } == [1, 1, 1])
    }

    @Test func `given times are those of the span and of its statistics alike`() throws {
        let job = try Job(time: day)
        func at(_ seconds: Double) -> Timestamp { Timestamp(secondsSince1970: day + seconds) }
        job.training.onAppStart(at: at(-100))
        job.training.onTrainStart(trainIterationsStart: 0, at: at(-50))
        job.training.onTrainingSingleIterationStart(at: at(-40))
        job.training.onTrainingSingleIterationEnd(at: at(-30))
        job.training.onSaveCheckpointStart(globalStep: 1, at: at(-20))
        job.training.onSaveCheckpointSuccess(globalStep: 1, at: at(-10))
        job.training.onSaveCheckpointEnd(at: at(-9))
        job.training.onTrainEnd(at: at(-5))
        try job.training.onAppEnd(at: at(-1), shutsDown: false)
        let records = job.records()
        #expect(records.spans.map(\.name) == ["checkpoint_save_sync", "training_loop", "application"])
        #expect(records.spans.map(\.duration) == [.seconds(11), .seconds(45), .seconds(99)])
        let save = try #require(records.events("sync_checkpoint_metrics_update").first)
        #expect(save.attributes["save_checkpoint_sync_time_total_sec"] == 11.0)
        let update = try #require(records.events("training_metrics_update").first)
        #expect(update.attributes["total_iteration_time_sec"] == 10.0 && update.time == at(-5))
    }

    @Test func `a start twenty minutes or nine hours ago is taken, one of eleven hours ago is a mistake`() throws {
        let job = try Job(time: day)
        job.training.onAppStart(at: Timestamp(secondsSince1970: day - 1200))
        job.training.onTrainStart(trainIterationsStart: 0, at: Timestamp(secondsSince1970: day - 9 * 3600))
        #expect(job.problem() == nil)
        job.training.onModelInitStart(at: Timestamp(secondsSince1970: day - 11 * 3600))
        #expect(job.problem()?.hasPrefix("TrainingTelemetry.onModelInitStart: error: the given time lies ") == true)
        job.training.onModelInitEnd()
        #expect(job.records().spans.map(\.duration) == [.zero], "now is used instead")
    }

    @Test func `microseconds are not cut off`() throws {
        let job = try Job()
        job.training.onTrainStart(trainIterationsStart: 0)
        job.iteration(0.000_250)
        job.training.onTrainEnd()
        let update = try #require(job.records().events("training_metrics_update").first)
        #expect(update.attributes["total_iteration_time_sec"] == 0.00025)
    }

    @Test func `every span can be exported, and a list of one's own means that list`() throws {
        let all = try Job(filter: .all), some = try Job(filter: .include(["model_forward"]))
        for job in [all, some] {
            job.training.loop { loop in loop.iteration { $0.measure(.modelForward) {} } }
            job.training.onTrainStart(trainIterationsStart: 0)
            job.save(1)
            job.training.onTrainEnd()
        }
        #expect(
            all.records().spans.map(\.name) == [
                "model_forward", "training_single_iteration", "training_loop", "checkpoint_save_sync", "training_loop",
            ])
        #expect(some.records().spans.map(\.name) == ["model_forward"])
        for job in [all, some] { #expect(job.problem() == nil) }
    }

    @Test func `names are in lower case, and each is what the reference exports`() {
        let names = TrainingSpan.allCases.map(\.text)
        #expect(names.allSatisfy { $0 == $0.lowercased() } && Set(names).count == 20)
        #expect(names.contains("testing_single_iteration"))
        #expect(
            TrainingSpan.allCases.filter(\.isPerIteration).map(\.text) == [
                "training_single_iteration", "validation_single_iteration", "testing_single_iteration", "data_loading",
                "model_forward", "zero_grad", "model_backward", "optimizer_update",
            ])
        #expect(Set(TrainingActivity.allCases.map(\.span.text)).isSubset(of: names))
    }

    @Test func `a telemetry that nobody holds any more is gone, with its loops`() throws {
        let clock = ManualClock()
        weak var gone: TrainingTelemetry?
        do {
            let training = try TrainingTelemetry(recorder: clock.recorder, config: .small)
            training.loop { loop in loop.iteration { _ in } }
            gone = training
        }
        #expect(gone == nil)
    }

    @Test func `a loss that is no number is recorded as it is`() throws {
        let job = try Job()
        job.training.loop { loop in loop.iteration { $0.note(loss: .nan) } }
        let update = try #require(job.records().events("training_metrics_update").first)
        #expect(update.attributes.number("latest_loss")?.isNaN == true)
    }
}

/// Lets threads go on when all of them have come.
private final class Barrier: Sendable {
    private let count: Int
    private let arrived = Atomic<Int>(0)

    init(_ count: Int) { self.count = count }

    func wait() {
        arrived.add(1, ordering: .sequentiallyConsistent)
        while arrived.load(ordering: .sequentiallyConsistent) < count {}
    }
}
