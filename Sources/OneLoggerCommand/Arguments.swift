/// What stands on the command line, taken from the front.
struct Arguments {
    private var rest: ArraySlice<String>

    init(_ all: [String]) { rest = all[...] }

    /// The next argument as it is; nil at the end.
    mutating func next() -> String? { rest.popFirst() }

    /// Takes everything that is left: options, and what is no option.
    ///
    /// An option that takes a value is written `--name VALUE` or `--name=VALUE`. Behind `--` nothing is an option.
    ///
    /// - Parameters:
    ///   - flags: Options without a value.
    ///   - options: Options with a value.
    ///   - take: Called for each option.
    /// - Returns: The other arguments; nil when help is wanted.
    /// - Throws: ``UsageError`` for an option that does not exist or has no value, and for an empty argument.
    mutating func parse(
        flags: [String], options: [String], _ take: (_ name: String, _ value: String) -> Void
    ) throws(UsageError) -> [String]? {
        var others: [String] = []
        while let argument = next() {
            if argument == "--" {
                others += rest
                rest = []
                break
            }
            guard argument.hasPrefix("-"), argument != "-" else {
                others.append(argument)
                continue
            }
            if argument == "--help" || argument == "-h" { return nil }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if flags.contains(argument) {
                take(argument, "")
            } else if options.contains(parts[0]) {
                guard let value = parts.count == 2 ? parts[1] : next(), !value.isEmpty else {
                    throw UsageError("'\(parts[0])' needs a value. Write \(parts[0]) VALUE.")
                }
                take(parts[0], value)
            } else {
                throw UsageError(unknown: "option", parts[0], allowed: flags + options + ["--help"])
            }
        }
        guard !others.contains("") else {
            throw UsageError("an argument is empty. Write a file's name; perhaps a variable of the shell is not set.")
        }
        return others
    }
}
