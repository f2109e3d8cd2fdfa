internal import OneLoggerHTTP

/// What an answer, or none, means for the message that was sent.
enum Verdict: Equatable {
    /// Everything was taken.
    case accepted
    /// Some records were not; sending them again would not help. `lost` is 0 for a mere warning.
    case partly(lost: Int, String)
    /// Nothing was taken now, but may be later; `wait` is what the server asks for.
    case later(wait: Duration?, errno: Int32, String)
    /// The message is too large.
    case tooLarge(String)
    /// This message is refused.
    case refused(String)
    /// This kind of telemetry is refused, whatever the message.
    case signalRefused(String)
}

extension Verdict {
    /// What a failed request means.
    ///
    /// - Parameters:
    ///   - failure: What happened.
    ///   - wireProtocol: How the request was made.
    /// - Returns: Whether another attempt may help.
    static func of(_ failure: HTTPFailure, _ wireProtocol: OTLPExporter.WireProtocol) -> Verdict {
        switch failure.kind {
        case .unreachable, .timeout, .stopped: .later(wait: nil, errno: failure.errno, failure.reason)
        // What a server of the other kind answers ends the connection, and so does a server that is stopped.
        case .dropped:
            .later(
                wait: nil, errno: failure.errno,
                failure.reason
                    + (wireProtocol == .grpc ? "; if this stays so, the port may speak HTTP only: http/protobuf" : ""))
        case .misunderstood: .refused("\(failure.reason); \(otherProtocol(than: wireProtocol))")
        case .unreadable: .refused("the answer cannot be decoded: \(failure.reason)")
        case .untrusted, .other: .refused(failure.reason)
        }
    }

    /// A sentence about a port that speaks something else.
    static func otherProtocol(than wireProtocol: OTLPExporter.WireProtocol) -> String {
        wireProtocol == .grpc
            ? "this port does not speak gRPC; write protocol: http/protobuf, or the port of gRPC, often 4317"
            : "this port does not speak OTLP/HTTP; write protocol: grpc, or the port of HTTP, often 4318"
    }
}
