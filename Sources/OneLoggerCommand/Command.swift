internal import OneLoggerCore

/// The program `onelogger` without its process: arguments go in, text and an exit status come out.
package struct Command {
    /// What a run came to.
    package struct Outcome: Equatable, Sendable {
        /// For standard output.
        package var output = ""
        /// For standard error.
        package var errors = ""
        /// The exit status: 0 fine, 1 a configuration has problems, 2 the arguments make no sense.
        package var status: Int32 = 0

        package init(output: String = "", errors: String = "", status: Int32 = 0) {
            self.output = output
            self.errors = errors
            self.status = status
        }
    }

    /// The version of the package.
    package static let version = packageVersion

    /// Runs what the arguments ask for; the program's own name is not among them.
    package static func run(_ arguments: [String]) -> Outcome {
        do throws(UsageError) {
            return try dispatch(arguments)
        } catch {
            return Outcome(errors: "onelogger: error: \(error.sentence)\n", status: 2)
        }
    }

    private static func dispatch(_ arguments: [String]) throws(UsageError) -> Outcome {
        var rest = Arguments(arguments)
        switch rest.next() {
        case "validate": return try ValidateCommand(&rest).run()
        case "explain": return try ExplainCommand(&rest).run()
        case "--help", "-h", "help": return Outcome(output: Help.program)
        case "--version": return Outcome(output: "onelogger \(version)\n")
        case nil: throw UsageError("no command is given. Write validate, explain or --help.")
        case let name?:
            let kind = name.hasPrefix("-") ? "option" : "command"
            throw UsageError(unknown: kind, name, allowed: ["validate", "explain", "--help", "--version"])
        }
    }
}

/// Arguments that make no sense.
struct UsageError: Error {
    /// What is wrong and what to do.
    var sentence: String

    init(_ sentence: String) { self.sentence = sentence }

    init(unknown kind: String, _ name: String, allowed: [String]) {
        let nearest = nearestName(to: name, among: allowed).map { "Did you mean '\($0)'? " } ?? ""
        sentence = "unknown \(kind) \(excerpt(name)). \(nearest)Allowed: \(allowed.joined(separator: ", "))."
    }
}
