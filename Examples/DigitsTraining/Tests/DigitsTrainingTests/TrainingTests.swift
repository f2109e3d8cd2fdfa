import DigitsNetwork
import OneLogger
import OneLoggerTesting
import Testing

@testable import DigitsTraining

@Suite struct TrainingTests {
    @Test func `a run learns, and reports every epoch once`() throws {
        var run = try Training.small()
        let before = run.validate()
        var reports: [Training.EpochReport] = []
        try run.run(epochs: 8) { reports.append($0) }
        #expect(reports.map(\.epoch) == Array(1...8))
        #expect(reports[7].trainingLoss < reports[0].trainingLoss / 2)
        #expect(reports[7].validation == run.validate())
        #expect(run.validate().accuracy > before.accuracy + 0.3)
    }

    @Test func `the same seed gives the same network`() throws {
        var one = try Training.small()
        var other = try Training.small()
        try one.run(epochs: 2)
        try other.run(epochs: 2)
        #expect(one.state == other.state)
    }

    @Test func `a run that is resumed from its checkpoint ends where an unbroken one ends`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/digits.checkpoint"
        var unbroken = try Training.small()
        try unbroken.run(epochs: 4)

        var first = try Training.small(checkpoint: path)
        try first.run(epochs: 3)
        var second = try Training.small(checkpoint: path).resumed(fromCheckpointAt: path)
        try second.run(epochs: 1)

        #expect(second.state == unbroken.state)
        #expect(try Checkpoint(contentsOf: path) == unbroken.state)
    }

    @Test func `a checkpoint that cannot be written ends the run with an error that names it`() throws {
        var run = try Training.small(checkpoint: "/nowhere/digits.checkpoint")
        let problem = #expect(throws: ProblemReport.self) { try run.run(epochs: 1) }
        #expect(problem?.place == "/nowhere/digits.checkpoint.tmp")
    }

    @Test func `every phase is a span under the one that it is a part of`() throws {
        // given a recorder that keeps everything, and images for two steps
        let folder = try TemporaryFolder()
        let store = InMemoryExporter.Store()
        let recorder = Recorder(exporters: [ExporterSlot(InMemoryExporter(store))])
        var training = try Training.small(checkpoint: folder.path + "/a", images: 40, recorder: recorder)

        // when it trains for an epoch and goes on from its checkpoint
        let result = try recorder.timedSpan("application") { _ in
            let result = try training.run(epochs: 1)
            _ = try training.resumed(fromCheckpointAt: folder.path + "/a")
            return result
        }
        try recorder.shutdown()

        // then the tree shows it
        let tree = SpanTree(store.spans).description
        #expect(
            tree == """
                application
                ├─ training_loop
                │  ├─ epoch
                │  │  ├─ training_single_iteration
                │  │  │  ├─ data_loading
                │  │  │  ├─ model_forward
                │  │  │  ├─ zero_grad
                │  │  │  ├─ model_backward
                │  │  │  ╰─ optimizer_update
                │  │  ╰─ training_single_iteration
                │  │     ├─ data_loading
                │  │     ├─ model_forward
                │  │     ├─ zero_grad
                │  │     ├─ model_backward
                │  │     ╰─ optimizer_update
                │  ├─ validation_loop
                │  ╰─ checkpoint_save_sync
                ╰─ checkpoint_load
                """)

        // and the attributes tell how it went
        func span(_ name: String) throws -> SpanRecord { try #require(store.spans.last { $0.name == name }) }
        #expect(try span("training_single_iteration").attributes["step"] == .int(2))
        #expect(try span("training_single_iteration").attributes["batch_size"] == .int(8))
        #expect(try span("epoch").attributes["epoch"] == .int(1))
        #expect(try span("validation_loop").attributes["accuracy"] == .double(result.accuracy))
        #expect(try span("validation_loop").attributes["loss"] == .double(result.loss))
        let saved = try #require(span("checkpoint_save_sync").events.first)
        #expect(saved.name == "save_checkpoint_success")
        #expect(saved.attributes["path"] == .string(folder.path + "/a"))
    }

    @Test func `a checkpoint that fails marks its span and those around it, without a success`() throws {
        let store = InMemoryExporter.Store()
        let recorder = Recorder(exporters: [ExporterSlot(InMemoryExporter(store))])
        var training = try Training.small(checkpoint: "/nowhere/a", images: 40, recorder: recorder)
        #expect(throws: ProblemReport.self) { try training.run(epochs: 1) }
        try recorder.shutdown()
        let failed = store.spans.filter { if case .error = $0.status { true } else { false } }
        #expect(Set(failed.map(\.name)) == ["training_loop", "checkpoint_save_sync"])
        #expect(store.spans.flatMap(\.events).allSatisfy { $0.name != "save_checkpoint_success" })
    }
}

extension Training {
    /// Small enough for a debug build.
    static func small(
        checkpoint: String? = nil, interval: Int = 100, images: Int = 200, recorder: Recorder = .disabled
    ) throws -> Training {
        let all = try Dataset(contentsOf: DatasetTests.digits)
        var parts = (training: Dataset(), validation: Dataset())
        parts.training.fill(from: all, at: Array(0..<images)[...])
        parts.validation.fill(from: all, at: Array(images..<images + 60)[...])
        let plan = Training.Plan(
            hiddenUnits: 12, learningRate: 0.1, checkpoint: checkpoint, checkpointInterval: interval)
        return Training(plan, images: parts, generator: SeededGenerator(seed: 5), recorder: recorder)
    }
}
