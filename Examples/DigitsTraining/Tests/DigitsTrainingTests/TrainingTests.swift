import DigitsNetwork
import Testing

@testable import DigitsTraining

@Suite struct TrainingTests {
    /// Small enough for a debug build.
    private func training(checkpoint: String? = nil, interval: Int = 100) throws -> Training {
        let all = try Dataset(contentsOf: DatasetTests.digits)
        var images = (training: Dataset(), validation: Dataset())
        images.training.fill(from: all, at: Array(0..<200)[...])
        images.validation.fill(from: all, at: Array(200..<260)[...])
        let plan = Training.Plan(
            hiddenUnits: 12, learningRate: 0.1, checkpoint: checkpoint, checkpointInterval: interval)
        return Training(plan, images: images, generator: SeededGenerator(seed: 5))
    }

    @Test func `a run learns, and reports every epoch once`() throws {
        var run = try training()
        let before = run.validate()
        var reports: [Training.EpochReport] = []
        try run.run(epochs: 8) { reports.append($0) }
        #expect(reports.map(\.epoch) == Array(1...8))
        #expect(reports[7].trainingLoss < reports[0].trainingLoss / 2)
        #expect(reports[7].validation == run.validate())
        #expect(run.validate().accuracy > before.accuracy + 0.3)
    }

    @Test func `the same seed gives the same network`() throws {
        var one = try training()
        var other = try training()
        try one.run(epochs: 2)
        try other.run(epochs: 2)
        #expect(one.state == other.state)
    }

    @Test func `a run that is resumed from its checkpoint ends where an unbroken one ends`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/digits.checkpoint"
        var unbroken = try training()
        try unbroken.run(epochs: 4)

        var first = try training(checkpoint: path)
        try first.run(epochs: 3)
        var second = try training(checkpoint: path).resumed(from: Checkpoint(contentsOf: path))
        try second.run(epochs: 1)

        #expect(second.state == unbroken.state)
        #expect(try Checkpoint(contentsOf: path) == unbroken.state)
    }

    @Test func `a checkpoint that cannot be written ends the run with an error that names it`() throws {
        var run = try training(checkpoint: "/nowhere/digits.checkpoint")
        let problem = #expect(throws: ProblemReport.self) { try run.run(epochs: 1) }
        #expect(problem?.place == "/nowhere/digits.checkpoint.tmp")
    }
}
