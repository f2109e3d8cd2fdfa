/// A text as a message shows it: in quotes, on one line, and cut after 60 characters, which may have few accents only.
package func excerpt(_ text: String) -> String {
    var shown = ""
    let start = text.prefix(60).unicodeScalars.prefix(240)
    for scalar in start {
        shown += scalar.value < 32 || scalar.value == 127 ? scalar.escaped(asASCII: true) : String(scalar)
    }
    return "\"\(shown)\(start.endIndex < text.endIndex ? "…" : "")\""
}
