/// The kinds of telemetry that OTLP carries, each to a path and a service of its own.
enum OTLPSignal: String, Sendable, CaseIterable, Hashable {
    case traces
    case metrics
    case logs
}

/// How a message is written.
enum OTLPFormat: Sendable, Hashable {
    case protobuf
    case json
}

/// One `Export…ServiceRequest`, ready to be sent: not compressed, not framed.
struct OTLPMessage: Sendable, Hashable {
    /// Where it goes.
    var signal: OTLPSignal
    /// How it is written.
    var format: OTLPFormat
    /// The request.
    var content: OTLPBody
    /// How many spans, metric points or log records it holds.
    var recordCount: Int

    /// A copy of the request, for whoever takes it apart.
    var body: [UInt8] {
        get { content.array }
        set { content = OTLPBody(copying: newValue) }
    }
}
