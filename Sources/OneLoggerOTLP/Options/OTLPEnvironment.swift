internal import OneLoggerCore

/// The standard variables of OpenTelemetry, as a configuration would say the same.
///
/// https://opentelemetry.io/docs/specs/otel/protocol/exporter/. An empty variable counts as not set.
struct OTLPEnvironment {
    /// Looks a variable up.
    let lookUp: @Sendable (String) -> String?

    private static let keys: [(variable: String, key: String)] = [
        ("ENDPOINT", "endpoint"), ("PROTOCOL", "protocol"), ("HEADERS", "headers"), ("TIMEOUT", "timeout_s"),
        ("COMPRESSION", "compression"), ("CERTIFICATE", "certificate"), ("CLIENT_KEY", "client_key"),
        ("CLIENT_CERTIFICATE", "client_certificate"),
    ]

    private static func exporter(_ signal: OTLPSignal) -> String { "OTEL_\(signal.rawValue.uppercased())_EXPORTER" }

    private func value(_ name: String) -> String? {
        guard let value = lookUp(name), !value.isEmpty else { return nil }
        return value
    }

    /// True when everything is to be off.
    var isDisabled: Bool { value("OTEL_SDK_DISABLED")?.lowercased() == "true" }

    /// True when one kind of telemetry is to be off.
    func isOff(_ signal: OTLPSignal) -> Bool { value(Self.exporter(signal)) == "none" }

    /// The value of one key.
    ///
    /// - Parameters:
    ///   - key: The key as a configuration has it.
    ///   - signal: The kind whose own variable is read; nil for the one that is common to all.
    /// - Returns: Nil when the variable is not set.
    func node(_ key: String, _ signal: OTLPSignal?) -> SettingsNode? {
        guard let variable = Self.keys.first(where: { $0.key == key })?.variable else { return nil }
        let name = "OTEL_EXPORTER_OTLP_\(signal.map { $0.rawValue.uppercased() + "_" } ?? "")\(variable)"
        guard let text = value(name) else { return nil }
        let origin = SettingsOrigin.environment(name)
        switch key {
        case "headers": return SettingsNode(headers(text, origin) ?? .string(text), origin: origin)
        case "timeout_s":
            // Milliseconds; what is no number stays a text.
            let seconds = Int(text).map { SettingsNode.Content.double(Double($0) / 1000) }
            return SettingsNode(seconds ?? .string(text), origin: origin)
        default: return SettingsNode(.string(text), origin: origin)
        }
    }

    /// `name=value,name=value` with percent-encoded values; nil when a pair cannot be read.
    private func headers(_ text: String, _ origin: SettingsOrigin) -> SettingsNode.Content? {
        var entries: [SettingsNode.Entry] = []
        for pair in text.split(separator: ",") where !pair.allSatisfy(\.isWhitespace) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let name = percentDecoded(parts[0]), let value = percentDecoded(parts[1]),
                !name.isEmpty
            else { return nil }
            entries.removeAll { $0.key == name }
            entries.append(.init(key: name, origin: origin, value: SettingsNode(.string(value), origin: origin)))
        }
        return .map(entries)
    }
}
