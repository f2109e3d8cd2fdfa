#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Where environment variables are looked up: those of the process, or others in a test.
public struct ConfigEnvironment: Sendable {
    private let lookUp: @Sendable (String) -> String?

    /// Uses a table.
    public init(_ variables: [String: String]) { lookUp = { variables[$0] } }

    /// Uses a function, which says nil for a variable that is not set.
    public init(_ lookUp: @escaping @Sendable (String) -> String?) { self.lookUp = lookUp }

    /// The variables of this process, at the moment of each look-up.
    public static let process = ConfigEnvironment { name in
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    /// Nothing is known of the variables, as where a file is checked before it is used.
    ///
    /// None of them counts as set, and a value that needs one is not looked at, instead of being a mistake.
    package static let unknown = {
        var environment = ConfigEnvironment([:])
        environment.isUnknown = true
        return environment
    }()

    /// True for ``unknown``.
    private(set) var isUnknown = false

    /// The value of a variable, nil when it is not set.
    public subscript(name: String) -> String? { lookUp(name) }

    /// The value of a variable that means something to us, nil when it is not set or empty.
    func meaningful(_ name: String) -> String? {
        guard let value = self[name], !value.isEmpty else { return nil }
        return value
    }
}
