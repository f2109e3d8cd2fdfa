import Foundation
import OneLoggerHTTP
import OneLoggerTestSupport
import Testing

/// What the exporters' own tests do not show.
@Suite(.timeLimit(.minutes(15))) struct HTTPClientTests {
    private func failure(_ url: String, until deadline: ContinuousClock.Instant = .now + .seconds(30)) throws
        -> HTTPFailure
    {
        let client = try HTTPClient(HTTPConnection())
        let request = HTTPRequest(url: url, headers: [], timeout: .seconds(20))
        do throws(HTTPFailure) {
            let response = try client.post(request, [1].span) { deadline }
            Issue.record("it answers \(response.status)")
            return HTTPFailure(.other, "")
        } catch { return error }
    }

    @Test func `what cannot be reached has a kind and a reason, and a number where the system gave one`() throws {
        let refused = try failure("http://127.0.0.1:1/")
        #expect(refused.kind == .unreachable && refused.errno == ECONNREFUSED && !refused.reason.isEmpty)
        #expect(try failure("file:///etc/passwd").kind == .misunderstood)
        #expect(try failure("http://[").kind == .other)
    }

    /// A server that answers in this way, and what comes of it.
    private func answer<R>(_ job: String, _ body: (String) throws -> R) throws -> R {
        let process = try ChildProcess("python3", ["\(packageFolder)/Tests/Helpers/hostile_server.py", job])
        defer {
            process.kill(9)
            _ = process.end()
        }
        return try body("http://127.0.0.1:\(try #require(process.line()))/")
    }

    @Test(arguments: ["http-endless-header", "http-endless-1xx", "http-endless-trailers", "http-gzip-bomb"])
    func `an answer that never comes to its point is given up long before the time is over`(job: String) throws {
        #expect(try answer(job) { try failure($0) }.kind == .unreadable)
    }

    @Test func `an answer of HTTP 1.0 is over when the connection is`() throws {
        let body = try answer("http-old") { url in
            let client = try HTTPClient(HTTPConnection()), limit = ContinuousClock.now + .seconds(20)
            return try client.get(HTTPRequest(url: url, headers: [], timeout: .seconds(20))) { limit }.body
        }
        #expect(String(decoding: body, as: UTF8.self) == "until the end")
    }

    @Test func `a wake-up from another thread ends a wait, before or while it goes on`() throws {
        let client = try HTTPClient(HTTPConnection())
        let waker = client.waker
        waker.wake()
        client.sleep(until: .now + .seconds(600))
        Thread { waker.wake() }.start()
        client.sleep(until: .now + .seconds(600))
    }

    @Test func `a wake-up after the client is gone does nothing`() throws {
        var waker: HTTPClient.Waker?
        do { waker = try HTTPClient(HTTPConnection()).waker }
        waker?.wake()
    }

    @Test func `an answer that is too long is a failure, and the connection is made again`() throws {
        let receiver = try #require(Receiver.shared)
        let client = try HTTPClient(HTTPConnection()), id = UUID().uuidString
        func post(_ plan: String) throws -> HTTPResponse {
            let request = HTTPRequest(
                url: "http://127.0.0.1:\(receiver.http)/v1/traces",
                headers: ["content-type: application/x-protobuf", "x-test: \(id)", "x-always: \(plan)"],
                timeout: .seconds(20))
            return try client.post(request, [UInt8]().span) { .now + .seconds(20) }
        }
        #expect(try post(#"{"repeat":1000000}"#).body.count == 1_000_000)
        do {
            _ = try post(#"{"repeat":2000000}"#)
            Issue.record("two megabytes are too long")
        } catch let error as HTTPFailure { #expect(error.kind == .unreadable) }
        #expect(try post(#"{"status":204}"#).status == 204)
    }
}
