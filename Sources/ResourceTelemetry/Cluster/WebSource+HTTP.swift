internal import OneLoggerHTTP

extension WebSource {
    /// Asks over a network; a new connection each time, because the next poll is seconds away.
    static let network = WebSource { url, body, deadline throws(ResourceError) in
        var connection = HTTPConnection()
        connection.connectTimeout = deadline - .now
        var headers = ["Accept: application/json"]
        if body != nil { headers.append("Content-Type: application/json") }
        let request = HTTPRequest(url: url, headers: headers, timeout: deadline - .now)
        do throws(HTTPFailure) {
            let client = try HTTPClient(connection)
            let answer =
                if let body {
                    try client.post(request, Array(body.utf8).span) { deadline }
                } else {
                    try client.get(request) { deadline }
                }
            return Answer(status: answer.status, body: answer.body)
        } catch {
            throw .unavailable(source: url, reason: error.reason)
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
