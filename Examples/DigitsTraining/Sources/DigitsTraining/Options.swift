internal import DigitsNetwork

/// What the command line says.
struct Options: Equatable, Sendable {
    /// Which exporters get what is recorded: a YAML or JSON file.
    var config = "Configs/training.yaml"
    /// How often the network sees every image, 1 or more.
    var epochs = 100
    /// Decides every random choice of the run.
    var seed = 1
    /// The images; see `Data/ATTRIBUTION.md`.
    var data = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/Data/digits.csv"
    /// Where the checkpoint goes; made when missing.
    var output = "out"

    /// What `--help` prints.
    static let help = """
        Trains a small neural network on handwritten digits, records what it does, and measures what recording costs.

        usage: DigitsTraining [--config FILE] [--epochs N] [--seed N] [--data FILE] [--output DIR]

          --config FILE   exporters, in YAML or JSON (default: Configs/training.yaml)
          --epochs N      passes over the images, 1 to 10000 (default: 100)
          --seed N        decides every random choice, 0 or more (default: 1)
          --data FILE     images, one per line (default: Examples/DigitsTraining/Data/digits.csv)
          --output DIR    where the checkpoint goes (default: out)

        Exits 0 when more than 95 % of the validation images are read right, 1 otherwise and after an error.
        """

    /// Reads the arguments that follow the program's name; nil when help is wanted.
    static func parse(_ arguments: some Sequence<String>) throws(ProblemReport) -> Options? {
        var options = Options()
        var rest = Array(arguments)[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h": return nil
            case "--config": options.config = try text(argument, &rest)
            case "--data": options.data = try text(argument, &rest)
            case "--output": options.output = try text(argument, &rest)
            case "--epochs": options.epochs = try number(argument, &rest, in: 1...10_000)
            case "--seed": options.seed = try number(argument, &rest, in: 0 ... .max)
            default:
                throw ProblemReport(
                    argument, "this argument is unknown",
                    advice: "Allowed: --config, --epochs, --seed, --data, --output, --help.")
            }
        }
        return options
    }

    private static func text(_ name: String, _ rest: inout ArraySlice<String>) throws(ProblemReport) -> String {
        guard let value = rest.popFirst(), !value.isEmpty, !value.hasPrefix("--") else {
            throw ProblemReport(name, "a value must follow", advice: "Write \(name) PATH.")
        }
        return value
    }

    private static func number(
        _ name: String, _ rest: inout ArraySlice<String>, in range: ClosedRange<Int>
    ) throws(ProblemReport) -> Int {
        let value = rest.popFirst() ?? ""
        guard let number = Int(value), range.contains(number) else {
            let allowed = "\(range.lowerBound)" + (range.upperBound == .max ? " or more" : " to \(range.upperBound)")
            throw ProblemReport(name, "\"\(value)\" is not a number that fits", advice: "Write an integer, \(allowed).")
        }
        return number
    }
}
