/// OpenTelemetry's rules for names and units.
///
/// > "Instrument names … have a maximum length of 255 characters; first character must be alphabetic; subsequent
/// > characters must belong to the alphanumeric characters, '_', '.', '-', and '/'."
/// > https://opentelemetry.io/docs/specs/otel/metrics/api/#instrument-name-syntax
enum InstrumentName {
    /// What is wrong with a name; nil when nothing is.
    static func problem(_ name: String) -> String? {
        guard let first = name.utf8.first else { return "the name is empty" }
        let shown = "the name '\(name.prefix(60))'"
        if name.utf8.count > 255 { return "\(shown) has \(name.utf8.count) bytes, at most 255 are allowed" }
        if !isLetter(first) { return "\(shown) does not begin with a letter from a to z" }
        if isReserved(name) { return "\(shown) belongs to a metric of the recorder itself" }
        guard let wrong = name.unicodeScalars.first(where: { !isAllowed($0) }) else { return nil }
        return "\(shown) contains '\(wrong)', allowed are letters, digits, '_', '.', '-' and '/'"
    }

    /// What is wrong with a unit; nil when nothing is.
    static func problem(unit: String) -> String? {
        if unit.utf8.count > 63 { return "the unit has \(unit.utf8.count) bytes, at most 63 are allowed" }
        guard unit.utf8.allSatisfy({ 0x20...0x7e ~= $0 }) else { return "the unit '\(unit)' is not printable ASCII" }
        return nil
    }

    private static func isLetter(_ byte: UInt8) -> Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.isASCII else { return false }
        let byte = UInt8(truncatingIfNeeded: scalar.value)
        return isLetter(byte) || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "_.-/".unicodeScalars.contains(scalar)
    }
}

extension InstrumentName {
    private static let ownNames = [
        "span.duration", "span.count", "process.cpu.time", "process.memory.usage", "process.start.time",
    ]

    /// Whether the recorder makes a metric of that name by itself, in any spelling that Prometheus takes for the same.
    static func isReserved(_ name: String) -> Bool {
        let bytes = name.lowercased().utf8.map { isSeparator($0) ? UInt8(ascii: ".") : $0 }
        let plain = String(decoding: bytes, as: UTF8.self)
        return plain.hasPrefix("onelogger.") || ownNames.contains(plain)
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "/")
    }
}
