import OneLogger
import OneLoggerJSONL
import OneLoggerTestSupport
import OneLoggerTesting
import Testing
import WorkflowTelemetry

#if canImport(Glibc)
import Glibc
#endif

/// Files in the schema of the Telemetry Abstraction Layer, ours and the Python original's.
@Suite struct TALFileTests {
    private static let captures = ["rhapsody_stubgpu_checkpoint.jsonl", "dragon_real_checkpoint.jsonl"]
    private static let jqRecipes = [
        ["-r", "select(.section == \"event\") | .event_type"],
        ["-r", "select(.section == \"span\" and .name == \"task\") | [.attributes.task_id, .status_code] | @tsv"],
        ["-r", "select(.event_type == \"ResourceUpdate\" and .gpu_id == null) | [.node_id, .cpu_percent] | @tsv"],
    ]

    private func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

    /// A run with everything in it; the file.
    private func run(_ folder: TemporaryFolder) async throws -> String {
        let path = folder("s.1.telemetry.jsonl"), recorder = talRecorder(path)
        let session = try WorkflowSession.start(id: "s é\"", on: recorder)
        recorder.emit(
            ResourceUpdate(cpuPercent: 50, memoryPercent: 3.5, diskReadBytes: 0), backend: "pool", nodeID: "vm")
        recorder.emit(ResourceUpdate(gpuPercent: 76, gpuID: 0), backend: "pool", nodeID: "vm")
        recorder.emit(ResourceUpdate(cpuPercent: 30), backend: "pool", nodeID: "other")
        await session.workflowScope("w") { _ in
            await session.runTask("ok", executable: "load", backend: "pool") { await Task.yield() }
            try? await session.runTask("bad", executable: "train") { () async throws(Boom) in throw Boom() }
        }
        recorder.emit(
            Odd(), attributes: ["nan": .double(.nan), "text": "line\nfeed \u{1}", "list": .doubles([1, .infinity])])
        session.taskCreated("open")
        await session.stopPatiently()
        try recorder.shutdown(timeout: .patience)
        return path
    }

    @Test func `the file has the original's sections, keys and order, and is JSON to the last line`() async throws {
        let folder = TemporaryFolder(), path = try await run(folder), text = folder.text("s.1.telemetry.jsonl")
        let check = """
            import json, sys
            def bad(_): raise ValueError("no JSON number")
            keys = {}
            for line in open(sys.argv[1]):
                value = json.loads(line, parse_constant=bad)
                keys.setdefault(value["section"], []).append(list(value))
                if value["section"] != "metric":
                    assert len(value["trace_id"]) == 34 and len(value["span_id"]) == 18, line
            base = ["event_id", "event_type", "event_time", "emit_time", "session_id", "backend", "task_id", "node_id", "attributes"]
            for one in keys["event"]:
                assert one[:9] == base and one[-4:] == ["trace_id", "span_id", "name", "section"], one
            span = ["name", "span_id", "trace_id", "parent_span_id", "start_ns", "end_ns", "start_time_s", "end_time_s", "duration_ms", "status_code", "status_description", "attributes", "section"]
            assert all(one == span for one in keys["span"]), keys["span"]
            assert all(one[0] == "checkpoint_time" and one[-1] == "section" for one in keys["metric"]), keys["metric"]
            print("fine", len(keys["span"]))
            """
        #expect(try output(python, ["-c", check, path]) == "fine 5\n")
        let all = lines(text)
        #expect(all.first?.contains("\"event_type\": \"SessionStarted\"") == true)
        let metric = try #require(all.last { $0.hasSuffix("\"section\": \"metric\"}") })
        for part in [
            "\"tasks_submitted\": 2", "\"tasks_completed\": 1", "\"tasks_failed\": 1", "\"tasks_canceled\": 1",
            "\"tasks_running\": 0", "\"task_duration_seconds_count\": 2", "\"node_cpu_utilization\": 40.0",
            "\"node_memory_utilization\": 3.5",
        ] { #expect(metric.contains(part), "\(part) in \(metric)") }
    }

    @Test func `our reader gives back what was written, numbers that JSON does not know too`() async throws {
        let folder = TemporaryFolder(), path = try await run(folder)
        let contents = try JSONLReader.contents(ofFile: path)
        #expect(contents.problems == [] && contents.unknown.isEmpty)
        let events = contents.records.compactMap { if case .typedEvent(let event) = $0 { event } else { nil } }
        let odd = try #require(events.first { $0.type == "myapp.Odd" })
        #expect(odd.fields.map(\.name) == ["loss", "none", "plain", "curve"] && odd[field: "plain"] == 0.5)
        guard case .double(let loss)? = odd[field: "loss"], case .double(let nan)? = odd.attributes["nan"] else {
            Issue.record("numbers expected")
            return
        }
        #expect(loss == -.infinity && nan.isNaN && odd[field: "none"] == nil)
        #expect(odd.attributes["text"] == "line\nfeed \u{1}")
        #expect(odd.attributes["list"] == .doubles([1, .infinity]) && odd.attributes["non_finite"] == nil)
        guard case .doubles(let curve)? = odd[field: "curve"] else {
            Issue.record("a list expected")
            return
        }
        #expect(curve[0].isNaN && Array(curve[1...]) == [0.25, -.infinity])
        let text = folder.text("s.1.telemetry.jsonl")
        #expect(
            text.contains(
                "[\"attributes.nan=NaN\",\"attributes.list[1]=Infinity\",\"loss=-Infinity\",\"curve[0]=NaN\","
                    + "\"curve[2]=-Infinity\"]"))
        #expect(text.contains("\"curve\":[null,0.25,null]") && text.contains("\"list\":[1.0,null]"))
        #expect(events.allSatisfy { $0.sessionID == "s é\"" && $0.context.isValid })
        let spans = contents.records.spans
        #expect(Set(spans.map(\.context)).count == spans.count && spans.last?.name == "session")
        let failed = try #require(spans.first { $0.attributes["task_id"] == "bad" })
        #expect(failed.status == .error("Boom") && failed.attributes["asyncflow.workflow_id"] == "w")
        let open = try #require(spans.first { $0.attributes["task_id"] == "open" })
        #expect(open.status == .cancelled)
        #expect(
            contents.records.contains {
                if case .metric(let point) = $0 { point.name == "tasks_running" } else { false }
            })
    }

    @Test(arguments: captures)
    func `recordings of the original are read whole`(name: String) throws {
        let contents = try JSONLReader.contents(ofFile: fixture(name))
        #expect(contents.problems == [] && contents.unknown.isEmpty && contents.headers.isEmpty)
        let events = contents.records.compactMap { if case .typedEvent(let event) = $0 { event } else { nil } }
        let counts = Dictionary(grouping: events, by: \.type).mapValues(\.count)
        if name.hasPrefix("rhapsody") {
            #expect(counts["ResourceUpdate"] == 44 && counts["TaskCreated"] == 6 && counts["SessionEnded"] == 1)
            #expect(contents.records.spans.map(\.name).filter { $0 == "task" }.count == 6)
            // An id of fifteen digits, and a task without a backend.
            let created = try #require(events.first { $0.taskID == "task.gpu.02" })
            #expect(created.context.spanID == SpanID(0x043d_cc3c_b9fe_50e6) && created.backend == nil)
            let gpu = try #require(
                events.last { $0[field: "resource_scope"] == "per_gpu" }.flatMap { ResourceUpdate($0) })
            #expect(gpu.gpuID != nil && gpu.cpuPercent == nil && gpu.diskReadBytes == nil)
        } else {
            #expect(counts == ["SessionStarted": 1, "ResourceUpdate": 11, "SessionEnded": 1])
        }
        let session = try #require(contents.records.spans.last)
        #expect(session.name == "session" && events[0].context == session.context)
    }

    @Test func `the oddities of the original are accepted one by one`() throws {
        let event = "\"event_type\": \"a.B\", \"event_time\": 1.5"
        let span = "\"name\": \"task\", \"span_id\": \"0x1\", \"trace_id\": \"0x2\", \"start_ns\": 1, \"end_ns\": 2"
        let text = [
            "{\(event), \"loss\": Infinity, \"count\": 7, \"type\": \"x\", \"trace_id\": null, \"section\": \"event\"}",
            "{\(event), \"gone\": NaN}",
            "{\(span), \"status_code\": \"UNSET\", \"attributes\": {}, \"section\": \"span\"}",
            "{\(span), \"status_code\": \"OK\", \"attributes\": {}, \"section\": \"span\"}",
            "{\"checkpoint_time\": 2.5, \"tasks_started\": 3, \"d_count\": 2, \"d_sum\": 0.5, \"new\": 1, \"section\": \"metric\"}",
            "{\"event_type\": 5, \"section\": \"event\"}", "{\"section\": \"event\", \"event_id\":",
        ].joined(separator: "\n")
        let contents = try JSONLReader.contents(of: Array(text.utf8))
        guard case .typedEvent(let first) = contents.records[0] else {
            Issue.record("an event expected")
            return
        }
        #expect(first.fields == [.init("loss", .double(.infinity)), .init("count", 7), .init("type", "x")])
        #expect(contents.records.spans.map(\.status) == [.ok])
        let names = contents.records.compactMap { if case .metric(let point) = $0 { point.name } else { nil } }
        #expect(names == ["tasks_started", "d", "new"])
        #expect(contents.problems.map(\.kind).count == 2 && contents.problems.last?.kind == .torn)
    }

    @Test func `jq and pandas give the same for the original and for our copy of it`() async throws {
        for name in Self.captures {
            let contents = try JSONLReader.contents(ofFile: fixture(name)), folder = TemporaryFolder()
            var exporter = try JSONLExporter(.init(path: folder("copy.jsonl"), schema: .tal))
            try exporter.export(Batch(contents.records))
            try exporter.close()
            for recipe in Self.jqRecipes {
                let theirs = try output("jq", recipe + [fixture(name)])
                #expect(try lines(output("jq", recipe + [folder("copy.jsonl")])).sorted() == lines(theirs).sorted())
                #expect(!theirs.isEmpty || recipe == Self.jqRecipes[1])
            }
            let theirs = try output(python, [fixture("recipe.py"), fixture(name)])
            #expect(try output(python, [fixture("recipe.py"), folder("copy.jsonl")]) == theirs && !theirs.isEmpty)
        }
        let folder = TemporaryFolder(), path = try await run(folder)
        #expect(try lines(output("jq", Self.jqRecipes[1] + [path])) == ["ok\tOK", "bad\tERROR", "open\tERROR"])
        #expect(
            try output(python, [fixture("recipe.py"), path]).contains(
                "\"tasks\": {\"canceled\": 1, \"completed\": 1, \"failed\": 1}"))
    }

    @Test func `the commands of the document are those that are tested`() throws {
        let document = try output("cat", ["\(packageFolder)/Docs/formats/tal.md"])
        for recipe in Self.jqRecipes { #expect(document.contains("jq -r '\(recipe[1])' FILE\n"), "\(recipe)") }
    }

    @Test func `a line is in the file while the session goes on`() throws {
        let folder = TemporaryFolder(), recorder = talRecorder(folder("f"))
        let session = try WorkflowSession.start(on: recorder)
        session.taskCreated("t")
        #expect(eventually { folder.text("f").contains("TaskCreated") })
        try recorder.shutdown(timeout: .patience)
        #expect(session.isOpen == false)
    }

    @Test func `many tasks at once have each their own entries in their lines`() throws {
        let folder = TemporaryFolder(), recorder = talRecorder(folder("f")) { $0.flushInterval = .seconds(60) }
        let session = try WorkflowSession.start(on: recorder)
        // More than the encoder remembers, in turns, with what differs in all places.
        for number in 0..<600 {
            session.taskCreated("t\(number)", executable: "f\(number)", backend: "b\(number % 3)", dependsOn: ["x"])
        }
        for number in 0..<600 { session.taskStarted("t\(number)") }
        for number in 0..<600 { session.taskSubmitted("t\(number)", backend: number % 2 == 0 ? "other" : nil) }
        for number in 0..<600 { session.taskCompleted("t\(number)", attributes: ["n": .int(number)]) }
        try recorder.shutdown(timeout: .seconds(300))
        let contents = try JSONLReader.contents(ofFile: folder("f"))
        let read = contents.records.compactMap { if case .typedEvent(let event) = $0 { event } else { nil } }
        #expect(contents.problems == [] && read.count == 2_402)
        for event in read {
            guard let id = event.taskID, let number = Int(id.dropFirst()) else { continue }
            let later = ["TaskSubmitted", "TaskCompleted"].contains(event.type) && number % 2 == 0
            #expect(event.attributes["executable"] == .string("f\(number)"))
            #expect(event.backend == (later ? "other" : "b\(number % 3)"))
            #expect(event.context == session.spanContext(ofTask: id))
            #expect((event.attributes["n"] == .int(number)) == (event.type == "TaskCompleted"))
            #expect((event.attributes["depends_on"] == .strings(["x"])) == (event.type == "TaskCreated"))
        }
    }

    @Test func `a notice of lost data is an event of its own`() throws {
        let folder = TemporaryFolder(), time = Timestamp(nanoseconds: second)
        var exporter = try JSONLExporter(.init(path: folder("f"), schema: .tal))
        try exporter.export(
            Batch([
                .telemetryDataError(
                    .init(.incompleteTelemetryData, "full", firstTime: time, time: time, lostRecords: 3))
            ]))
        try exporter.close()
        #expect(folder.text("f").contains("\"event_type\": \"onelogger.TelemetryDataError\""))
        #expect(folder.text("f").contains("\"lost_records\":3"))
    }

    @Test func `the exporter keeps the contract in this schema`() throws {
        let folder = TemporaryFolder()
        #expect(
            ExporterContract.violations({ () throws(ExportError) in
                try JSONLExporter(.init(path: folder("f"), schema: .tal))
            }) == [])
    }
}

struct Odd: TelemetryEvent {
    static let eventType: StaticName = "myapp.Odd"
    func encode(to fields: inout EventFields) {
        fields["loss"] = -Double.infinity
        fields["none"] = Int?.none
        fields["plain"] = 0.5
        fields["curve"] = .doubles([.nan, 0.25, -.infinity])
    }
}
