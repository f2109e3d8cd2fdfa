import OneLoggerCore
import OneLoggerOTLP
import OneLoggerTestSupport
import Testing

/// What answers mean, the odd ones too.
@Suite(.timeLimit(.minutes(15))) struct AnswerTests {
    typealias WireProtocol = OTLPExporter.WireProtocol

    @Test(arguments: WireProtocol.allCases)
    func `what the server took only in part is counted as lost, with its reason`(wireProtocol: WireProtocol) throws {
        let probe = try Probe(wireProtocol, script: #"[{"partial":3,"message":"too old"}]"#)
        let errors = probe.run(spans(0..<10), spans(10..<11))
        #expect(errors.count == 2 && errors[0]?.lost == 3 && errors[1] == nil)
        #expect(errors[0]?.description.contains("3 records lost: the server took only a part: \"too old\"") == true)
        #expect(probe.got { $0.count >= 2 }.count == 2, "it is not sent again")
    }

    @Test(arguments: WireProtocol.allCases)
    func `more rejected than sent counts as all, and a warning loses nothing`(wireProtocol: WireProtocol) throws {
        let probe = try Probe(wireProtocol, script: #"[{"partial":9999},{"partial":0,"message":"slow down"}]"#)
        let errors = probe.run(spans(0..<10), spans(10..<12))
        #expect(errors.map { $0?.lost } == [10, 0])
        #expect(errors[1]?.description.contains("slow down") == true)
    }

    static let accepted: [(String, String)] = [
        ("protobuf without a body", #"{"hex":""}"#), ("JSON without a body", #"{"type":"application/json","body":""}"#),
        ("no type and no body", #"{"type":"","body":""}"#), ("status 202", #"{"status":202}"#),
        ("null", #"{"type":"application/json; charset=utf-8","body":"{\"partialSuccess\":null}"}"#),
        ("nothing partial", #"{"type":"application/json","body":"{\"partialSuccess\":{}}"}"#),
        (
            "what is unknown",
            #"{"type":"application/json","body":" {\"x\":[1,{\"y\":\"\\u00e9\\n\"}],\"partialSuccess\":{\"rejectedSpans\":\"0\"}} "}"#
        ),
        ("compressed", #"{"gzip":true}"#), ("an unknown field", #"{"hex":"1203616263"}"#),
    ]

    @Test(arguments: accepted)
    func `an answer that says yes in another way counts as success`(name: String, plan: String) throws {
        let probe = try Probe(script: "[\(plan)]")
        #expect(probe.run(spans(0..<2)) == [nil], "\(name)")
        #expect(probe.got { !$0.isEmpty }.count == 1)
    }

    static let unreadable: [(String, String, String)] = [
        ("HTML", #"{"type":"text/html","body":"<html>Welcome</html>"}"#, "text/html"),
        ("plain text", #"{"type":"text/plain","body":"ok"}"#, "text/plain"),
        ("HTML without a body", #"{"type":"text/html","body":""}"#, "text/html"),
        ("no type", #"{"type":"","body":"{}"}"#, "does not say what it is"),
        ("half a protobuf message", #"{"hex":"0a05"}"#, "cannot be read"),
        ("half of the inner message", #"{"hex":"0a020805"}"#, ""),
        ("a wrong inner message", #"{"hex":"0a0212ff"}"#, "cannot be read"),
        ("an endless number", #"{"hex":"ffffffffffffffffffffffff"}"#, "cannot be read"),
        ("half of JSON", #"{"type":"application/json","body":"{\"partialSuccess\":{"}"#, "cannot be read"),
        ("JSON of another shape", #"{"type":"application/json","body":"[]"}"#, "cannot be read"),
        (
            "a partial success of another shape", #"{"type":"application/json","body":"{\"partialSuccess\":5}"}"#,
            "cannot be read"
        ),
        (
            "a count that is none",
            #"{"type":"application/json","body":"{\"partialSuccess\":{\"rejectedSpans\":true}}"}"#, "cannot be read"
        ),
        (
            "too deep", #"{"type":"application/json","body":"\#(String(repeating: "[", count: 10_000))"}"#,
            "cannot be read"
        ),
        ("no gzip although it says so", #"{"false_gzip":true,"body":"hello, this is not compressed"}"#, "decode"),
    ].filter { !$0.2.isEmpty }

    @Test(arguments: unreadable)
    func `an answer that cannot be understood is no success`(name: String, plan: String, expected: String) throws {
        let probe = try Probe(script: "[\(plan)]")
        let errors = probe.run(spans(0..<2), spans(2..<3))
        #expect(errors.count == 2 && errors[0]?.isRejected == true, "\(name)")
        #expect(errors[0]?.description.contains(expected) == true, "\(name): \(errors[0]?.description ?? "")")
        #expect(errors[1] == nil)
    }

    @Test func `an answer without end is cut off`() throws {
        let probe = try Probe(script: #"[{"body":"\#(String(repeating: "a", count: 10))","missing":0}]"#)
        #expect(probe.run(spans(0..<1)).first??.isRejected == true)
    }

    @Test(arguments: [404, 405])
    func `a kind that the server refuses is switched off for itself alone`(status: Int) throws {
        let probe = try Probe()
        var options = probe.options
        options.logs?.headers = ["x-test": "\(probe.id)-logs", "x-always": #"{"status":\#(status)}"#]
        try checkSwitchedOff(probe, options, "answers \(status)")
    }

    @Test func `a kind that the server of gRPC does not implement is switched off for itself alone`() throws {
        let probe = try Probe(.grpc)
        var options = probe.options
        options.logs?.headers = ["x-test": "\(probe.id)-logs", "x-always": #"{"code":"UNIMPLEMENTED"}"#]
        try checkSwitchedOff(probe, options, "answers UNIMPLEMENTED")
    }

    private func checkSwitchedOff(_ probe: Probe, _ options: OTLPExporter.Options, _ reason: String) throws {
        var exporter = try OTLPExporter(options, ExporterContext())
        for _ in 0..<3 {
            do throws(ExportError) {
                try exporter.export(everyKind())
                Issue.record("the event is lost")
            } catch {
                #expect(error.lost == 1)
                #expect(error.description.contains(reason) && error.description.contains("logs are switched off"))
            }
        }
        try exporter.export(spans(0..<1))
        try exporter.close()
        #expect(probe.got { $0.count >= 7 }.count == 7)
        #expect(probe.receiver.got("\(probe.id)-logs").count == 1, "it is asked once")
    }

    @Test(arguments: WireProtocol.allCases)
    func `a batch that is too large is halved until it fits`(wireProtocol: WireProtocol) throws {
        guard wireProtocol != .httpJSON else { return }
        let probe = try Probe(wireProtocol, always: #"{"max_records":3}"#)
        #expect(probe.run(spans(0..<10)) == [nil])
        let requests = probe.got { $0.filter { $0.names.count <= 3 }.flatMap(\.names).count >= 10 }
        #expect(requests.filter { $0.names.count <= 3 }.flatMap(\.names) == names(0..<10))
        let hopeless = try Probe(wireProtocol, always: #"{"max_records":0}"#)
        #expect(hopeless.run(spans(0..<1)).first??.isRejected == true)
    }

    @Test func `the wrong protocol for a port is said`() throws {
        let receiver = try #require(Receiver.shared)
        var toGRPC = try Probe(.httpProtobuf, port: receiver.grpc), toHTTP = try Probe(.grpc, port: receiver.http)
        toGRPC.options.retry.total = .milliseconds(20)
        toHTTP.options.retry.total = .milliseconds(20)
        let first = try #require(toGRPC.run(spans(0..<1)).first ?? nil),
            second = try #require(toHTTP.run(spans(0..<1)).first ?? nil)
        #expect(first.description.contains("protocol: grpc"), "\(first)")
        #expect(second.description.contains("http/protobuf"), "\(second)")
    }

    @Test func `secrets that a server repeats are not shown`() throws {
        var probe = try Probe(
            script:
                #"[{"status":401,"type":"application/json","body":"{\"message\":\"bad key hunter2 in Bearer hunter2!\"}"}]"#
        )
        probe.change { $0.headers["authorization"] = "Bearer hunter2" }
        let error = try #require(probe.run(spans(0..<1)).first ?? nil)
        #expect(error.description.contains("answers 401: \"bad key <redacted> in <redacted>!\""), "\(error)")
        var shown = ""
        dump(probe.options, to: &shown)
        shown += "\(probe.options) \(String(reflecting: probe.options))"
        #expect(!shown.contains("hunter2") && shown.contains("authorization"))
    }

    @Test func `the user and the query of an address are not shown`() throws {
        var options = OTLPExporter.Options(endpoint: "http://me:hunter2@127.0.0.1:\(freePort())?key=hunter2")
        options.retry.total = .zero
        var exporter = try OTLPExporter(options, ExporterContext())
        do throws(ExportError) {
            try exporter.export(spans(0..<1))
            Issue.record("nobody is there")
        } catch { #expect(!"\(error)\(options)".contains("hunter2") && "\(error)".contains("http://127.0.0.1:")) }
        try exporter.close()
    }
}
