/// Why the program cannot go on, as one line for a person.
package struct ProblemReport: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file, with its line where there is one, or the argument.
    package var place: String
    /// What is wrong, without a full stop.
    package var problem: String
    /// What to do about it: a whole sentence.
    package var advice: String

    /// Takes the three parts.
    package init(_ place: String, _ problem: String, advice: String) {
        self.place = place
        self.problem = problem
        self.advice = advice
    }

    /// The whole line: `WHERE: error: WHAT. WHAT TO DO`.
    package var description: String { "\(place): error: \(problem). \(advice)" }
}
