/// A text as a message shows it: in quotes, on one line, and cut after 60 characters, which may have few accents only.
package func excerpt(_ text: String) -> String {
    let start = text.prefix(60).unicodeScalars.prefix(240)
    return "\"\(onOneLine(String(start)))\(start.endIndex < text.endIndex ? "…" : "")\""
}

/// A text without line breaks and other control characters: they are shown as escapes.
package func onOneLine(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var shown = ""
    for scalar in text.unicodeScalars { shown += isControl(scalar) ? scalar.escaped(asASCII: true) : String(scalar) }
    return shown
}

private func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 32 || 0x7f...0x9f ~= scalar.value || 0x2028...0x2029 ~= scalar.value
}
