internal import OneLoggerCore
internal import OneLoggerHTTP

/// The way of one kind of telemetry to its server, and how it fares.
struct Channel {
    let signal: OTLPSignal
    let destination: OTLPExporter.Destination
    let client: HTTPClient
    private let headers: [String]
    /// Why the server does not want this kind; nil while it might.
    var refusal: String?
    /// True when the last message was given up.
    var isDown = false
    /// Attempts that failed in a row.
    private var failures = 0
    /// Until when the server asked not to be asked.
    private(set) var isAskedToWaitUntil: ContinuousClock.Instant?
    /// Until when not to try again by our own decision.
    private(set) var restsUntil: ContinuousClock.Instant?

    init(_ signal: OTLPSignal, _ destination: OTLPExporter.Destination, _ client: HTTPClient) {
        self.signal = signal
        self.destination = destination
        self.client = client
        var headers = destination.headers.map { "\($0.key): \($0.value)" }.sorted()
        if destination.headers["user-agent"] == nil { headers.append("user-agent: OTel-OTLP-Exporter-OneLogger") }
        if destination.wireProtocol == .grpc {
            headers += ["content-type: application/grpc", "te: trailers", "grpc-accept-encoding: identity"]
        }
        self.headers = headers
    }

    /// What a connection of this channel needs; channels that need the same share one.
    static func connection(_ destination: OTLPExporter.Destination) -> HTTPConnection {
        var connection = HTTPConnection()
        let scheme = destination.url.prefix { $0 != "/" }
        let authority = destination.url.dropFirst(scheme.count + 2).prefix { !"/?#".contains($0) }
        connection.server = "\(scheme)//\(authority)"
        connection.isHTTP2 = destination.wireProtocol == .grpc
        connection.connectTimeout = destination.connectTimeout
        connection.authorities = destination.certificate
        connection.certificate = destination.clientCertificate
        connection.key = destination.clientKey
        connection.verifiesServer = !destination.isInsecure
        return connection
    }

    /// Sends one message.
    ///
    /// - Parameters:
    ///   - message: The message.
    ///   - body: Memory for what is made of it.
    ///   - gzip: What compresses.
    ///   - longest: The longest that this attempt may take.
    ///   - deadline: When to give up whatever happens.
    /// - Returns: What came of it.
    func post(
        _ message: OTLPMessage, body: inout [UInt8], gzip: inout Gzip, atMost longest: Duration,
        until deadline: () -> ContinuousClock.Instant
    ) -> Verdict {
        let isGRPC = destination.wireProtocol == .grpc
        guard !isGRPC || message.format == .protobuf else { return .refused("gRPC does not carry JSON") }
        let isCompressed = prepare(&body, message, &gzip)
        let timeout = min(destination.timeout, longest)
        var lines = headers
        if isGRPC {
            lines.append("grpc-timeout: \(max(1, Int(timeout / .milliseconds(1))))m")
            if isCompressed { lines.append("grpc-encoding: gzip") }
        } else {
            lines.append("content-type: application/\(message.format == .json ? "json" : "x-protobuf")")
            if isCompressed { lines.append("content-encoding: gzip") }
        }
        let request = HTTPRequest(url: destination.url, headers: lines, timeout: timeout)
        do throws(HTTPFailure) {
            let response =
                isGRPC || isCompressed
                ? try client.post(request, body.span, until: deadline)
                : try message.content.withBytes { bytes throws(HTTPFailure) in
                    try client.post(request, bytes, until: deadline)
                }
            let verdict =
                isGRPC ? GRPCAnswer.verdict(response) : HTTPAnswer.verdict(response, destination.wireProtocol)
            return verdict.withoutSecrets(of: destination)
        } catch {
            return Verdict.of(error, destination.wireProtocol).withoutSecrets(of: destination)
        }
    }

    /// Frames and compresses; false when the bytes are not compressed.
    private func prepare(_ body: inout [UInt8], _ message: OTLPMessage, _ gzip: inout Gzip) -> Bool {
        let isGRPC = destination.wireProtocol == .grpc, wantsGzip = destination.compression == .gzip
        guard isGRPC || wantsGzip else { return false }
        body.removeAll(keepingCapacity: true)
        if isGRPC { GRPCFrame.begin(&body, isCompressed: wantsGzip) }
        let isCompressed = wantsGzip && message.content.withBytes { gzip.compress($0, into: &body) }
        if isGRPC {
            if !isCompressed {
                body[0] = 0
                message.content.withBytes { bytes in unsafe bytes.withUnsafeBufferPointer { unsafe body += $0 } }
            }
            GRPCFrame.end(&body)
        }
        return isCompressed
    }

    /// When the next attempt may be; nil when now.
    func next(after now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        let moments = [isAskedToWaitUntil, restsUntil].compactMap { $0 }.filter { $0 > now }
        return moments.max()
    }

    /// A new batch may be tried at once, unless the server asked to wait.
    mutating func endRest() { restsUntil = nil }

    mutating func succeeded() {
        failures = 0
        isDown = false
        isAskedToWaitUntil = nil
        restsUntil = nil
    }

    /// The most that a server may ask for: one that is mistaken must not end delivery for good.
    static let longestWait = Duration.seconds(3600)

    /// Chooses when to try again: when the server says, else after a wait that doubles, less up to a half at random, so
    /// that many clients do not come back together.
    mutating func failed(asking wait: Duration?, _ retry: OTLPExporter.Retry) {
        let now = ContinuousClock.now
        let doubled = retry.initial * (1 << min(failures, 20))
        restsUntil = now + min(doubled, retry.max) * Double.random(in: 0.5...1)
        isAskedToWaitUntil = wait.flatMap { $0 > .zero ? now + min($0, Self.longestWait) : nil }
        failures += 1
    }
}

extension Verdict {
    /// The same, where a server that repeats a header or the address does not give them away.
    func withoutSecrets(of destination: OTLPExporter.Destination) -> Verdict {
        func clean(_ text: String) -> String { destination.secrets.reduce(text) { redacted($0, $1) } }
        return switch self {
        case .accepted: .accepted
        case .partly(let lost, let text): .partly(lost: lost, clean(text))
        case .later(let wait, let errno, let text): .later(wait: wait, errno: errno, clean(text))
        case .tooLarge(let text): .tooLarge(clean(text))
        case .refused(let text): .refused(clean(text))
        case .signalRefused(let text): .signalRefused(clean(text))
        }
    }

    private func redacted(_ text: String, _ secret: String) -> String {
        guard text.holds(secret) else { return text }
        let bytes = Array(text.utf8), unwanted = Array(secret.utf8)
        var result: [UInt8] = [], place = 0
        while place < bytes.count {
            if bytes[place...].starts(with: unwanted) {
                result += "<redacted>".utf8
                place += unwanted.count
            } else {
                result.append(bytes[place])
                place += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

extension OTLPExporter.Destination {
    /// Values of headers, and each of their words that is long enough to be a secret by itself.
    fileprivate var secrets: [String] {
        let words = headers.values.flatMap { value in [value] + value.split(separator: " ").map(String.init) }
        return words.filter { $0.utf8.count >= 4 }.sorted { $0.utf8.count > $1.utf8.count }
    }
}
