import OneLogger
import OneLoggerBootstrap
import OneLoggerConfig
import OneLoggerJSONL
import OneLoggerTestSupport
import OneLoggerTesting
import Testing

/// What `recorders:` asks for.
@Suite struct PluginTests {
    private let folder = TemporaryFolder()

    private func bootstrap(_ yaml: String) -> Bootstrap {
        var bootstrap = Bootstrap(yaml, in: folder)
        bootstrap.catalog = .forTests
        return bootstrap
    }

    @Test func `a plug-in records from its start until the shutdown, with the options of its config`() throws {
        let health = try bootstrap(
            """
            exporters: [{type: jsonl, config: {path: FOLDER/out.jsonl}}]
            recorders:
              - {type: beacon, config: {name: north}}
              - {type: beacon, name: off, enabled: false}
              - {type: beacon, name: south, config: {name: south}}
            """
        ).recordOne()
        #expect(
            try folder.spans("out.jsonl") == ["north.start", "south.start", "one", "north.stop", "south.stop"])
        #expect(health.plugins.map(\.name) == ["beacon", "south"])
        #expect(health.plugins.allSatisfy { $0.error == nil && $0.exporters.isEmpty })
    }

    @Test func `a plug-in that cannot start shows in the health, and the rest goes on`() throws {
        let bootstrap = bootstrap(
            """
            recorder: {on_error: propagate}
            exporters: [{type: jsonl, config: {path: FOLDER/out.jsonl}}]
            recorders: [{type: beacon, config: {fails: true}}, {type: beacon, name: b}]
            """)
        let recorder = try bootstrap.start()
        recorder.timedSpan("one") { _ in }
        #expect(throws: TelemetryError.self) { try recorder.shutdown(timeout: .patience) }
        #expect(recorder.health.plugins.map { $0.error != nil } == [true, false])
        #expect(try folder.spans("out.jsonl") == ["beacon.start", "one", "beacon.stop"])
    }

    @Test func `a plug-in with exporters and a service name has a recorder of its own, which ends with the other`()
        throws
    {
        let bootstrap = bootstrap(
            """
            application: {name: app, rank: 2}
            exporters: [{type: jsonl, config: {path: FOLDER/app.jsonl}}]
            recorders:
              - type: beacon
                config:
                  name: own
                  service_name: lighthouse
                  exporters: [{type: jsonl, name: log, config: {path: FOLDER/own.jsonl}}]
            """)
        let recorder = try bootstrap.start()
        recorder.timedSpan("one") { _ in }
        try recorder.flush(timeout: .patience)
        #expect(try folder.spans("own.jsonl") == ["own.start"], "flushed with the other")
        try recorder.shutdown(timeout: .patience)
        #expect(try folder.spans("own.jsonl") == ["own.start", "own.stop"])
        #expect(try folder.spans("app.jsonl") == ["one"])
        let resource = try #require(try folder.contents("own.jsonl").headers.first).resource
        #expect(resource.serviceName == "lighthouse" && resource.rank == 2)
        #expect(try folder.contents("app.jsonl").headers.first?.resource.serviceName == "app")
        let exporter = try #require(recorder.health.plugins.first?.exporters.first)
        #expect(exporter.name == "beacon/log" && exporter.exported >= 2 && exporter.state == .closed)
    }

    @Test func `with a service name alone it gets exporters like those of the application`() throws {
        try bootstrap(
            """
            application: {name: app}
            exporters: [{type: own, config: {key: both}}]
            recorders: [{type: beacon, config: {service_name: lighthouse}}]
            """
        ).recordOne()
        #expect(
            OwnExporter.spans("both").sorted() == ["app: one", "lighthouse: beacon.start", "lighthouse: beacon.stop"])
    }

    @Test func `a recorder of its own cannot share the file of another`() {
        let text = "exporters: [{type: jsonl, config: {path: a}}]\nrecorders: [{type: beacon, config: "
        #expect(
            bootstrap(text + "{service_name: x}}]").problems(in: folder) == [
                "a.yaml:2:51: error: 'recorders[0].config.service_name' asks for a recorder of its own, but the file of 'exporters[0]' can have one writer only. Add 'exporters' beside it."
            ])
        #expect(
            bootstrap(text + "{exporters: [{type: jsonl, config: {path: a}}]}}]").problems(in: folder) == [
                "a.yaml:2:78: error: 'recorders[0].config.exporters[0].config.path' is \"a\", and so is that of 'exporters[0]'. Give each a file of its own."
            ])
    }

    @Test func `mistakes in what a plug-in wants for itself have their place, too`() {
        #expect(
            bootstrap("recorders: [{type: beacon, config: {service_name: ' ', exporters: [{type: jsnl}, {nam: x}]}}]")
                .problems(in: folder) == [
                    "a.yaml:1:51: error: 'recorders[0].config.service_name' is blank. Write some text, or remove the key.",
                    "a.yaml:1:75: error: no exporter is called 'jsnl'. Did you mean 'jsonl'? Available: console, jsonl, otlp, own, prometheus.",
                    "a.yaml:1:82: error: 'recorders[0].config.exporters[1].type' is required here. Add 'recorders[0].config.exporters[1].type'.",
                    "a.yaml:1:83: error: unknown key 'recorders[0].config.exporters[1].nam'. Did you mean 'name'? Allowed: type, name, enabled, config, class_name.",
                ])
    }
}
