/// A failure of the telemetry itself, never of the work that it observes.
///
/// Thrown by `flush`, `shutdown`, `install` and `bootstrap`; everything else goes through the recorder's
/// error handling strategy.
@nonexhaustive
public enum TelemetryError: Error, Hashable, Sendable {
    /// A typed getter met another type.
    case wrongAttributeType(key: String, expected: String, found: String)
    /// A call that the state of a span or a recorder does not allow, such as stopping a span twice.
    case misuse(call: String, problem: String, advice: String)
    /// A recorder is installed already.
    case alreadyConfigured(String)
    /// A start or stop time that cannot be meant.
    case implausibleTime(call: String, problem: String)
    /// A record processor or a recorder plug-in failed.
    case component(name: String, problem: String)
    /// The configuration cannot be used; each element is one problem.
    case configuration([SettingsError])
    /// The first problem since the last report, and how many others there were.
    indirect case several(first: TelemetryError, others: Int)
}

extension TelemetryError: CustomStringConvertible {
    /// One line that says where, what, and what to do.
    public var description: String {
        switch self {
        case .wrongAttributeType(let key, let expected, let found):
            "attribute '\(key)': error: expected \(expected), found \(found). Read it with the getter of its type."
        case .misuse(let call, let problem, let advice):
            "\(call): error: \(problem). \(advice)"
        case .alreadyConfigured(let call):
            "\(call): error: a recorder is installed already. Configure telemetry once, at the start of the program."
        case .implausibleTime(let call, let problem):
            "\(call): error: \(problem). Give nanoseconds since 1970 of a moment close to now."
        case .component(let name, let problem):
            "\(name): error: \(problem). Mend or remove it; the rest works without it."
        case .configuration(let problems):
            problems.map(\.description).joined(separator: "\n")
        case .several(let first, let others):
            "\(first) (and \(others) more)"
        }
    }
}
