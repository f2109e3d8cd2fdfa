internal import OneLoggerCore

/// Asks a server for JSON over HTTP.
///
/// What does the asking is given, so that everything else is independent of it.
struct WebSource: Sendable {
    /// An answer that arrived as a whole.
    struct Answer: Sendable, Hashable {
        var status: Int
        var body: [UInt8]
    }

    /// Sends GET, or POST when there is a body, and waits until the deadline.
    var ask:
        @Sendable (_ url: String, _ body: String?, _ deadline: ContinuousClock.Instant) throws(ResourceError) -> Answer

    /// The answer of a server as JSON.
    ///
    /// - Throws: ``ResourceError`` when there is none, when its status is not 200, or when it is no JSON.
    func json(_ url: String, posting body: String? = nil, deadline: ContinuousClock.Instant) throws(ResourceError)
        -> JSONValue
    {
        let answer = try ask(url, body, deadline)
        guard answer.status == 200 else {
            throw .unavailable(source: url, reason: "the server answers with status \(answer.status)")
        }
        var parser = JSONParser(answer.body.span)
        do throws(JSONSyntaxError) { return try parser.document() } catch {
            throw .malformed(source: url, reason: "no JSON: byte \(error.offset): \(error.reason)")
        }
    }
}
