/// A text with `${NAME}`, `${NAME:-DEFAULT}` and `$$` replaced.
///
/// Happens after parsing, on single texts, so a value can never bring keys or lists of its own.
struct Substitution {
    /// Why a text cannot be completed: what, and what to do, without the last full stop.
    struct Failure: Error {
        var sentence: String
        /// True when only the variable's value is missing.
        var isUnset = false
    }

    /// The completed text.
    private(set) var text = ""
    /// The variables whose values, or defaults, are part of it.
    private(set) var variables: [String] = []

    /// Completes `template`.
    ///
    /// An empty variable counts as unset where there is a default. A default ends at the first `}` and is taken as it
    /// is. A `$` before anything but `$` and `{` stands for itself.
    init(_ template: String, _ environment: ConfigEnvironment) throws(Failure) {
        var rest = Substring(template)
        while let dollar = rest.utf8.firstIndex(of: UInt8(ascii: "$")) {
            text += rest[..<dollar]
            rest = rest[dollar...].dropFirst()
            switch rest.utf8.first {
            case UInt8(ascii: "$"):
                text += "$"
                rest = rest.dropFirst()
            case UInt8(ascii: "{"):
                guard let close = rest.firstIndex(of: "}") else {
                    throw Failure(sentence: "'${' has no '}'. Close it, or write $$ for a '$'")
                }
                try replace(rest[..<close].dropFirst(), environment)
                rest = rest[close...].dropFirst()
            default: text += "$"
            }
        }
        text += rest
    }

    private mutating func replace(_ reference: Substring, _ environment: ConfigEnvironment) throws(Failure) {
        let name = reference.prefix { $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber) }
        let tail = reference.dropFirst(name.count)
        guard let first = name.first, !first.isNumber else {
            throw Failure(
                sentence: "'${' is not followed by the name of a variable. Write ${NAME}, or $$ for a '$'")
        }
        guard tail.isEmpty || tail.hasPrefix(":-") else {
            throw Failure(
                sentence: "'${\(name)' is followed by something else. Write ${\(name)} or ${\(name):-DEFAULT}")
        }
        guard !tail.contains("${") else {
            throw Failure(sentence: "a default cannot hold a variable. Write a plain text after ':-'")
        }
        let value = environment[String(name)]
        if !tail.isEmpty, value?.isEmpty ?? true {
            text += tail.dropFirst(2)
        } else if let value {
            text += value
        } else {
            throw Failure(
                sentence: "environment variable \(name) is not set. Set it, or write ${\(name):-DEFAULT}",
                isUnset: true)
        }
        variables.append(String(name))
    }
}
