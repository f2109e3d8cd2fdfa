/// A text as a message shows it: in quotes, on one line, and cut after 60 characters.
package func excerpt(_ text: String) -> String {
    var shown = ""
    for scalar in text.prefix(60).unicodeScalars {
        shown += scalar.value < 32 || scalar.value == 127 ? scalar.escaped(asASCII: true) : String(scalar)
    }
    return "\"\(shown)\(text.count > 60 ? "…" : "")\""
}
