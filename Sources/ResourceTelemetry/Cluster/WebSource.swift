internal import OneLoggerCore
internal import OneLoggerText

/// Asks a server for JSON over HTTP.
///
/// What does the asking is given, so that everything else is independent of it.
struct WebSource: Sendable {
    /// An answer that arrived as a whole.
    struct Answer: Sendable, Hashable {
        var status: Int
        var body: [UInt8]
    }

    /// What is asked, until when, and how long the answer may be, in bytes.
    struct Question: Sendable {
        var url: String
        /// Sent with POST; nil means GET.
        var body: String?
        var deadline: ContinuousClock.Instant
        var limit: Int
    }

    /// Asks once.
    var ask: @Sendable (_ question: Question) throws(ResourceError) -> Answer

    /// The answer of a server as JSON.
    ///
    /// - Parameters:
    ///   - url: Where to ask.
    ///   - body: What to send; nil to send nothing.
    ///   - deadline: Until when to wait.
    ///   - limit: The longest answer that is read.
    /// - Returns: Its value.
    /// - Throws: ``ResourceError`` when there is none, when its status is not 200, or when it is no JSON.
    func json(
        _ url: String, posting body: String? = nil, deadline: ContinuousClock.Instant, limit: AnswerLimit
    ) throws(ResourceError) -> JSONValue {
        let answer = try ask(Question(url: url, body: body, deadline: deadline, limit: limit.bytes))
        guard answer.status == 200 else {
            throw .unavailable(source: url, reason: "the server answers with status \(answer.status)")
        }
        // Before there is memory for each: no more than one value stands behind each of these.
        var values = 1
        for byte in answer.body where byte == 44 || byte == 91 || byte == 123 { values += 1 }
        guard values <= limit.values else {
            throw .malformed(
                source: url, reason: "it has more than the \(limit.values) values that \(AnswerLimit.key) allows")
        }
        var parser = JSONParser(answer.body.span)
        do throws(JSONSyntaxError) { return try parser.document() } catch {
            throw .malformed(source: url, reason: "no JSON: byte \(error.offset): \(error.reason)")
        }
    }
}
