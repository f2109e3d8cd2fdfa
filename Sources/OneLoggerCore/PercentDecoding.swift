/// A text with `%41` replaced by `A`, without spaces around it; nil when it is malformed or holds control characters.
package func percentDecoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "%") else {
            bytes.append(byte)
            continue
        }
        guard rest.count >= 2, let decoded = UInt8(String(Substring(rest.prefix(2))), radix: 16),
            rest.first != UInt8(ascii: "+")
        else { return nil }
        bytes.append(decoded)
        rest = rest.dropFirst(2)
    }
    guard let decoded = String(validating: bytes, as: UTF8.self),
        !decoded.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else { return nil }
    let trimmed = decoded.drop(while: \.isWhitespace)
    return String(trimmed.reversed().drop(while: \.isWhitespace).reversed())
}
