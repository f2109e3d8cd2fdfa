import OneLoggerCore
import Testing

@Suite struct ResourceTests {
    private let full = Resource(
        serviceName: "digits", host: "node7", pid: 42, rank: 3, localRank: 1, worldSize: 8, sessionTag: "run-1",
        customMetadata: ["team": "vision"])

    @Test func `everything known stands among the attributes, in a fixed order`() {
        #expect(
            full.attributes.map(\.key) == [
                "service.name", "host.name", "process.pid", "rank", "local_rank", "world_size", "session_tag", "team",
            ])
        #expect(full.attributes["process.pid"] == 42)
        #expect(full.attributes["rank"] == 3)
    }

    @Test func `what is unknown is left out, and a rank of zero is known`() {
        #expect(Resource().attributes == ["service.name": "unknown_service"])
        #expect(Resource(rank: 0).attributes["rank"] == 0)
    }

    @Test func `custom metadata wins over what has the same name`() {
        let resource = Resource(serviceName: "a", customMetadata: ["service.name": "b"])
        #expect(resource.attributes == ["service.name": "b"])
    }

    @Test(arguments: [
        ("plain", "plain"), ("", ""), ("{pid}", "42"), ("a-{rank}.{pid}.jsonl", "a-3.42.jsonl"),
        ("{rank}{rank}{pid}", "3342"), ("{session}/{unknown}", "run-1/{unknown}"), ("{", "{"), ("}{", "}{"),
        ("{{pid}}", "{42}"), ("{PID}", "{PID}"), ("{pid", "{pid"), ("{{{rank}", "{{3"), ("日本{rank}🐢", "日本3🐢"),
        ("{ rank }", "{ rank }"), ("{\u{301}rank}", "{\u{301}rank}"), ("{rank}\u{301}", "3\u{301}"),
    ])
    func `placeholders are replaced and everything else stays`(text: String, expanded: String) {
        #expect(full.expanding(text) == expanded)
    }

    @Test func `an unknown rank is 0 and an unknown session is none`() {
        #expect(Resource().expanding("{session}-{rank}-{pid}") == "none-0-0")
    }

    @Test(arguments: [
        ("a/b", "a_b"), ("/", "_"), ("../../etc", ".._.._etc"), ("..", "__"), (".", "_"), ("a\0b", "a_b"),
        ("a/\u{301}b", "a_\u{301}b"), ("...", "..."), ("{pid}", "{pid}"), ("x y", "x y"),
    ])
    func `a session tag stays one part of the path`(tag: String, part: String) {
        let expanded = Resource(sessionTag: tag).expanding("logs/{session}/x")
        #expect(expanded == "logs/\(part)/x")
        #expect(expanded.utf8.count { $0 == UInt8(ascii: "/") } == 2)
    }
}
