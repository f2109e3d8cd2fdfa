import OneLogger
import OneLoggerTestSupport
import OneLoggerTesting
import Testing

@Suite struct RecorderPluginTests {
    struct Beat: RecorderPlugin {
        static let configName = "beat"
        let recorder: Recorder
        let fails: Bool
        init(settings: inout Settings, recorder: Recorder) throws(SettingsError) {
            self.recorder = recorder
            fails = settings.bool("fails") ?? false
            try settings.finish()
        }
        func start() throws(TelemetryError) {
            if fails { throw .component(name: "beat", problem: "no pulse") }
            recorder.timedSpan("beat.start") { _ in }
        }
        func stop(deadline: Timestamp) { recorder.timedSpan("beat.stop") { _ in } }
    }

    @Test func `a plug-in starts with the recorder and records until its last flush`() throws {
        let (r, store) = recorder { $0.announce = .nothing }
        var catalog = ComponentCatalog()
        catalog.add(Beat.self)
        var settings = Settings(["fails": false])
        r.add(try catalog.plugin("beat", &settings, r))
        try r.shutdown(timeout: .patience)
        #expect(store.spans.map(\.name) == ["beat.start", "beat.stop"])
        #expect(r.health.plugins.map(\.name) == ["beat"] && r.health.plugins[0].error == nil)
    }

    @Test func `a plug-in is not started where nothing is recorded, or no longer`() throws {
        var catalog = ComponentCatalog(), options = RecorderOptions()
        catalog.add(Beat.self)
        options.isEnabled = false
        let off = Recorder(options), (over, _) = recorder()
        try over.shutdown(timeout: .patience)
        for r in [off, over] {
            // Where it is started, it says so.
            var settings = Settings(["fails": true])
            r.add(try catalog.plugin("beat", &settings, r))
            #expect(r.health.plugins.isEmpty)
        }
    }

    @Test func `a plug-in that fails to start shows in health and is an error of telemetry`() throws {
        let (r, _) = recorder()
        var catalog = ComponentCatalog()
        catalog.add(Beat.self)
        var settings = Settings(["fails": true])
        r.add(try catalog.plugin("beat", &settings, r))
        #expect(r.health.plugins[0].error?.contains("no pulse") == true)
        #expect(throws: TelemetryError.self) { try r.shutdown(timeout: .patience) }
    }
}
