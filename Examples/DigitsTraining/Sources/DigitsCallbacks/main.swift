internal import DigitsNetwork
internal import OneLogger
internal import OneLoggerBootstrap
internal import TrainingTelemetry

// The digits again, trained by a framework that owns the loop: DigitsCallbacks [CONFIG [EPOCHS]], from the repository's root.

let arguments = CommandLine.arguments
let config = arguments.count > 1 ? arguments[1] : "Configs/training.yaml"
let epochs = arguments.count > 2 ? Int(arguments[2]) ?? 20 : 20
let data = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/Data/digits.csv"

let telemetry = try TrainingTelemetry.bootstrap(config: config)
let listener = TelemetryListener(telemetry)
listener.hear(.begins(.application))
listener.hear(.begins(.dataLoader))
var generator = SeededGenerator(seed: 1)
let images = try Dataset(contentsOf: data).split(validation: 0.2, using: &generator)
listener.hear(.ends(.dataLoader, Moment.Facts()))
var framework = Framework(
    images: images, hiddenUnits: 128, learningRate: 0.05, generator: generator, listener: listener.hear)
try makeFolder("out")
let result = try framework.fit(epochs: epochs, checkpoint: "out/callbacks.checkpoint")
try listener.finish()
print("validation accuracy: \(result.accuracy)")
