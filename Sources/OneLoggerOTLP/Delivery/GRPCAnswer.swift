internal import OneLoggerCore
internal import OneLoggerHTTP

/// Reads answers of OTLP/gRPC.
///
/// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md. The status stands in the trailers, or in the header
/// fields of an answer that has nothing else.
enum GRPCAnswer {
    private static let names = [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
        "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
        "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ]

    static func verdict(_ response: HTTPResponse) -> Verdict {
        // Whoever answers anything but 200 is none that speaks gRPC, whatever it says about a status.
        guard response.status == 200, let status = response["grpc-status"] else { return withoutStatus(response) }
        guard let code = Int(status), code >= 0 else { return .refused("its status \(excerpt(status)) is no number") }
        if code == 0 { return success(response) }
        let text = response["grpc-message"].map { percentDecoded($0[...]) ?? $0 } ?? ""
        let said =
            "it answers \(code < names.count ? names[code] : "status \(code)")"
            + (text.isEmpty ? "" : ": \(excerpt(text))")
        let wait = response["grpc-status-details-bin"].flatMap { details in
            Base64.decode(details).flatMap { RPCStatus(protobuf: $0[...]) }?.retryDelay
        }
        switch code {
        case 8 where isAboutSize(text): return .tooLarge(said)
        case 8 where wait == nil: return .refused(said)
        case 1, 4, 8, 10, 11, 14, 15: return .later(wait: wait, errno: 0, said)
        case 12: return .signalRefused(said)
        default: return .refused(said)
        }
    }

    private static func isAboutSize(_ text: String) -> Bool {
        let text = text.lowercased()
        return ["larger than max", "message size", "too large", "exceeds the limit"].contains { text.holds($0) }
    }

    private static func success(_ response: HTTPResponse) -> Verdict {
        guard let message = GRPCFrame.content(response.body), let partial = PartialSuccess(protobuf: message) else {
            return .refused("it answers OK, but the answer cannot be read, so nobody knows what was taken")
        }
        return partial.verdict
    }

    /// Answers of something in between, such as a proxy.
    ///
    /// https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
    private static func withoutStatus(_ response: HTTPResponse) -> Verdict {
        switch response.status {
        case 429, 502, 503, 504: .later(wait: response.retryAfter, errno: 0, "it answers \(response.status)")
        case 413: .tooLarge("it answers 413")
        case 404, 405: .signalRefused("it answers \(response.status) without a status of gRPC")
        default:
            .refused(
                "it answers \(response.status) without a status of gRPC; \(Verdict.otherProtocol(than: .grpc))")
        }
    }
}

/// The frame around one message of gRPC: whether it is compressed, its length, and the message.
enum GRPCFrame {
    /// Begins a frame whose length is not known yet.
    static func begin(_ bytes: inout [UInt8], isCompressed: Bool) { bytes += [isCompressed ? 1 : 0, 0, 0, 0, 0] }

    /// Writes the length into a frame that is alone in `bytes`.
    static func end(_ bytes: inout [UInt8]) {
        let count = UInt32(truncatingIfNeeded: bytes.count - 5)
        for place in 0..<4 { bytes[1 + place] = UInt8(truncatingIfNeeded: count >> UInt32(24 - 8 * place)) }
    }

    /// The message of a body with exactly one frame, not compressed; nil for any other body.
    static func content(_ body: [UInt8]) -> ArraySlice<UInt8>? {
        guard body.count >= 5, body[0] == 0 else { return nil }
        let count = body[1...4].reduce(0) { $0 << 8 | Int($1) }
        return body.count == 5 + count ? body[5...] : nil
    }
}

/// `google.rpc.Status`, which OTLP/HTTP has as the body of a failure and gRPC among its trailers.
struct RPCStatus: Equatable {
    var message = ""
    /// What `google.rpc.RetryInfo` among the details says; nil without it.
    var retryDelay: Duration?

    /// Reads the message; nil when it is malformed.
    init?(protobuf bytes: ArraySlice<UInt8>) {
        var status = ProtobufReader(bytes)
        while let field = status.next() {
            guard case .bytes(let value) = field.value else { continue }
            if field.number == 2 { message = String(decoding: value, as: UTF8.self) }
            if field.number == 3, let delay = Self.retryDelay(inDetail: value) { retryDelay = delay }
        }
        guard !status.isMalformed else { return nil }
    }

    /// Of an `Any` that holds a `RetryInfo`; zero when that names no time.
    private static func retryDelay(inDetail bytes: ArraySlice<UInt8>) -> Duration? {
        let detail = ProtobufReader.fields(bytes)
        guard case .bytes(let type)? = detail[1],
            String(decoding: type, as: UTF8.self).hasSuffix("google.rpc.RetryInfo")
        else { return nil }
        guard case .bytes(let info)? = detail[2], case .bytes(let delay)? = ProtobufReader.fields(info)[1] else {
            return .zero
        }
        let parts = ProtobufReader.fields(delay)
        var result = Duration.zero
        if case .varint(let seconds)? = parts[1] {
            result += .seconds(min(max(0, Int64(bitPattern: seconds)), 1 << 31))
        }
        if case .varint(let nanoseconds)? = parts[2] {
            result += .nanoseconds(min(max(0, Int64(bitPattern: nanoseconds)), 999_999_999))
        }
        return result
    }
}
