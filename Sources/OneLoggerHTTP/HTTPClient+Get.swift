internal import CCurl

extension HTTPClient {
    /// Asks for something without sending a body.
    ///
    /// - Parameters:
    ///   - request: What to ask for.
    ///   - deadline: Until when to wait, whatever the request's timeout; asked again whenever ``waker`` was called.
    /// - Returns: The answer, whatever its status.
    /// - Throws: ``HTTPFailure`` when no answer arrived.
    package func get(
        _ request: HTTPRequest, until deadline: () -> ContinuousClock.Instant
    ) throws(HTTPFailure) -> HTTPResponse {
        // A POST sets its body again; what says that it is one must be put back.
        unsafe ccurl_set_long(easy, CURLOPT_HTTPGET, 1)
        defer { unsafe ccurl_set_long(easy, CURLOPT_POST, 1) }
        return try ask(request, until: deadline)
    }
}
