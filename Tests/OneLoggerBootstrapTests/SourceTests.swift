import OneLogger
import OneLoggerBootstrap
import OneLoggerConfig
import OneLoggerJSONL
import OneLoggerTestSupport
import OneLoggerTesting
import Testing

/// Which source wins, seen in the files that exporters write.
@Suite struct SourceTests {
    private let folder = TemporaryFolder()

    private func jsonl(_ name: String, as own: String? = nil) -> ComponentConfig {
        ComponentConfig(type: "jsonl", name: own, config: ["path": SettingsNode(.string(folder(name)))])
    }

    private let file = "exporters: [{type: jsonl, config: {path: FOLDER/file.jsonl}}]"

    @Test func `the list in code replaces the one of the file, and that of the packages`() throws {
        var bootstrap = Bootstrap(file, in: folder)
        bootstrap.direct.exporters = [jsonl("code.jsonl")]
        bootstrap.packages = [PackageConfig(name: "p", exporters: [jsonl("package.jsonl")])]
        try bootstrap.recordOne()
        #expect(folder.names == ["a.yaml", "code.jsonl"])
        #expect(try folder.spans("code.jsonl") == ["one"])
    }

    @Test func `the list of the file replaces that of the packages`() throws {
        var bootstrap = Bootstrap(file, in: folder)
        bootstrap.packages = [PackageConfig(name: "p", exporters: [jsonl("package.jsonl", as: "p")])]
        try bootstrap.recordOne()
        #expect(folder.names == ["a.yaml", "file.jsonl"])
    }

    @Test func `what packages ask for applies when nobody says otherwise`() throws {
        var bootstrap = Bootstrap(in: folder)
        bootstrap.packages = [PackageConfig(name: "p", exporters: [jsonl("package.jsonl")])]
        try bootstrap.recordOne()
        #expect(try folder.spans("package.jsonl") == ["one"])
    }

    @Test func `merged by name, options are laid over each other key by key, and new exporters are added`() throws {
        var bootstrap = Bootstrap(
            "exporters: [{type: jsonl, config: {path: FOLDER/file.jsonl, mode: truncate}}]", in: folder)
        folder.write("{\"type\":\"event\",\"old\":true}\n", to: "code.jsonl")
        bootstrap.direct.merge = true
        bootstrap.direct.exporters = [jsonl("code.jsonl"), jsonl("new.jsonl", as: "new")]
        try bootstrap.recordOne()
        #expect(folder.names == ["a.yaml", "code.jsonl", "new.jsonl"])
        #expect(try folder.spans("new.jsonl") == ["one"])
        // The path came from the code and the mode from the file, so the old line is gone.
        #expect(try folder.contents("code.jsonl").problems.isEmpty)
        #expect(try folder.spans("code.jsonl") == ["one"])
    }

    @Test func `merging keeps an exporter switched off, unless it is said again`() throws {
        var bootstrap = Bootstrap(
            "exporters: [{type: jsonl, enabled: false, config: {path: FOLDER/file.jsonl}}]", in: folder)
        bootstrap.direct.merge = true
        bootstrap.direct.exporters = [ComponentConfig(type: "jsonl", config: ["mode": "append"])]
        try bootstrap.recordOne()
        #expect(folder.names == ["a.yaml"], "a disabled exporter opens nothing")
        bootstrap.direct.exporters = [ComponentConfig(type: "jsonl", enabled: true)]
        try bootstrap.recordOne()
        #expect(folder.names == ["a.yaml", "file.jsonl"])
    }

    @Test func `an empty list means none, in code and in a file`() throws {
        var bootstrap = Bootstrap(file, in: folder)
        bootstrap.direct.exporters = []
        #expect(try bootstrap.recordOne().exporters.isEmpty)

        var second = Bootstrap("exporters: []", in: folder, named: "b.yaml")
        second.packages = [PackageConfig(name: "p", exporters: [jsonl("package.jsonl")])]
        #expect(try second.recordOne().exporters.isEmpty)
        #expect(folder.names == ["a.yaml", "b.yaml"])
    }

    @Test func `a JSON file does the same as a YAML file`() throws {
        let yaml = """
            application: {name: digits, custom_metadata: {team: vision}}
            recorder: {filter: {exclude: [small]}, announce: all}
            exporters:
              - type: jsonl
                config: {path: FOLDER/yaml.jsonl}
            """
        let json = """
            {"application": {"name": "digits", "custom_metadata": {"team": "vision"}},
             "recorder": {"filter": {"exclude": ["small"]}, "announce": "all"},
             "exporters": [{"type": "jsonl", "config": {"path": "FOLDER/json.jsonl"}}]}
            """
        for (text, name) in [(yaml, "a.yaml"), (json, "a.json")] {
            let recorder = try Bootstrap(text, in: folder, named: name).start()
            recorder.timedSpan("large") { _ in recorder.timedSpan("small") { _ in } }
            try recorder.shutdown(timeout: .patience)
        }
        let contents = try [folder.contents("yaml.jsonl"), folder.contents("json.jsonl")]
        #expect(contents[0].outline == ["start large", "stop large"])
        #expect(contents[1].outline == contents[0].outline)
        #expect(contents[0].headers.map(\.resource) == contents[1].headers.map(\.resource))
        #expect(contents[0].headers.first?.resource.customMetadata["team"] == "vision")
    }

    @Test func `the file is the explicit one, else that of the variable, else the first standard name`() throws {
        for name in ["explicit", "variable", "yaml", "yml", "json"] {
            let file =
                ["explicit", "variable"].contains(name) ? "\(name).json" : "one_logger_exporters_config.\(name)"
            folder.write(
                #"{"exporters": [{"type": "jsonl", "config": {"path": "FOLDER/\#(name).jsonl"}}]}"#, to: file)
        }
        var bootstrap = Bootstrap(in: folder)
        bootstrap.path = folder("explicit.json")
        bootstrap.environment = ConfigEnvironment([ConfigFile.pathVariable: folder("variable.json")])
        func opened() throws -> [String] {
            try bootstrap.recordOne()
            let names = folder.names.filter { $0.hasSuffix(".jsonl") }
            for name in names { folder.remove(name) }
            return names
        }
        #expect(try opened() == ["explicit.jsonl"])
        bootstrap.path = nil
        #expect(try opened() == ["variable.jsonl"])
        bootstrap.environment = ConfigEnvironment([:])
        for name in ["yaml", "yml", "json"] {
            #expect(try opened() == ["\(name).jsonl"])
            folder.remove("one_logger_exporters_config.\(name)")
        }
    }

    @Test func `a named file that does not exist is an error, and no other is tried`() {
        folder.write(file, to: "one_logger_exporters_config.yaml")
        var bootstrap = Bootstrap(in: folder)
        bootstrap.path = folder("typo.yaml")
        #expect(
            bootstrap.problems(in: folder) == [
                "typo.yaml: error: can't be read: no such file. Pass an existing .yaml, .yml or .json file."
            ])
        bootstrap.path = nil
        bootstrap.environment = ConfigEnvironment([ConfigFile.pathVariable: folder("typo.yaml")])
        #expect(bootstrap.problems(in: folder).first?.contains("and ONE_LOGGER_EXPORTER_CONFIG_PATH names it") == true)
    }
}
