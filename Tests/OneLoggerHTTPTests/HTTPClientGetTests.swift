import OneLoggerHTTP
import OneLoggerTestSupport
import Testing

@Suite struct HTTPClientGetTests {
    /// A server that answers with the method, the path and the body it got.
    private static let server = """
        import http.server
        class Echo(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'
            def log_message(self, *a): pass
            def answer(self):
                body = self.rfile.read(int(self.headers.get('content-length') or 0))
                text = (self.command + ' ' + self.path + ' ').encode() + body
                self.send_response(200)
                self.send_header('content-length', str(len(text)))
                self.end_headers()
                self.wfile.write(text)
            do_GET = do_POST = answer
        s = http.server.HTTPServer(('127.0.0.1', 0), Echo)
        print(s.server_port, flush=True)
        s.serve_forever()
        """

    @Test func `a GET sends no body, also between two POSTs on one connection`() throws {
        let process = try ChildProcess("python3", ["-c", Self.server])
        defer {
            process.kill(9)
            _ = process.end()
        }
        let port = try #require(process.line())
        let client = try HTTPClient(HTTPConnection())
        let request = HTTPRequest(url: "http://127.0.0.1:\(port)/x", headers: [], timeout: .seconds(10))
        let limit = ContinuousClock.now + .seconds(10)
        func text(_ response: HTTPResponse) -> String { String(decoding: response.body, as: UTF8.self) }
        #expect(text(try client.post(request, Array("one".utf8).span) { limit }) == "POST /x one")
        #expect(text(try client.get(request) { limit }) == "GET /x ")
        #expect(text(try client.post(request, Array("two".utf8).span) { limit }) == "POST /x two")
    }
}
