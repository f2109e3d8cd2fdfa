import OneLogger
import OneLoggerCore
import OneLoggerText
import OneLoggerJSONL
import OneLoggerTestSupport
import OneLoggerTesting
import Testing
import WorkflowTelemetry

@testable import ResourceTelemetry

/// To which span a sample belongs, and how it is written.
@Suite struct LinkTests {
    @Test func `while a session is open, samples belong to its span`() throws {
        let recording = Recording(BusyNode())
        let session = try WorkflowSession.start(id: "s", on: recording.recorder)
        #expect(eventually { recording.events.contains { $0.context == session.context } })
        let event = try #require(recording.events.last)
        #expect(event.context == session.context)
        #expect(event.sessionID == "s")
        try recording.end()
    }

    @Test func `without a session they belong to the application's span, the root that is open longest`() throws {
        let recording = Recording(BusyNode()), recorder = recording.recorder
        #expect(eventually { !recording.events.isEmpty })
        #expect(recording.events.allSatisfy { !$0.context.isValid })
        let application = recorder.start("application")
        recorder.timedSpan("other") { other in
            #expect(eventually { recording.events.contains { $0.context == application.context } })
            application.stop()
            // When the application's span is over, the next root stands for it.
            let context = other.context
            #expect(eventually { recording.events.contains { $0.context == context } })
        }
        recorder.timedSpan("child of nobody") { _ in }
        let count = recording.events.count
        #expect(eventually { recording.events.count > count + 2 && recording.events.last?.context.isValid == false })
        try recording.end()
    }

    @Test func `both schemas of JSON lines hold every sample, in the session's trace`() throws {
        let folder = TemporaryFolder()
        let native = folder("own.jsonl"), tal = folder("tal.jsonl")
        let recorder = Recorder(exporters: [
            ExporterSlot(try JSONLExporter(JSONLExporter.Options(path: native)), name: "own"),
            ExporterSlot(try JSONLExporter(JSONLExporter.Options(path: tal, schema: .tal)), name: "tal"),
        ])
        let session = try WorkflowSession.start(id: "s", on: recorder)
        var options = ResourceOptions()
        options.adapters = []
        options.interval = .milliseconds(20)
        let plugin = ResourceRecorder(options, adding: [BusyNode()], recorder: recorder)
        recorder.add(plugin)
        #expect(eventually { (plugin.health.first?.polls ?? 0) > 2 })
        try recorder.shutdown(timeout: .seconds(10))

        // The reader of our own lines gives the same values back.
        let events = try JSONLReader.contents(ofFile: native).records.compactMap { record -> EventRecord? in
            if case .typedEvent(let event) = record, event.type == "ResourceUpdate" { event } else { nil }
        }
        #expect(events.count >= 4)
        #expect(events.allSatisfy { $0.context == session.context && $0.nodeID == "n9" })
        let whole = try #require(events.first { ResourceUpdate($0)?.gpuID == nil })
        #expect(whole.time == Timestamp(secondsSince1970: 1e9))
        #expect(ResourceUpdate(whole)?.cpuPercent == 25)
        #expect(whole.attributes["job.tasks"] == 3)

        // The lines of the other schema are those that its readers know.
        let lines = try folder.text("tal.jsonl").split(separator: "\n").map { line -> JSONValue in
            var parser = JSONParser(Array(line.utf8).span)
            return try parser.document()
        }.filter { $0["event_type"]?.string == "ResourceUpdate" }
        #expect(lines.count == events.count)
        let gpu = try #require(lines.first { $0["gpu_id"]?.int == 1 })
        guard case .object(let members) = gpu else { return }
        #expect(
            members.map(\.name) == [
                "event_id", "event_type", "event_time", "emit_time", "session_id", "backend", "task_id", "node_id",
                "attributes", "cpu_percent", "memory_percent", "gpu_percent", "gpu_id", "disk_read_bytes",
                "disk_write_bytes", "net_sent_bytes", "net_recv_bytes", "resource_scope", "trace_id", "span_id", "name",
                "section",
            ])
        #expect(gpu["event_time"]?.double == 1e9 + 1)
        #expect(gpu["resource_scope"]?.string == "per_gpu")
        #expect(gpu["gpu_percent"]?.double == 80)
        #expect(gpu["cpu_percent"] == .null)
        #expect(gpu["section"]?.string == "event")
        let span = try #require(gpu["span_id"]?.string)
        #expect(span.hasSuffix(String(session.context.spanID.value, radix: 16)))
        #expect(lines.allSatisfy { $0["span_id"]?.string == span && $0["session_id"]?.string == "s" })
    }
}
