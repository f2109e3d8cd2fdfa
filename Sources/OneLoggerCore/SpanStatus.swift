/// How a span ended.
public enum SpanStatus: Sendable, Hashable {
    /// Nothing was said: the usual end of work that went well.
    case unset
    /// The application says that it went well.
    case ok
    /// It failed; the message may be empty.
    case error(String)
    /// The task was cancelled, which is not a failure.
    case cancelled

    /// The two bits that a packed record holds.
    package var code: UInt8 {
        switch self {
        case .unset: 0
        case .ok: 1
        case .error: 2
        case .cancelled: 3
        }
    }
}

/// Which part a span plays between processes; OpenTelemetry's span kind.
public enum SpanKind: UInt8, Sendable, Hashable {
    /// Work inside the application.
    case `internal` = 1
    /// The handling of a request from outside.
    case server = 2
    /// A request to another process.
    case client = 3
    /// The making of a message.
    case producer = 4
    /// The handling of a message.
    case consumer = 5
}
