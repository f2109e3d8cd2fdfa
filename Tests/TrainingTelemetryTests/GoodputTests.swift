import OneLogger
import OneLoggerTesting
import Testing

@testable import TrainingTelemetry

@Suite struct GoodputTests {
    /// A job of iterations of a second each, with saves of half a second; it ends without a word when it crashes.
    private func recording(
        from start: Int, iterations: Int, saves: Set<Int>, tag: String = "run", rank: Int = 0, at time: Double,
        crashes: Bool = false
    ) throws -> [Record] {
        var config = TrainingTelemetryConfig.small
        config.logEveryNTrainIterations = 1
        let job = try Job(config, resource: Resource(rank: rank, sessionTag: tag), time: time)
        job.training.onAppStart()
        job.training.onTrainStart(trainIterationsStart: start)
        for number in start + 1...start + iterations {
            job.iteration(1)
            if saves.contains(number) { job.save(number) }
        }
        if !crashes {
            job.training.onTrainEnd()
            try job.training.onAppEnd(shutsDown: false)
        }
        return job.records()
    }

    @Test func `work after the checkpoint of a resumption is lost, the rest counts`() throws {
        // given a crash at 25 with checkpoints at 10 and 20, and a second job from 20 to 40 that saves at 30
        let jobs = [
            try recording(from: 0, iterations: 25, saves: [10, 20], at: 1000, crashes: true),
            try recording(from: 20, iterations: 20, saves: [30], at: 2000),
        ]
        let result = try #require(Goodput.of(jobs).first)
        #expect(result.jobs == 2 && result.productiveIterations == 30 && result.productiveSamples == 960)
        #expect(result.productiveTrainSeconds == 30)
        #expect(result.lostIterations == 5 && result.lostTrainSeconds == 5)
        #expect(result.unsavedIterations == 10 && result.unsavedTrainSeconds == 10)
        #expect(result.wallSeconds == 26 + 20.5)
        #expect(result.share == 30 / 46.5)
        #expect(Goodput.of(jobs.reversed()) == [result], "their order does not matter")
    }

    @Test func `a checkpoint that the next job did not use is lost, too`() throws {
        let jobs = [
            try recording(from: 0, iterations: 20, saves: [10, 20], at: 1000, crashes: true),
            try recording(from: 10, iterations: 5, saves: [15], at: 2000),
        ]
        let result = try #require(Goodput.of(jobs).first)
        #expect(result.productiveIterations == 15 && result.productiveTrainSeconds == 15)
        #expect(result.lostIterations == 10 && result.lostTrainSeconds == 10 && result.unsavedIterations == 0)
    }

    @Test func `a job that starts from nothing again has lost everything before it`() throws {
        let jobs = [
            try recording(from: 0, iterations: 7, saves: [5], at: 1000, crashes: true),
            try recording(from: 0, iterations: 3, saves: [3], at: 2000),
        ]
        let result = try #require(Goodput.of(jobs).first)
        #expect(result.productiveIterations == 3 && result.lostIterations == 7)
    }

    @Test func `trainings are told apart by their tags, and of the ranks the lowest counts`() throws {
        let jobs = [
            try recording(from: 0, iterations: 4, saves: [4], tag: "a", rank: 1, at: 1000),
            try recording(from: 0, iterations: 4, saves: [4], tag: "a", rank: 0, at: 1000),
            try recording(from: 0, iterations: 2, saves: [], tag: "b", rank: 3, at: 900),
        ]
        let results = Goodput.of(jobs + [[]])
        #expect(results.map(\.sessionTag) == ["b", "a"])
        #expect(results.map(\.jobs) == [1, 1] && results.map(\.productiveIterations) == [0, 4])
        #expect(results.map(\.unsavedIterations) == [2, 0])
    }

    @Test func `no recording means no result`() {
        #expect(Goodput.of([]).isEmpty && Goodput.of([[], []]).isEmpty)
    }
}
