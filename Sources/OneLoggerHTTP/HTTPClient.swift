internal import CCurl
internal import OneLoggerCore
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Sends requests to one server, one after the other, on a connection that is kept.
///
/// One thread uses it; only ``waker`` may be called from others. Signals must be blocked on that thread, as they are on
/// an exporter's: TLS would raise SIGPIPE.
@safe
package final class HTTPClient {
    /// Ends a wait of a client from another thread.
    ///
    /// libcurl allows this one call from everywhere as long as the handle lives, and the lock holds it: that is why it
    /// is `Sendable`.
    @safe
    package final class Waker: Sendable {
        @safe
        fileprivate struct Handle: @unchecked Sendable {
            var multi: UnsafeMutableRawPointer?
        }

        fileprivate let handle = unsafe Mutex(Handle(multi: nil))

        /// Makes a wait that is going on, or else the next one, end early.
        package func wake() {
            handle.withLock { handle in
                if let multi = unsafe handle.multi { unsafe _ = curl_multi_wakeup(multi) }
            }
        }
    }

    /// Wakes this client.
    package let waker = Waker()

    private let connection: HTTPConnection
    let easy: UnsafeMutableRawPointer
    private let multi: UnsafeMutableRawPointer
    private let answer = CurlAnswer()
    private let message = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    /// The request's header lines, as libcurl wants them, and what they were made from.
    private var list: UnsafeMutablePointer<curl_slist>?
    private var listed: [String] = []
    /// True while the connection of HTTP/2 without TLS is open, as far as can be known.
    private var isWarm = false

    /// Prepares a client; connects to nobody.
    ///
    /// - Throws: ``HTTPFailure`` when libcurl cannot be used.
    package init(_ connection: HTTPConnection) throws(HTTPFailure) {
        guard CurlLibrary.isReady, let easy = unsafe curl_easy_init() else {
            throw HTTPFailure(.other, "libcurl cannot be used")
        }
        guard let multi = unsafe curl_multi_init() else {
            unsafe curl_easy_cleanup(easy)
            throw HTTPFailure(.other, "libcurl has no memory")
        }
        self.connection = connection
        unsafe self.easy = easy
        unsafe self.multi = multi
        unsafe message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        waker.handle.withLock { handle in unsafe handle.multi = multi }
        setUp()
    }

    deinit {
        waker.handle.withLock { handle in unsafe handle.multi = nil }
        unsafe curl_easy_cleanup(easy)
        unsafe curl_multi_cleanup(multi)
        unsafe curl_slist_free_all(list)
        unsafe message.deallocate()
    }

    /// Sends a request and waits for the answer.
    ///
    /// - Parameters:
    ///   - request: What to send, but for the body.
    ///   - body: The body.
    ///   - deadline: Until when to wait, whatever the request's timeout; asked again whenever ``waker`` was called.
    /// - Returns: The answer, whatever its status.
    /// - Throws: ``HTTPFailure`` when no answer arrived.
    package func post(
        _ request: HTTPRequest, _ body: borrowing Span<UInt8>, until deadline: () -> ContinuousClock.Instant
    ) throws(HTTPFailure) -> HTTPResponse {
        try unsafe body.withUnsafeBytes { bytes throws(HTTPFailure) in try unsafe send(request, bytes, deadline) }
    }

    private func send(
        _ request: HTTPRequest, _ body: UnsafeRawBufferPointer, _ deadline: () -> ContinuousClock.Instant
    ) throws(HTTPFailure) -> HTTPResponse {
        prepare(request)
        let isDirect = connection.isHTTP2 && request.url.hasPrefix("http:")
        guard isDirect, CurlLibrary.losesReusedStreams else {
            setVersion(
                !connection.isHTTP2 ? nil : isDirect ? CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE : CURL_HTTP_VERSION_2TLS)
            return try unsafe perform(body, deadline)
        }
        // The first request opens the connection as HTTP/2; the next ones ride on it, which only works when they seem
        // to ask for something else. One that fails so is sent once more on a new connection.
        let wasWarm = isWarm
        isWarm = false
        setVersion(wasWarm ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE)
        unsafe ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, wasWarm ? 0 : 1)
        do throws(HTTPFailure) {
            let response = try unsafe perform(body, deadline)
            isWarm = true
            return response
        } catch {
            guard wasWarm, error.kind != .timeout, error.kind != .stopped else { throw error }
        }
        setVersion(CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE)
        unsafe ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, 1)
        let response = try unsafe perform(body, deadline)
        isWarm = true
        return response
    }

    /// Sends what needs no body, on whatever version of HTTP the server speaks.
    func ask(_ request: HTTPRequest, until deadline: () -> ContinuousClock.Instant) throws(HTTPFailure) -> HTTPResponse
    {
        prepare(request)
        setVersion(nil)
        return try unsafe perform(nil, deadline)
    }

    /// Waits without doing anything, until the moment comes or ``waker`` is called.
    package func sleep(until moment: ContinuousClock.Instant) {
        unsafe _ = curl_multi_poll(multi, nil, 0, milliseconds(until: moment), nil)
    }

    private func milliseconds(until moment: ContinuousClock.Instant) -> Int32 {
        let left = ContinuousClock.now.duration(to: moment)
        return Int32(min(max(0, left / .milliseconds(1) + 0.999), 3_600_000))
    }
}

extension HTTPClient {
    private func setUp() {
        let target = unsafe Unmanaged.passUnretained(answer).toOpaque()
        unsafe ccurl_set_sink(easy, CURLOPT_WRITEFUNCTION, CurlAnswer.onBody)
        unsafe ccurl_set_pointer(easy, CURLOPT_WRITEDATA, target)
        unsafe ccurl_set_sink(easy, CURLOPT_HEADERFUNCTION, CurlAnswer.onHeader)
        unsafe ccurl_set_pointer(easy, CURLOPT_HEADERDATA, target)
        unsafe ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, message)
        unsafe ccurl_set_open_socket(easy) { _, _, address in
            guard let wanted = unsafe address?.pointee else { return -1 }
            let made = aboveStandardStreams(socket(wanted.family, wanted.socktype, wanted.protocol))
            // A process that the application starts must not hold the connection open.
            _ = fcntl(made, F_SETFD, FD_CLOEXEC)
            return made
        }
        let numbers: [(CURLoption, Int)] = [
            (CURLOPT_POST, 1), (CURLOPT_NOSIGNAL, 1), (CURLOPT_TCP_NODELAY, 1), (CURLOPT_TCP_KEEPALIVE, 1),
            // Without it, giving up waits for the system's resolver.
            (CURLOPT_QUICK_EXIT, 1),
            // A whole batch goes to the system at once.
            (CURLOPT_UPLOAD_BUFFERSIZE, 512 << 10),
            (CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(connection.connectTimeout / .milliseconds(1)))),
            (CURLOPT_SSL_VERIFYPEER, connection.verifiesServer ? 1 : 0),
            (CURLOPT_SSL_VERIFYHOST, connection.verifiesServer ? 2 : 0),
        ]
        for (option, value) in numbers { unsafe ccurl_set_long(easy, option, value) }
        let texts = [
            (CURLOPT_PROTOCOLS_STR, "http,https"), (CURLOPT_CAINFO, connection.authorities),
            (CURLOPT_SSLCERT, connection.certificate), (CURLOPT_SSLKEY, connection.key),
        ]
        for case (let option, let value?) in texts { unsafe ccurl_set_text(easy, option, value) }
        if !connection.isHTTP2 { unsafe ccurl_set_text(easy, CURLOPT_ACCEPT_ENCODING, "gzip") }
        unsafe ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 2)
    }

    private func setVersion(_ version: Int?) {
        unsafe ccurl_set_long(easy, CURLOPT_HTTP_VERSION, version ?? CURL_HTTP_VERSION_2TLS)
    }

    private func prepare(_ request: HTTPRequest) {
        answer.limit = request.largestAnswer
        unsafe ccurl_set_text(easy, CURLOPT_URL, request.url)
        unsafe ccurl_set_long(easy, CURLOPT_TIMEOUT_MS, max(1, Int(request.timeout / .milliseconds(1))))
        // What a proxy is for lies elsewhere; the variables of the environment count for all else.
        let host = request.url.drop { $0 != "/" }.dropFirst(2)
        let isLocal = ["localhost", "127.", "[::1]"].contains(where: host.hasPrefix)
        unsafe ccurl_set_text(easy, CURLOPT_NOPROXY, isLocal ? "*" : nil)
        guard request.headers != listed else { return }
        unsafe curl_slist_free_all(list)
        unsafe list = nil
        // A server would be asked whether it wants a body of this size, and the body would wait for the answer.
        for line in request.headers + ["Expect:"] { unsafe list = curl_slist_append(list, line) }
        unsafe ccurl_set_pointer(easy, CURLOPT_HTTPHEADER, list)
        listed = request.headers
    }

    private func perform(
        _ body: UnsafeRawBufferPointer?, _ deadline: () -> ContinuousClock.Instant
    ) throws(HTTPFailure) -> HTTPResponse {
        answer.reset()
        unsafe message[0] = 0
        if let body = unsafe body {
            unsafe ccurl_set_pointer(easy, CURLOPT_POSTFIELDS, body.baseAddress ?? UnsafeRawPointer(message))
            unsafe ccurl_set_long(easy, CURLOPT_POSTFIELDSIZE, body.count)
        }
        guard let result = transfer(deadline) else { throw HTTPFailure(.stopped, "the shutdown left no more time") }
        guard result == CURLE_OK else { throw failure(result) }
        var status = 0, wait: curl_off_t = 0
        unsafe ccurl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
        unsafe ccurl_get_offset(easy, CURLINFO_RETRY_AFTER, &wait)
        return HTTPResponse(
            status: status, fields: answer.fields, body: answer.body,
            retryAfter: answer.hasRetryAfter ? .seconds(min(max(0, Int(wait)), 1 << 31)) : nil)
    }

    /// Nil when the deadline passed.
    private func transfer(_ deadline: () -> ContinuousClock.Instant) -> CURLcode? {
        guard unsafe curl_multi_add_handle(multi, easy) == CURLM_OK else { return CURLE_FAILED_INIT }
        defer { unsafe curl_multi_remove_handle(multi, easy) }
        var running: Int32 = 1
        while true {
            guard unsafe curl_multi_perform(multi, &running) == CURLM_OK else { return CURLE_FAILED_INIT }
            if running == 0 { return unsafe ccurl_multi_result(multi) }
            let limit = deadline()
            if ContinuousClock.now >= limit { return nil }
            unsafe _ = curl_multi_poll(multi, nil, 0, min(milliseconds(until: limit), 1000), nil)
        }
    }

    private func failure(_ code: CURLcode) -> HTTPFailure {
        if answer.isTooLong { return HTTPFailure(.unreadable, "the answer is longer than \(answer.limit) bytes") }
        var number = 0
        unsafe ccurl_get_long(easy, CURLINFO_OS_ERRNO, &number)
        let said = unsafe String(cString: message)
        let reason = said.isEmpty ? unsafe String(cString: curl_easy_strerror(code)) : said
        let kind: HTTPFailure.Kind =
            switch code {
            case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT: .unreachable
            case CURLE_OPERATION_TIMEDOUT: .timeout
            case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE,
                CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CIPHER:
                .untrusted
            case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY: .misunderstood
            case CURLE_BAD_CONTENT_ENCODING, CURLE_WRITE_ERROR: .unreadable
            case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE, CURLE_HTTP2,
                CURLE_HTTP2_STREAM, CURLE_SSL_CONNECT_ERROR:
                .dropped
            default: .other
            }
        return HTTPFailure(kind, errno: Int32(truncatingIfNeeded: number), reason)
    }
}
