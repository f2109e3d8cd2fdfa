internal import OneLoggerHTTP

extension WebSource {
    /// Asks over a network; a new connection each time, because the next poll is seconds away.
    static let network = WebSource { question throws(ResourceError) in
        let deadline = question.deadline
        var connection = HTTPConnection()
        connection.connectTimeout = deadline - .now
        var headers = ["Accept: application/json"]
        if question.body != nil { headers.append("Content-Type: application/json") }
        var request = HTTPRequest(url: question.url, headers: headers, timeout: deadline - .now)
        request.largestAnswer = question.limit
        do throws(HTTPFailure) {
            let client = try HTTPClient(connection)
            let answer =
                if let body = question.body {
                    try client.post(request, Array(body.utf8).span) { deadline }
                } else {
                    try client.get(request) { deadline }
                }
            return Answer(status: answer.status, body: answer.body)
        } catch {
            throw .unavailable(source: question.url, reason: error.reason)
        }
    }
}

extension DaskAdapter {
    /// Creates an adapter; asks nobody yet.
    public init(_ options: Options) { self.init(options, web: .network) }
}

extension DragonAdapter {
    /// Creates an adapter; asks nobody yet.
    public init(_ options: Options = Options()) { self.init(options, web: .network) }
}
