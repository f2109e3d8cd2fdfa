import Foundation
import OneLoggerCore
import OneLoggerTestSupport
import Testing

@testable import OneLoggerOTLP

@Suite struct ResourceMappingTests {
    @Test func `the resource has the attributes of the semantic conventions, and custom metadata win`() throws {
        // given
        let resource = Resource(
            serviceName: "digits-train", host: "node-7", pid: 28_052, rank: 3, localRank: 1, worldSize: 8,
            sessionTag: "run-12", customMetadata: ["team": "vision", "host.name": "mine"])
        let span = SpanRecord(
            "s", context: SpanContext(traceID: TraceID(high: 1, low: 1), spanID: SpanID(1)),
            start: Timestamp(nanoseconds: 1), end: Timestamp(nanoseconds: 1))
        let check = OfficialCheck()

        // when
        try check.add(OTLPEncoder.messages(Batch(spans: [span], resource: resource)))

        // then
        #expect(try check.run() == "checked 1")
        let request = try check.dump("0", .traces)
        var found = request.resource.attributes.mapValues { "\($0)" }
        let instance = found.removeValue(forKey: "service.instance.id") ?? ""
        #expect(
            instance.contains(
                try Regex("^.\"stringValue\":\"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\".$")
            ))
        let path = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        #expect(found.removeValue(forKey: "host.arch") != nil)
        func text(_ value: String) -> String { "{\"stringValue\":\"\(value)\"}" }
        #expect(
            found == [
                "service.name": text("digits-train"), "telemetry.sdk.name": text("onelogger"),
                "telemetry.sdk.language": text("swift"), "telemetry.sdk.version": text(packageVersion),
                "process.pid": "{\"intValue\":\"28052\"}", "process.executable.name": text(name),
                "process.executable.path": text(path), "process.runtime.name": text("swift"), "os.type": text("linux"),
                "host.name": text("mine"), "rank": "{\"intValue\":\"3\"}", "local_rank": "{\"intValue\":\"1\"}",
                "world_size": "{\"intValue\":\"8\"}", "session_tag": text("run-12"), "team": text("vision"),
            ])
        let scope = request["resourceSpans"][0]["scopeSpans"][0]["scope"]
        #expect(scope["name"].text == "onelogger")
        #expect(scope["version"].text == packageVersion)
    }

    @Test func `what is not given is found out`() {
        let found = Resource().semanticAttributes(incomplete: nil)
        #expect(found["process.pid"] == .int(Int(getpid())))
        #expect(found["host.name"] != nil)
        #expect(found["rank"] == nil && found["session_tag"] == nil && found["onelogger.data_complete"] == nil)
    }

    @Test func `all that a process sends has one instance id`() {
        #expect(ProcessIdentity.current == ProcessIdentity.current)
        #expect(ProcessIdentity.current.utf8.count == 36)
    }
}
