internal import OneLoggerCore

/// The rules for addresses.
enum Endpoint {
    /// Where servers listen unless told otherwise.
    static func preset(_ wireProtocol: OTLPExporter.WireProtocol) -> String {
        wireProtocol == .grpc ? "http://localhost:4317" : "http://localhost:4318"
    }

    /// The whole address of one kind of telemetry at a server.
    static func url(base: String, _ signal: OTLPSignal, _ wireProtocol: OTLPExporter.WireProtocol) -> String {
        let (address, query) = parts(base)
        let path = wireProtocol == .grpc ? service(signal) : "v1/\(signal.rawValue)"
        return "\(address.hasSuffix("/") ? String(address.dropLast()) : address)/\(path)\(query)"
    }

    private static func service(_ signal: OTLPSignal) -> String {
        let name =
            switch signal {
            case .traces: ("trace", "Trace")
            case .metrics: ("metrics", "Metrics")
            case .logs: ("logs", "Logs")
            }
        return "opentelemetry.proto.collector.\(name.0).v1.\(name.1)Service/Export"
    }

    private static func parts(_ url: String) -> (address: String, query: String) {
        let address = url.prefix { !"?#".contains($0) }
        return (String(address), String(url.dropFirst(address.count)))
    }

    /// True when the address names the port that is gRPC's by custom.
    static func namesPortOfGRPC(_ url: String) -> Bool { authority(url)?.hasSuffix(":4317") ?? false }

    private static func authority(_ url: String) -> Substring? {
        for scheme in ["http://", "https://"] where url.lowercased().hasPrefix(scheme) {
            return url.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
        }
        return nil
    }

    /// What is wrong with an address and how to mend it; nil when nothing is.
    static func problem(_ url: String) -> (problem: String, advice: String)? {
        let example = "Write an address such as http://localhost:4318."
        guard !url.unicodeScalars.contains(where: { $0.value <= 32 || $0.value == 127 }) else {
            return ("holds a space or a control character", "Percent-encode or remove it.")
        }
        guard let authority = authority(url) else {
            return url.holds("://")
                ? ("has a scheme that is neither http nor https", example)
                : ("is no address: it does not begin with http:// or https://", example)
        }
        let server = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        var host = server, port: Substring?
        if server.hasPrefix("[") {
            guard let end = server.firstIndex(of: "]") else { return ("has an IPv6 host without its ']'", example) }
            host = server[...end]
            let rest = server[server.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else {
                return ("has something behind the ']' of its host", example)
            }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = server.firstIndex(of: ":") {
            host = server[..<colon]
            port = server[server.index(after: colon)...]
        }
        guard !host.isEmpty, host != "[]" else { return ("names no host", example) }
        if let port {
            guard let number = UInt16(port), number > 0, port.utf8.allSatisfy({ (48...57).contains($0) }) else {
                return ("has a port that is no number from 1 to 65535", example)
            }
        }
        return nil
    }
}
