import Foundation
import OneLogger
import OneLoggerPrometheus
import OneLoggerTestSupport
import OneLoggerTesting
import Testing

@Suite struct PrometheusExporterTests {
    private let folder = TemporaryFolder()

    private func batch(_ points: MetricPoint..., resource: Resource = Resource()) -> Batch {
        Batch(metrics: points, resource: resource)
    }

    @Test(arguments: [PrometheusExporter.Format.text, .openMetrics])
    func `the contract of exporters holds`(format: PrometheusExporter.Format) throws {
        let options = PrometheusExporter.Options(path: folder("m.prom"), format: format, listen: "127.0.0.1:0")
        let violations = ExporterContract.violations { () throws(ExportError) in try PrometheusExporter(options) }
        #expect(violations == [])
        let text = folder.text("m.prom")
        #expect(text.contains("\nm_seconds_bucket{le=\"1\(format == .text ? "" : ".0")\"} 1\n"))
        #expect(text.contains("\ng NaN\n"))
        #expect(text.contains(#"target_info{host_name="h",process_pid="1",rank="0",service_name="contract"} 1"#))
    }

    @Test func `spans alone write nothing`() throws {
        var exporter = try PrometheusExporter(.init(path: folder("m.prom")))
        let span = SpanRecord("a", context: someSpan, start: someTime, end: someTime)
        try exporter.export(Batch(spans: [span, span]))
        try exporter.export(Batch())
        #expect(folder.names == [])
        try exporter.flush()
        #expect(folder.names == ["m.prom"])
        try exporter.close()
    }

    @Test func `the file shows the latest point of every series, whichever batch brought it`() throws {
        let text = try written(
            [.gauge("a", 1, ["n": 1]), .gauge("a", 2, ["n": 2]), .sum("b", 1)],
            [.gauge("a", 20, ["n": 2])], [.gauge("a", 3, ["n": 3]), .gauge("a", 10, ["n": 1])])
        #expect(text.samples == [#"a{n="1"} 10"#, #"a{n="2"} 20"#, #"a{n="3"} 3"#, "b_total 1"])
    }

    @Test func `each export that brings metrics or notices writes the file`() throws {
        var exporter = try PrometheusExporter(.init(path: folder("m.prom")))
        try exporter.export(batch(.gauge("a", 1)))
        #expect(folder.text("m.prom").samples == ["a 1"])
        #expect(folder.text("m.prom").contains("\nonelogger_data_complete 1\n"))
        try exporter.export(
            Batch(dataErrors: [
                TelemetryDataError(.incompleteTelemetryData, "lost", firstTime: someTime, time: someTime),
                TelemetryDataError(.incompleteTelemetryData, "lost", firstTime: someTime, time: someTime),
                TelemetryDataError(.noTelemetryData, "lost", firstTime: someTime, time: someTime),
            ]))
        let text = folder.text("m.prom")
        #expect(text.contains("\nonelogger_data_complete 0\n"))
        #expect(text.contains("\nonelogger_telemetry_data_errors_total{type=\"incomplete_telemetry_data\"} 2\n"))
        #expect(text.contains("\nonelogger_telemetry_data_errors_total{type=\"no_telemetry_data\"} 1\n"))
        try exporter.close()
    }

    @Test func `the moment of the last update goes on with each write`() throws {
        func moment() throws -> Double {
            let line = folder.text("m.prom").split(separator: "\n").first {
                $0.hasPrefix("onelogger_last_update_seconds")
            }
            return try #require(line.flatMap { Double($0.split(separator: " ")[1]) })
        }
        var exporter = try PrometheusExporter(.init(path: folder("m.prom")))
        try exporter.flush()
        let first = try moment()
        #expect(abs(first - Date().timeIntervalSince1970) < 600)
        while Date().timeIntervalSince1970 < first + 0.002 {}
        try exporter.close()
        #expect(try moment() > first)
    }

    @Test func `the file can be read by everybody, whatever the umask, and nothing else is left`() throws {
        let before = umask(0o077)
        defer { umask(before) }
        let options = PrometheusExporter.Options(path: folder("new/folders/m.prom"))
        let exporter = try PrometheusExporter(options)
        try exporter.close()
        let attributes = try FileManager.default.attributesOfItem(atPath: folder("new/folders/m.prom"))
        #expect(attributes[.posixPermissions] as? Int == 0o644)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder("new/folders")) == ["m.prom"])
    }

    @Test func `ranks and processes have files of their own, and labels that tell their series apart`() throws {
        for rank in 0..<2 {
            let resource = Resource(pid: 70 + rank, rank: rank, sessionTag: "a/b")
            let options = PrometheusExporter.Options(path: folder("{session}-{rank}-{pid}.prom"))
            var exporter = try PrometheusExporter(options, ExporterContext(resource: resource))
            try exporter.export(batch(.gauge("a", 1), resource: resource))
            try exporter.close()
        }
        #expect(folder.names == ["a_b-0-70.prom", "a_b-1-71.prom"])
        #expect(folder.text("a_b-1-71.prom").samples == [#"a{pid="71",rank="1",session="a_b"} 1"#])
    }

    @Test func `a child that opens the exporter again leaves the file of its parent alone`() throws {
        let options = PrometheusExporter.Options(path: folder("{pid}.prom"))
        var parent = try PrometheusExporter(options, ExporterContext(resource: Resource(pid: 1)))
        try parent.export(batch(.gauge("a", 1)))
        var child = try PrometheusExporter(
            options, ExporterContext(resource: Resource(pid: 2), isReopening: true))
        try child.export(batch(.gauge("b", 1)))
        try child.close()
        #expect(folder.text("1.prom").samples == [#"a{pid="1"} 1"#])
        #expect(folder.text("2.prom").samples == [#"b{pid="2"} 1"#])
        try parent.close()
    }

    @Test func `the file is written for the last time at the end, or removed`() throws {
        try PrometheusExporter(.init(path: folder("stays.prom"))).close()
        var exporter = try PrometheusExporter(.init(path: folder("goes.prom"), removeAtEnd: true))
        try exporter.export(batch(.gauge("a", 1)))
        #expect(folder.names == ["goes.prom", "stays.prom"])
        try exporter.close()
        #expect(folder.names == ["stays.prom"])
        try PrometheusExporter(.init(path: folder("never.prom"), removeAtEnd: true)).close()
    }

    @Test func `a recorder's own metrics arrive`() throws {
        var options = RecorderOptions()
        options.filter = .summarise(["step"])
        options.announce = .nothing
        let path = folder("{pid}.prom")
        let slot = ExporterSlot(name: "prometheus") { (context: ExporterContext) throws(ExportError) in
            try PrometheusExporter(.init(path: path), context)
        }
        let recorder = Recorder(options, exporters: [slot])
        for _ in 0..<3 { recorder.timedSpan("step") { _ in } }
        try recorder.shutdown(timeout: .patience)
        let name = try #require(folder.names.first)
        let labels = #"{pid="\#(name.dropLast(5))",span_name="step"}"#
        #expect(folder.text(name).contains("\nspan_duration_seconds_count\(labels) 3\n"))
        #expect(recorder.health.exporters[0].lastError == nil)
    }
}

@Suite struct SweepTests {
    private let folder = TemporaryFolder()

    /// The id of a process that has existed and is gone.
    private func gone() throws -> pid_t {
        let child = try ChildProcess("true", [])
        _ = child.end()
        return child.pid
    }

    private func open(_ path: String, sweep: Bool = true) throws {
        let resource = Resource(pid: Int(getpid()), rank: 3)
        let exporter = try PrometheusExporter(
            .init(path: folder(path), sweep: sweep, removeAtEnd: true), ExporterContext(resource: resource))
        try exporter.close()
    }

    @Test func `files of processes that are gone are removed, and no others`() throws {
        let (dead, alive) = (try gone(), getppid())
        let swept = ["job-0-\(dead).prom", "job-12-\(dead).prom", "job-0-\(dead).prom.\(dead).tmp"]
        let kept = [
            "job-0-\(alive).prom", "job-\(dead).prom", "job-0-\(dead).prom.bak", "other-0-\(dead).prom",
            "job-0-\(dead)x.prom", "xjob-0-\(dead).prom", "job-x-\(dead).prom", "job-0-0.prom", "job-0-.prom",
            "job-0-99999999999999999999.prom", "job-0-99999999999.prom", "job-0-\(dead).prom.tmp",
            "job-0--\(dead).prom",
        ]
        for name in swept + kept { folder.write("", to: name) }
        try FileManager.default.createDirectory(
            atPath: folder("job-1-\(dead).prom"), withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(
            atPath: folder("job-2-\(dead).prom"), withDestinationPath: folder("job-\(dead).prom"))
        try open("job-{rank}-{pid}.prom", sweep: false)
        #expect(folder.names.count == swept.count + kept.count + 2)
        try open("job-{rank}-{pid}.prom")
        #expect(Set(folder.names) == Set(kept + ["job-1-\(dead).prom", "job-2-\(dead).prom"]))
    }

    @Test func `other placeholders stand for our own values only`() throws {
        let dead = try gone()
        for name in ["none-\(dead)", "night-\(dead)", "{x}-\(dead)"] { folder.write("", to: name) }
        try open("{session}-{pid}")
        #expect(folder.names == ["night-\(dead)", "{x}-\(dead)"])
        try open("{x}-{pid}")
        #expect(folder.names == ["night-\(dead)"])
    }

    @Test func `without a process id in the name nothing is removed`() throws {
        folder.write("", to: "job-0")
        folder.write("", to: "job-1")
        try open("job-{rank}")
        #expect(folder.names == ["job-0", "job-1"])
    }
}
