import OneLogger
import OneLoggerOTLP
import OneLoggerTestSupport
import Testing

/// What a shutdown leaves of a server that is dead, slow, or a black hole.
@Suite(.timeLimit(.minutes(15))) struct ShutdownTests {
    private func slot(_ options: OTLPExporter.Options) -> ExporterSlot {
        ExporterSlot(name: "otlp") { (context) throws(ExportError) in try OTLPExporter(options, context) }
    }

    private var quiet: RecorderOptions {
        var options = RecorderOptions()
        options.announce = .nothing
        options.flushInterval = .milliseconds(10)
        return options
    }

    @Test(arguments: ["refuses", "swallows", "fails", "is slow"])
    func `a shutdown ends by its deadline, closes the exporter and accounts for everything`(server: String) throws {
        let hole = try Listener()
        let always = ["fails": #"{"status":503}"#, "is slow": #"{"delay_s":20}"#][server]
        let port = server == "refuses" ? freePort() : server == "swallows" ? hole.port : nil
        var probe = try Probe(always: always, port: port)
        probe.options.retry.total = .seconds(3600)
        probe.change { $0.timeout = .seconds(600) }
        let recorder = Recorder(quiet, exporters: [slot(probe.options)])
        for number in 0..<100 { recorder.timedSpan("step \(number)") { _ in } }
        let report = try recorder.shutdown(timeout: .seconds(2))
        // then: the exporter came back by itself, before it had to be left behind
        #expect(report.pending == [], "\(server)")
        let health = recorder.health.exporters[0]
        #expect(health.state == .closed && health.exported == 0 && health.lost == 100 && report.lost == 100)
        #expect(health.lostToFailure == 100, "\(server)")
    }

    @Test func `a wait for the next attempt ends when the shutdown begins, and what is possible is delivered`() throws {
        var probe = try Probe(script: #"[{"status":503,"headers":{"Retry-After":"1"}}]"#)
        probe.options.retry.total = .seconds(60)
        let recorder = Recorder(quiet, exporters: [slot(probe.options)])
        recorder.timedSpan("step") { _ in }
        #expect(probe.got { !$0.isEmpty }.first?.signal == "traces")
        let report = try recorder.shutdown(timeout: .patience)
        #expect(report.exported == 1 && report.lost == 0 && report.isComplete)
        // The last points of the metrics go with the shutdown, too.
        #expect(probe.got { $0.count >= 3 }.map(\.signal).sorted() == ["metrics", "traces", "traces"])
    }

    @Test func `the recorder counts a part of a batch as lost and stays healthy`() throws {
        let probe = try Probe(always: #"{"partial":2,"message":"quota"}"#)
        var options = quiet
        options.flushInterval = .seconds(60)
        let recorder = Recorder(options, exporters: [slot(probe.options)])
        for _ in 0..<3 {
            for number in 0..<10 { recorder.timedSpan("step \(number)") { _ in } }
            try recorder.flush(timeout: .patience)
            #expect(recorder.health.exporters[0].state == .healthy)
        }
        try recorder.shutdown(timeout: .patience)
        let health = recorder.health
        #expect(health.recorded == 30 && health.exporters[0].exported + health.exporters[0].lost == 30)
        #expect(health.exporters[0].lost >= 6 && health.exporters[0].lastError?.lost != nil)
    }
}
