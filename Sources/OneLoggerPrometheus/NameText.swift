/// Names of metrics and labels, cut down to the characters that Prometheus knows.
enum NameText {
    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`.
    ///
    /// - Parameters:
    ///   - name: The instrument's name.
    ///   - collapsing: Several `_` become one, as OpenTelemetry's rules say.
    /// - Returns: The name; `_` when nothing of it is left.
    static func metric(_ name: String, collapsing: Bool) -> String {
        clean(name, collapsing: collapsing, allowsColon: true)
    }

    /// `[a-zA-Z_][a-zA-Z0-9_]*`, and never `__` in front, which Prometheus keeps for itself.
    static func label(_ key: String) -> String { clean(key, collapsing: true, allowsColon: false) }

    /// A unit that no table knows; empty when nothing of it can stand in a name.
    static func unit(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if isLetter(byte) || isDigit(byte) {
                bytes.append(byte)
            } else if !bytes.isEmpty, bytes.last != 95 {
                bytes.append(95)
            }
        }
        if bytes.last == 95 { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func clean(_ text: String, collapsing: Bool, allowsColon: Bool) -> String {
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            let byte = scalar.isASCII ? UInt8(scalar.value) : 0
            let isFine = isLetter(byte) || isDigit(byte) || (byte == 58 && allowsColon)
            if isDigit(byte), bytes.isEmpty { bytes.append(95) }
            if isFine {
                bytes.append(byte)
            } else if !collapsing || bytes.last != 95 {
                bytes.append(95)
            }
        }
        return bytes.isEmpty ? "_" : String(decoding: bytes, as: UTF8.self)
    }

    private static func isLetter(_ byte: UInt8) -> Bool { 65...90 ~= byte || 97...122 ~= byte }
    private static func isDigit(_ byte: UInt8) -> Bool { 48...57 ~= byte }
}
