internal import OneLoggerCore

/// Finds out where each kind of telemetry goes.
///
/// Each key has four possible sources, the first one that has it wins: the section of one kind, the map around it, the
/// variable of one kind, the variable for all.
struct DestinationReader {
    private static let keys = [
        "endpoint", "protocol", "headers", "timeout_s", "connect_timeout_s", "compression", "certificate",
        "client_certificate", "client_key", "insecure",
    ]
    /// What the exporter itself says in a request.
    private static let reserved = [
        "content-type", "content-length", "content-encoding", "transfer-encoding", "connection", "host", "te", "expect",
    ]

    private let environment: OTLPEnvironment
    private let path: String
    private let origin: SettingsOrigin
    private var common: [String: SettingsNode] = [:]
    private var own: [OTLPSignal: [String: SettingsNode]] = [:]
    /// What is wrong, each problem once.
    private(set) var problems: [SettingsError] = []

    init(_ settings: Settings) {
        environment = OTLPEnvironment(lookUp: settings.environment)
        path = settings.name(nil)
        origin = settings.origin
    }

    /// The kinds that are sent.
    func signals(_ settings: inout Settings) -> [OTLPSignal] {
        var signals = OTLPSignal.allCases.filter { !environment.isOff($0) }
        if let place = settings.origin(of: "signals"), let names = settings.strings("signals") {
            signals = []
            for name in names {
                guard let signal = OTLPSignal(rawValue: name), !signals.contains(signal) else {
                    settings.report(
                        "signals", "holds \(excerpt(name)), which is unknown or stands twice",
                        advice: "Write some of traces, metrics, logs.", at: place)
                    continue
                }
                signals.append(signal)
            }
        }
        return environment.isDisabled ? [] : signals
    }

    /// Takes the keys out of the configuration.
    mutating func readLevels(_ settings: inout Settings) {
        common = Self.nodes(&settings)
        for signal in OTLPSignal.allCases {
            settings.section(signal.rawValue) { section in own[signal] = Self.nodes(&section) }
        }
    }

    private static func nodes(_ settings: inout Settings) -> [String: SettingsNode] {
        var nodes: [String: SettingsNode] = [:]
        for key in keys { nodes[key] = settings.node(key) }
        return nodes
    }

    /// Where one kind goes.
    mutating func destination(_ signal: OTLPSignal) -> OTLPExporter.Destination {
        var isWhole = false
        let entries: [SettingsNode.Entry] = Self.keys.compactMap { key in
            let specific = own[signal]?[key], general = common[key]
            let variable = environment.node(key, signal)
            guard let node = specific ?? general ?? variable ?? environment.node(key, nil) else { return nil }
            if key == "endpoint" { isWhole = specific != nil || general == nil && variable != nil }
            return .init(key: key, origin: node.origin, value: node)
        }
        let isOwn = !(own[signal]?.isEmpty ?? true)
        var settings = Settings(
            SettingsNode(.map(entries), origin: origin), path: isOwn ? "\(path).\(signal.rawValue)" : path)
        let result = read(&settings, signal, isWhole: isWhole)
        do throws(SettingsError) {
            try settings.finish()
        } catch {
            problems += error.all.filter { !problems.contains($0) }
        }
        return result
    }

    private func read(
        _ settings: inout Settings, _ signal: OTLPSignal, isWhole: Bool
    ) -> OTLPExporter.Destination {
        var result = OTLPExporter.Destination(url: "")
        let endpoint = Self.endpoint(&settings)
        let words: KeyValuePairs<String, OTLPExporter.WireProtocol> = [
            "http/protobuf": .httpProtobuf, "http/json": .httpJSON, "grpc": .grpc,
        ]
        let guess = endpoint.map(Endpoint.namesPortOfGRPC) ?? false
        result.wireProtocol = settings.choice("protocol", words) ?? (guess ? .grpc : .httpProtobuf)
        let base = endpoint ?? Endpoint.preset(result.wireProtocol)
        result.url =
            isWhole && result.wireProtocol != .grpc ? base : Endpoint.url(base: base, signal, result.wireProtocol)
        result.headers = Self.headers(&settings)
        Self.seconds("timeout_s", &settings, into: &result.timeout)
        result.connectTimeout = min(result.connectTimeout, result.timeout)
        settings.readSeconds("connect_timeout_s", into: &result.connectTimeout, in: 0.001...600)
        settings.read("compression", into: &result.compression, ["none": .none, "gzip": .gzip])
        settings.read("insecure", into: &result.isInsecure)
        let places = (settings.origin(of: "client_certificate"), settings.origin(of: "client_key"))
        result.certificate = Self.file("certificate", &settings)
        result.clientCertificate = Self.file("client_certificate", &settings)
        result.clientKey = Self.file("client_key", &settings)
        if places.0 != nil, places.1 == nil {
            settings.report(
                "client_certificate", "needs a key", advice: "Add 'client_key', the file with its key.", at: places.0)
        }
        if places.1 != nil, places.0 == nil {
            settings.report(
                "client_key", "needs a certificate", advice: "Add 'client_certificate', the file that it belongs to.",
                at: places.1)
        }
        return result
    }

    private static func endpoint(_ settings: inout Settings) -> String? {
        let place = settings.origin(of: "endpoint")
        guard let text = settings.string("endpoint") else { return nil }
        guard let (problem, advice) = Endpoint.problem(text) else { return text }
        settings.report("endpoint", problem, advice: advice, at: place)
        return nil
    }

    /// Seconds in a configuration, milliseconds in a variable.
    private static func seconds(_ key: String, _ settings: inout Settings, into value: inout Duration) {
        guard case .environment(let name) = settings.origin(of: key) else {
            return settings.readSeconds(key, into: &value, in: 0.001...600)
        }
        guard let node = settings.node(key) else { return }
        guard case .double(let seconds) = node.content, (0.001...600).contains(seconds) else {
            settings.report(
                key, "cannot be taken from \(name)",
                advice: "Set it to a number of milliseconds from 1 to 600000.", at: node.origin)
            return
        }
        value = .seconds(seconds)
    }

    /// A file with certificates or a key.
    private static func file(_ key: String, _ settings: inout Settings) -> String? {
        let place = settings.origin(of: key)
        guard let path = settings.string(key) else { return nil }
        let advice = "Write the path of a readable PEM file."
        switch Files.content(path) {
        case .failure(let error):
            let problem = "is \(excerpt(path)), which cannot be read: \(error.reason)"
            settings.report(key, problem, advice: advice, at: place)
        case .success(let bytes):
            if String(decoding: bytes, as: UTF8.self).holds("-----BEGIN ") { return path }
            settings.report(key, "is \(excerpt(path)), which holds no PEM text", advice: advice, at: place)
        }
        return nil
    }

    private static func headers(_ settings: inout Settings) -> [String: String] {
        guard let node = settings.node("headers") else { return [:] }
        guard case .map(let entries) = node.content else {
            if case .environment = node.origin {
                settings.report(
                    "headers", "has a part that is no pair",
                    advice: "Set it to NAME=VALUE,NAME=VALUE, percent-encoded.",
                    at: node.origin)
            } else {
                settings.wrongType("headers", "a map of names and texts", node)
            }
            return [:]
        }
        var result: [String: String] = [:]
        for entry in entries {
            let name = entry.key.lowercased()
            func report(_ problem: String, _ advice: String) {
                settings.report("headers.\(entry.key)", problem, advice: advice, at: entry.origin)
            }
            guard !name.isEmpty, name.utf8.allSatisfy(isOfToken) else {
                report("is no name of a header", "Write letters, digits and hyphens.")
                continue
            }
            guard !reserved.contains(name), !name.hasPrefix("grpc-") else {
                report("is set by the exporter", "Remove it.")
                continue
            }
            guard case .string(let value) = entry.value.content else {
                report("must be a text", "Write it in quotes.")
                continue
            }
            guard !value.unicodeScalars.contains(where: { $0.value < 32 && $0 != "\t" || $0.value == 127 }) else {
                report("holds a control character", "Remove it.")
                continue
            }
            if result.updateValue(value, forKey: name) != nil {
                report("stands twice, in another case", "Keep one of them.")
            }
        }
        return result
    }

    /// True for what a header's name may consist of.
    private static func isOfToken(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            || Array("!#$%&'*+-.^_`|~".utf8).contains(byte)
    }
}
