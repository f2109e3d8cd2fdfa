import DigitsNetwork
import OneLogger
import OneLoggerTesting
import Testing
import TrainingTelemetry

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
        // given a recorder that exports all spans, and images for two steps
        let folder = try TemporaryFolder()
        let store = InMemoryExporter.Store()
        let telemetry = try TrainingTelemetry.keeping(in: store, filter: .all)
        var training = try Training.small(checkpoint: folder.path + "/a", images: 40, telemetry: telemetry)

        // when it trains for an epoch and goes on from its checkpoint
        let result = try telemetry.application {
            let result = try training.run(epochs: 1)
            _ = try training.resumed(fromCheckpointAt: folder.path + "/a")
            return result
        }
        try telemetry.recorder.shutdown()

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
                │  │  ╰─ validation_single_iteration
                │  ╰─ checkpoint_save_sync
                ╰─ checkpoint_load
                """)

        // and the attributes tell how it went
        func span(_ name: String) throws -> SpanRecord { try #require(store.spans.last { $0.name == name }) }
        func event(_ name: String) throws -> Attributes {
            try #require(
                store.records.compactMap { record in
                    if case .event(let event) = record, event.event.name == name { event.event.attributes } else { nil }
                }.first)
        }
        #expect(try span("epoch").attributes["epoch"] == .int(1))
        #expect(try span("validation_loop").attributes["accuracy"] == .double(result.accuracy))
        #expect(try span("validation_loop").attributes["loss"] == .double(result.loss))
        #expect(try event("training_metrics_update")["num_iterations"] == 2)
        #expect(try event("save_checkpoint_success")["productive_train_iterations"] == 2)
    }

    @Test func `a checkpoint that fails marks its span and those around it, without a success`() throws {
        let store = InMemoryExporter.Store()
        let telemetry = try TrainingTelemetry.keeping(in: store)
        var training = try Training.small(checkpoint: "/nowhere/a", images: 40, telemetry: telemetry)
        #expect(throws: ProblemReport.self) { try training.run(epochs: 1) }
        try telemetry.recorder.shutdown()
        let failed = store.spans.filter { if case .error = $0.status { true } else { false } }
        #expect(Set(failed.map(\.name)) == ["training_loop", "checkpoint_save_sync"])
        #expect(!store.records.outline.contains("event save_checkpoint_success"))
    }
}

extension TrainingTelemetry {
    /// One whose records are kept.
    static func keeping(
        in store: InMemoryExporter.Store, filter: SpanFilter = .training
    ) throws -> TrainingTelemetry {
        var options = RecorderOptions()
        options.filter = filter
        let recorder = Recorder(options, exporters: [ExporterSlot(InMemoryExporter(store))])
        return try TrainingTelemetry(recorder: recorder, config: .digits)
    }
}

extension Training {
    /// Small enough for a debug build.
    static func small(
        checkpoint: String? = nil, interval: Int = 100, images: Int = 200, telemetry: TrainingTelemetry? = nil
    ) throws -> Training {
        let all = try Dataset(contentsOf: DatasetTests.digits)
        var parts = (training: Dataset(), validation: Dataset())
        parts.training.fill(from: all, at: Array(0..<images)[...])
        parts.validation.fill(from: all, at: Array(images..<images + 60)[...])
        let plan = Training.Plan(
            hiddenUnits: 12, learningRate: 0.1, checkpoint: checkpoint, checkpointInterval: interval)
        return Training(plan, images: parts, generator: SeededGenerator(seed: 5), telemetry: try telemetry ?? .silent())
    }
}
