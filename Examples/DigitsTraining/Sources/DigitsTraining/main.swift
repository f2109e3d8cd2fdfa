internal import DigitsNetwork

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

do {
    guard let options = try Options.parse(CommandLine.arguments.dropFirst()) else {
        print(Options.help)
        exit(EXIT_SUCCESS)
    }
    try makeFolder(options.output)

    var generator = SeededGenerator(seed: UInt64(options.seed))
    let images = try Dataset(contentsOf: options.data).split(validation: 0.2, using: &generator)
    let plan = Training.Plan(checkpoint: options.output + "/digits.checkpoint")
    var training = Training(plan, images: images, generator: generator)

    let progress = Progress(epochs: options.epochs)
    try training.run(epochs: options.epochs, report: progress.show)
    let result = training.validate()

    var resumed = training.resumed(from: try Checkpoint(contentsOf: options.output + "/digits.checkpoint"))
    guard resumed.validate() == result else {
        throw ProblemReport(
            options.output + "/digits.checkpoint", "the loaded network reads other digits than the saved one",
            advice: "Look for what changed the file, and train again.")
    }
    print("validation accuracy: \((100 * result.accuracy).text(1)) %")
    exit(result.accuracy > 0.95 ? EXIT_SUCCESS : EXIT_FAILURE)
} catch {
    print(error)
    exit(EXIT_FAILURE)
}
