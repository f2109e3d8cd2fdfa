import DigitsNetwork
import OneLogger
import OneLoggerTesting
import Testing
import TrainingTelemetry

@testable import DigitsCallbacks
@testable import DigitsTraining

@Suite struct StyleTests {
    /// The tree of a small run, and the events in their order.
    private func recorded(_ run: (TrainingTelemetry, String) throws -> Void) throws -> (tree: String, events: [String])
    {
        let folder = try TemporaryFolder()
        let store = InMemoryExporter.Store()
        let telemetry = try TrainingTelemetry.keeping(in: store)
        try run(telemetry, folder.path + "/a")
        try telemetry.recorder.shutdown()
        #expect(telemetry.recorder.health.telemetryErrors == 0)
        return (
            SpanTree(store.spans).description, store.records.outline.filter { $0.hasPrefix("event ") }
        )
    }

    @Test func `the program that owns its loop and the one whose framework does give the same tree`() throws {
        let small = try Training.small(images: 100)
        let closures = try recorded { telemetry, path in
            try telemetry.application {
                telemetry.measure(.dataLoaderInitialization) {}
                var training = try telemetry.measure(.modelInitialization) {
                    try Training.small(checkpoint: path, images: 100, telemetry: telemetry)
                }
                try training.run(epochs: 2)
                _ = try training.resumed(fromCheckpointAt: path)
            }
        }
        let callbacks = try recorded { telemetry, path in
            let listener = TelemetryListener(telemetry)
            listener.hear(.begins(.application))
            listener.hear(.begins(.dataLoader))
            let images = small.images
            listener.hear(.ends(.dataLoader, Moment.Facts()))
            var framework = Framework(
                images: images, hiddenUnits: 12, learningRate: 0.1, generator: SeededGenerator(seed: 5),
                listener: listener.hear)
            _ = try framework.fit(epochs: 2, checkpoint: path)
            try framework.restore(from: path)
            try listener.finish(shutsDown: false)
        }
        #expect(closures.tree == callbacks.tree)
        #expect(closures.events == callbacks.events)
        #expect(
            closures.tree == """
                application
                ├─ data_loader_initialization
                ├─ model_initialization
                ├─ training_loop
                │  ├─ epoch
                │  ├─ validation_loop
                │  ├─ epoch
                │  ├─ validation_loop
                │  ╰─ checkpoint_save_sync
                ╰─ checkpoint_load
                """)
    }
}
