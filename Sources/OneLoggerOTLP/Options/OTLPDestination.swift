extension OTLPExporter {
    /// How messages travel.
    public enum WireProtocol: String, Sendable, Hashable, CaseIterable {
        /// OTLP/HTTP with binary messages.
        case httpProtobuf = "http/protobuf"
        /// OTLP/HTTP with messages in JSON.
        case httpJSON = "http/json"
        /// OTLP/gRPC, one unary call per message.
        case grpc
    }

    /// How requests are made smaller.
    public enum Compression: String, Sendable, Hashable, CaseIterable {
        /// Not at all.
        case none
        /// In the format of gzip.
        case gzip
    }

    /// Where one kind of telemetry goes, and how.
    ///
    /// Its descriptions show no header values, no user and no query of the address: they may be secrets.
    public struct Destination: Sendable, Hashable {
        /// The whole address, `http://` or `https://`; the service's path is part of it.
        public var url: String
        /// How messages travel.
        public var wireProtocol = WireProtocol.httpProtobuf
        /// Header fields, or metadata of gRPC, that go with every request.
        public var headers: [String: String] = [:]
        /// From sending to the end of the answer, the connection included.
        public var timeout = Duration.seconds(10)
        /// How long a connection may take to be made; the timeout ends it, too.
        public var connectTimeout = Duration.seconds(5)
        /// How requests are made smaller.
        public var compression = Compression.none
        /// A PEM file with the authorities that the server's certificate must come from; nil for those of the system.
        public var certificate: String?
        /// A PEM file with the certificate that shows the server who the client is.
        public var clientCertificate: String?
        /// The PEM file with its key.
        public var clientKey: String?
        /// True to let any server pretend to be this one; only for experiments.
        public var isInsecure = false

        /// Creates a destination for one kind of telemetry.
        ///
        /// - Parameters:
        ///   - url: The whole address, such as `http://localhost:4318/v1/traces`.
        ///   - wireProtocol: How messages travel.
        public init(url: String, wireProtocol: WireProtocol = .httpProtobuf) {
            self.url = url
            self.wireProtocol = wireProtocol
        }

        /// The address as messages show it.
        var shownURL: String {
            let parts = url.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return "a malformed address" }
            let plain = parts[1].prefix { !"?#".contains($0) }
            let authority = plain.prefix { $0 != "/" }, path = plain.dropFirst(authority.count)
            let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
            return "\(parts[0])://\(host)\(path)"
        }
    }
}

extension OTLPExporter.Destination: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The protocol, the address and the names of the headers.
    public var description: String {
        let names = headers.keys.sorted().joined(separator: ", ")
        return "\(wireProtocol.rawValue) to \(shownURL)\(names.isEmpty ? "" : ", headers: \(names)")"
    }
    /// The same as the description.
    public var debugDescription: String { description }
    /// Only what the description shows.
    public var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}
