/// What the command line says.
struct Options: Equatable, Sendable {
    /// Which exporters get what is recorded: a YAML or JSON file.
    var config = "Configs/rlm.yaml"
    /// How many runs are made, 1 to 10000.
    var runs = 6
    /// Decides the walls of every run.
    var seed = 1
    /// How many fields a side of the grid has, 2 to 100.
    var size = 6
    /// Where the local lines go.
    var output = "out/observability"

    /// What `--help` prints.
    static let help = """
        Lets an agent that writes arithmetic programs look for its way through grids, and records its runs and steps.

        usage: AgentRun [--config FILE] [--runs N] [--seed N] [--size N] [--output DIR]

          --config FILE   exporters, in YAML or JSON, with a recorder plug-in `rlm` (default: Configs/rlm.yaml)
          --runs N        runs, 1 to 10000 (default: 6)
          --seed N        decides the walls, 0 or more (default: 1)
          --size N        fields a side, 2 to 100 (default: 6)
          --output DIR    where runs.jsonl and steps/ go (default: out/observability)

        Exits 0 when some run reached its goal, 1 otherwise and after an error.
        """

    /// Reads the arguments that follow the program's name; nil when help is wanted.
    static func parse(_ arguments: some Sequence<String>) throws(ProblemReport) -> Options? {
        var options = Options(), rest = Array(arguments)[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h": return nil
            case "--config": options.config = try text(argument, &rest)
            case "--output": options.output = try text(argument, &rest)
            case "--runs": options.runs = try number(argument, &rest, in: 1...10_000)
            case "--seed": options.seed = try number(argument, &rest, in: 0...1_000_000_000)
            case "--size": options.size = try number(argument, &rest, in: 2...100)
            default:
                throw ProblemReport(
                    "\(argument): error: this argument is unknown. Allowed: --config, --runs, --seed, --size, --output, "
                        + "--help.")
            }
        }
        return options
    }

    private static func text(_ name: String, _ rest: inout ArraySlice<String>) throws(ProblemReport) -> String {
        guard let value = rest.popFirst(), !value.isEmpty, !value.hasPrefix("--") else {
            throw ProblemReport("\(name): error: a value must follow. Write \(name) PATH.")
        }
        return value
    }

    private static func number(
        _ name: String, _ rest: inout ArraySlice<String>, in range: ClosedRange<Int>
    ) throws(ProblemReport) -> Int {
        let value = rest.popFirst() ?? ""
        guard let number = Int(value), range.contains(number) else {
            throw ProblemReport(
                "\(name): error: \"\(value)\" is not a number that fits. Write an integer, \(range.lowerBound) to "
                    + "\(range.upperBound).")
        }
        return number
    }
}

/// What went wrong, and what to do about it.
struct ProblemReport: Error, CustomStringConvertible, Equatable {
    let description: String

    init(_ description: String) { self.description = description }
}
