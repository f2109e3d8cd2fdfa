/// How much one answer of a cluster may be.
struct AnswerLimit: Sendable, Hashable {
    /// Unit: bytes.
    let bytes: Int

    /// The key that says it.
    static let key = "'max_answer_bytes'"

    /// How many values it may hold: a value takes more memory than its text, and real answers have longer ones.
    var values: Int { max(1, bytes / 8) }

    /// Where the answer is longer: how long it is, and what to do.
    func problem(_ count: Int) -> String { "its answer has \(count) bytes, more than the \(bytes) of \(Self.key)" }
}

/// What a cluster gives as texts, such as the names of its nodes, is cut at so many bytes.
func cutName(_ text: String) -> String {
    guard text.utf8.count > 256 else { return text }
    var end = text.utf8.index(text.startIndex, offsetBy: 256)
    while end.samePosition(in: text) == nil { end = text.utf8.index(before: end) }
    return String(text[..<end])
}
