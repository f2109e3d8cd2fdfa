import OneLoggerCore
import OneLoggerHTTP
import Testing

@testable import OneLoggerOTLP

/// Answers that mean harm, or look like it.
@Suite(.timeLimit(.minutes(15))) struct HostileAnswerTests {
    @Test func `a long text of escapes is read in one pass`() {
        let text = String(repeating: "\\u0041", count: 170_000)
        let answer = JSONAnswer(parsing: Array("{\"message\":\"\(text)\"}".utf8))
        #expect(answer?["message"]?.text?.utf8.count == 170_000)
    }

    @Test func `a status of gRPC counts only in an answer of gRPC`() {
        func verdict(_ status: Int) -> Verdict {
            GRPCAnswer.verdict(
                HTTPResponse(
                    status: status, fields: [.init(name: "grpc-status", value: "0")], body: [0, 0, 0, 0, 0]))
        }
        #expect(verdict(200) == .accepted)
        #expect(verdict(503) == .later(wait: nil, errno: 0, "it answers 503"))
        guard case .refused = verdict(500) else {
            Issue.record("500 is no success")
            return
        }
    }

    @Test(arguments: [Duration.seconds(3601), .seconds(1 << 31)])
    func `a server cannot end delivery for longer than an hour`(asked: Duration) throws {
        let destination = OTLPExporter.Destination(url: "http://127.0.0.1:1/v1/traces", wireProtocol: .httpProtobuf)
        var channel = Channel(.traces, destination, try HTTPClient(HTTPConnection()))
        channel.failed(asking: asked, OTLPExporter.Retry())
        let end = try #require(channel.next(after: .now))
        #expect(end <= .now + .seconds(3600) && end > .now + .seconds(3000))
    }

    /// `google.rpc.Status` with a `RetryInfo` whose delay has these seconds, as a varint.
    private func delay(_ seconds: [UInt8]) -> Duration? {
        let delay = [0x08] + seconds, info = [0x0a, UInt8(delay.count)] + delay
        let type = Array("type.googleapis.com/google.rpc.RetryInfo".utf8)
        let any = [0x0a, UInt8(type.count)] + type + [0x12, UInt8(info.count)] + info
        return RPCStatus(protobuf: ([0x1a, UInt8(any.count)] + any)[...])?.retryDelay
    }

    @Test func `a wait of gRPC that is negative is none, and one without end is bounded`() {
        #expect(delay([5]) == .seconds(5))
        #expect(delay(Array(repeating: 0xff, count: 9) + [1]) == .zero, "-1")
        #expect(delay(Array(repeating: 0xff, count: 8) + [0x7f]) == .seconds(1 << 31), "the largest")
        #expect(delay(Array(repeating: 0xff, count: 11)) == .zero, "malformed")
    }

    @Test func `what a message shows of a text is short, also when its characters are not`() {
        #expect(excerpt("e" + String(repeating: "\u{301}", count: 100_000)).utf8.count < 600)
        #expect(excerpt(String(repeating: "é", count: 60)) == "\"" + String(repeating: "é", count: 60) + "\"")
    }
}
