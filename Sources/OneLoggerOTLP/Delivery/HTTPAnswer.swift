internal import OneLoggerCore
internal import OneLoggerHTTP

/// Reads answers of OTLP/HTTP.
///
/// https://opentelemetry.io/docs/specs/otlp/#otlphttp-response. The answer's own content type says how its body is
/// read: some servers answer in JSON whatever they are sent. Only what can be read as the right message counts as
/// success; an empty body is that message without fields.
enum HTTPAnswer {
    private enum Body {
        case empty
        case protobuf
        case json(JSONAnswer)
        case foreign(String)
    }

    static func verdict(_ response: HTTPResponse, _ wireProtocol: OTLPExporter.WireProtocol) -> Verdict {
        let status = response.status
        switch status {
        case 200...299: return success(response, wireProtocol)
        case 429, 502, 503, 504:
            return .later(wait: response.retryAfter, errno: 0, "it answers \(status)\(said(response))")
        case 413: return .tooLarge("it answers 413\(said(response))")
        case 404, 405: return .signalRefused("it answers \(status)\(said(response))")
        case 300...399: return .refused("it answers \(status), a redirection, which OTLP does not follow")
        default: return .refused("it answers \(status)\(said(response))")
        }
    }

    private static func success(_ response: HTTPResponse, _ wireProtocol: OTLPExporter.WireProtocol) -> Verdict {
        let unreadable = Verdict.refused(
            "it answers \(response.status), but the answer cannot be read, so nobody knows what was taken")
        switch body(response) {
        case nil: return unreadable
        case .empty?: return .accepted
        case .foreign(let type)?:
            return .refused("it answers \(response.status) with \(type); \(Verdict.otherProtocol(than: wireProtocol))")
        case .protobuf?:
            guard let partial = PartialSuccess(protobuf: response.body[...]) else { return unreadable }
            return partial.verdict
        case .json(let answer)?:
            guard let partial = PartialSuccess(json: answer) else { return unreadable }
            return partial.verdict
        }
    }

    /// Nil when it is of a right type and cannot be read.
    private static func body(_ response: HTTPResponse) -> Body? {
        let type = (response["content-type"] ?? "").prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace }
        switch type {
        case "application/x-protobuf", "application/protobuf", "application/vnd.google.protobuf":
            return response.body.isEmpty ? .empty : .protobuf
        case "application/json":
            if response.body.isEmpty { return .empty }
            return JSONAnswer(parsing: response.body).map { .json($0) }
        case "": return response.body.isEmpty ? .empty : .foreign("something that does not say what it is")
        default: return .foreign(excerpt(type))
        }
    }

    /// What the server says about a failure, as the end of a sentence.
    private static func said(_ response: HTTPResponse) -> String {
        let text: String? =
            switch body(response) {
            case .protobuf?: RPCStatus(protobuf: response.body[...])?.message
            case .json(let answer)?: answer["message"]?.text ?? answer["error"]?.text
            default: nil
            }
        guard let text, !text.isEmpty else { return "" }
        return ": \(excerpt(text))"
    }
}

/// `ExportTracePartialSuccess` and its sisters, which look the same.
struct PartialSuccess: Equatable {
    var rejected = 0
    var message = ""

    var verdict: Verdict {
        if rejected > 0 { return .partly(lost: rejected, "the server took only a part: \(excerpt(message))") }
        return message.isEmpty
            ? .accepted : .partly(lost: 0, "the server took everything and warns: \(excerpt(message))")
    }

    /// Reads an `Export…ServiceResponse`.
    init?(protobuf bytes: ArraySlice<UInt8>) {
        var response = ProtobufReader(bytes)
        while let field = response.next() {
            guard field.number == 1, case .bytes(let inner) = field.value else { continue }
            var partial = ProtobufReader(inner)
            while let field = partial.next() {
                switch (field.number, field.value) {
                case (1, .varint(let value)): rejected = Int(clamping: Int64(bitPattern: value))
                case (2, .bytes(let text)): message = String(decoding: text, as: UTF8.self)
                default: break
                }
            }
            guard !partial.isMalformed else { return nil }
        }
        guard !response.isMalformed else { return nil }
    }

    /// Reads the same in JSON; `null` and what is unknown count as absent.
    init?(json answer: JSONAnswer) {
        guard answer.isObject else { return nil }
        guard let partial = answer["partialSuccess"] ?? answer["partial_success"], !partial.isNull else { return }
        guard partial.isObject else { return nil }
        for key in ["rejectedSpans", "rejectedDataPoints", "rejectedLogRecords"] {
            // Protobuf writes 64-bit integers as texts.
            guard let value = partial[key], !value.isNull else { continue }
            guard let number = value.text.flatMap({ Int($0) }) else { return nil }
            rejected = max(rejected, number)
        }
        message = partial["errorMessage"]?.text ?? ""
    }
}
