public import OneLoggerCore

/// What the benchmarks time: the encoder without a network behind it.
@_spi(Benchmarks)
public struct EncoderBenchmark: ~Copyable, Sendable {
    private var encoder: OTLPEncoder

    /// Prepares an encoder with its usual limits.
    public init(json: Bool, resource: Resource) {
        encoder = OTLPEncoder(
            format: json ? .json : .protobuf, signals: Set(OTLPSignal.allCases), resource: resource)
    }

    /// Encodes a batch and gives the size of the requests.
    ///
    /// Unit: bytes.
    public mutating func encode(_ batch: Batch) -> Int {
        encoder.messages(batch).reduce(0) { $0 + $1.content.count }
    }

    /// Encodes a batch and hands over the bodies of the requests.
    public mutating func encode(_ batch: Batch, _ body: (borrowing Span<UInt8>) -> Void) {
        for message in encoder.messages(batch) { message.content.withBytes(body) }
    }
}
