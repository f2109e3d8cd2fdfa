import OneLoggerConfig
import OneLoggerCore
import Testing

@Suite struct ConfigLayersTests {
    private let package = PackageConfig(
        name: "training", exporters: [ComponentConfig(type: "console", config: ["color": "never"])],
        recorders: [ComponentConfig(type: "resources")])
    private let file = "exporters:\n  - type: jsonl\n    config: {path: a.jsonl, keep: {a: 1, b: 2}, list: [1, 2]}\n"

    private func drawn(_ selections: [ComponentSelection]) -> [String] {
        selections.map { "\($0.name): \($0.type)\($0.isEnabled ? "" : " off") \($0.config.plain)" }
    }

    @Test func `a file hides the exporters of packages, and leaves lists alone that it does not have`() throws {
        let config = try resolve(file, packages: [package])
        #expect(config.exporters.map(\.type) == ["jsonl"])
        #expect(config.recorders.map(\.type) == ["resources"])
        #expect(try resolve("", packages: [package]).exporters.map(\.type) == ["console"])
    }

    @Test func `code hides the exporters of the file and of packages`() throws {
        let direct = DirectConfig(exporters: [ComponentConfig(type: "otlp")])
        #expect(try resolve(file, direct: direct, packages: [package]).exporters.map(\.type) == ["otlp"])
    }

    @Test func `an empty list means none, in each source`() throws {
        #expect(try resolve("exporters: []", packages: [package]).exporters == [])
        #expect(try resolve(file, direct: DirectConfig(exporters: []), packages: [package]).exporters == [])
        #expect(try resolve(file, direct: DirectConfig(), packages: [package]).exporters.count == 1)
    }

    @Test func `with merge the file is laid over the packages, and code over both`() throws {
        let direct = DirectConfig(
            exporters: [
                ComponentConfig(type: "jsonl", config: ["path": "b.jsonl", "keep": ["b": 3, "c": 4], "list": [9]]),
                ComponentConfig(type: "otlp"),
            ], merge: true)
        let config = try resolve("merge: true\n\(file)", direct: direct, packages: [package])
        #expect(
            drawn(config.exporters) == [
                "console: console {color: \"never\"}",
                "jsonl: jsonl {path: \"b.jsonl\", keep: {a: 1, b: 3, c: 4}, list: [9]}",
                "otlp: otlp {}",
            ])
        // each value remembers its own source
        let jsonl = config.exporters[1].config
        #expect(jsonl["path"]?.origin.description == "code, exporters[0].config.path")
        #expect(jsonl["keep"]?["a"]?.origin.description == "a.yaml:4:39")
        #expect(config.exporters[0].origin.description == "package training")
    }

    @Test func `with merge, enabled changes only when it is given, and a null changes nothing`() throws {
        let below = [
            PackageConfig(name: "p", exporters: [ComponentConfig(type: "jsonl", enabled: false, config: ["path": "a"])])
        ]
        let unsaid = try resolve("merge: true\nexporters: [{type: jsonl, config: {path: ~}}]", packages: below)
        #expect(drawn(unsaid.exporters) == ["jsonl: jsonl off {path: \"a\"}"])
        let said = try resolve("merge: true\nexporters: [{type: jsonl, enabled: true}]", packages: below)
        #expect(drawn(said.exporters) == ["jsonl: jsonl {path: \"a\"}"])
        let empty = try resolve("merge: true\nexporters: []", packages: below)
        #expect(drawn(empty.exporters) == ["jsonl: jsonl off {path: \"a\"}"])
    }

    @Test func `with merge a name is enough to change one of several of a type`() throws {
        let below = PackageConfig(
            name: "p",
            exporters: [
                ComponentConfig(type: "jsonl", name: "all", config: ["path": "all.jsonl"]),
                ComponentConfig(type: "jsonl", name: "errors", config: ["path": "errors.jsonl"]),
            ])
        let config = try resolve("merge: true\nexporters:\n  - {name: errors, enabled: false}\n", packages: [below])
        #expect(
            drawn(config.exporters) == [
                "all: jsonl {path: \"all.jsonl\"}", "errors: jsonl off {path: \"errors.jsonl\"}",
            ])
    }

    @Test func `a name cannot change its type`() {
        let below = PackageConfig(name: "p", exporters: [ComponentConfig(type: "console", name: "main")])
        let message = problems("merge: true\nexporters:\n  - {type: jsonl, name: main}\n", packages: [below])
        #expect(
            message
                == "a.yaml:3:12: error: 'exporters[0].type' is \"jsonl\", but \"main\" at package p is of type \"console\". "
                + "Choose another name.")
    }

    @Test func `two of one type need names, in code as in a file`() {
        let twice = DirectConfig(exporters: [ComponentConfig(type: "jsonl"), ComponentConfig(type: "jsonl")])
        #expect(
            problems("", direct: twice) == "code, exporters[1].type: error: 'exporters[1].name' is \"jsonl\", "
                + "and so is that of 'exporters[0]'. Give each a name of its own.")
        let named = DirectConfig(exporters: [ComponentConfig(type: "jsonl"), ComponentConfig(type: "jsonl", name: "b")])
        #expect(problems("", direct: named) == "")
    }

    @Test func `packages are laid over each other in order`() throws {
        let second = PackageConfig(
            name: "second",
            exporters: [ComponentConfig(type: "jsonl"), ComponentConfig(type: "console", config: ["stream": "stdout"])])
        let config = try resolve("", packages: [package, second])
        #expect(
            drawn(config.exporters) == ["console: console {color: \"never\", stream: \"stdout\"}", "jsonl: jsonl {}"])
    }

    @Test func `sections merge key by key: code over file over environment`() throws {
        let config = try resolve(
            "application: {world_size: 2, custom_metadata: {a: 1, b: 2}}\nrecorder: {verbosity: 1, disable_after: 7}\n",
            direct: DirectConfig(
                application: ["name": "code", "custom_metadata": ["b": 3]], recorder: ["verbosity": 2]),
            environment: [
                "RANK": "3", "WORLD_SIZE": "4", "OTEL_SERVICE_NAME": "environment",
                "OTEL_RESOURCE_ATTRIBUTES": "a=x,c=y",
            ])
        #expect(config.applicationSection.name == "code")
        #expect(config.applicationSection.worldSize == 2)
        #expect(config.applicationSection.rank == 3)
        #expect(config.applicationSection.customMetadata == ["a": 1, "b": 3, "c": "y"])
        #expect(config.recorderSection.verbosity == 2)
        #expect(config.recorderSection.disableAfter == 7)
        #expect(config.recorderSection.flushInterval == .milliseconds(100))
        #expect(config.application["name"]?.origin.description == "code, application.name")
        #expect(config.application["world_size"]?.origin.description == "a.yaml:1:27")
        #expect(config.application["rank"]?.origin == .environment("RANK"))
    }

    @Test func `a choice such as the filter is replaced as a whole`() throws {
        let config = try resolve(
            "recorder: {filter: {exclude: [a]}, sampling: {mode: ratio, ratio: 0.5}}",
            direct: DirectConfig(recorder: ["filter": ["include": ["b"]], "sampling": ["mode": "all"]]))
        #expect(config.recorderSection.filter == .include(["b"]))
        #expect(config.recorderSection.sampling == .all)
    }

    @Test func `mistakes in code are reported with their place in code, together with those of the file`() {
        let direct = DirectConfig(
            application: ["world_size": 0], recorder: 5,
            exporters: [ComponentConfig(type: " ", config: ["path": "x"]), ComponentConfig(type: "jsonl", config: "x")])
        let message = problems("recorder: {foo: 1}", direct: direct)
        #expect(
            message.split(separator: "\n").map(String.init) == [
                "code, recorder: error: 'recorder' must be a map, but is the integer 5. Write a map.",
                "code, exporters[0].type: error: 'exporters[0].type' is blank. Write some text.",
                "code, exporters[1].config: error: 'exporters[1].config' must be a map, but is the text \"x\". Write a map.",
                "code, application.world_size: error: 'application.world_size' is 0, which is not allowed. "
                    + "Write an integer of at least 1.",
            ] + message.split(separator: "\n").suffix(1).map(String.init))
        #expect(
            message.split(separator: "\n").last?.hasPrefix("a.yaml:1:12: error: unknown key 'recorder.foo'.") == true)
    }

    @Test func `class names of nv-one-logger keep working, under class_name and under type`() throws {
        for key in ["class_name", "type"] {
            let config = try resolve(
                """
                exporters:
                  - \(key): "nv_one_logger.exporter.file_exporter.FileExporter"
                    config: {file_path: "app.log"}
                    enabled: true
                  - {\(key): nv_one_logger.exporter.logger_exporter.LoggerExporter}
                  - {\(key): nv_one_logger.otel.exporter.otel_exporter.OTelExporter, config: {file_path: x}}
                """)
            #expect(
                drawn(config.exporters) == [
                    "jsonl: jsonl {path: \"app.log\"}", "console: console {}", "otlp: otlp {file_path: \"x\"}",
                ])
        }
        #expect(try resolve("exporters: [{class_name: jsonl}]").exporters[0].type == "jsonl")
        #expect(
            try resolve("exporters: [{type: jsonl, config: {file_path: x}}]").exporters[0].config.plain
                == "{file_path: \"x\"}")
    }

    @Test func `the same file as JSON gives the same`() throws {
        let json =
            #"{"exporters": [{"class_name": "nv_one_logger.exporter.file_exporter.FileExporter", "#
            + #""config": {"file_path": "app.log"}, "enabled": true}]}"#
        #expect(drawn(try resolve(json, syntax: .json).exporters) == ["jsonl: jsonl {path: \"app.log\"}"])
    }

    @Test func `an unknown type is an error with its place and the nearest name, running or not`() throws {
        let config = try resolve(
            "exporters:\n  - {type: jsnol, enabled: false}\n  - type: console\nrecorders: [{type: x}]\n")
        #expect(
            config.unknownTypes(exporters: ["jsonl", "console"], recorders: []).map(\.description) == [
                "a.yaml:2:12: error: no exporter is called 'jsnol'. Did you mean 'jsonl'? Available: jsonl, console.",
                "a.yaml:4:20: error: no recorder plug-in is called 'x'. None is available.",
            ])
    }

    @Test func `options are read with the place and the name of their exporter`() throws {
        let config = try resolve("exporters:\n  - {type: a}\n  - {type: b, config: {pth: 1}}\n")
        var settings = config.exporters[1].settings
        _ = settings.requiredString("path")
        do throws(SettingsError) {
            try settings.finish()
            Issue.record("two problems are expected")
        } catch {
            #expect(
                error.description == "a.yaml:3:23: error: 'exporters[1].config.path' is required here. "
                    + "Add 'exporters[1].config.path'.\na.yaml:3:24: error: unknown key 'exporters[1].config.pth'. "
                    + "Did you mean 'path'? Allowed: path.")
        }
    }

    @Test func `problems that others find are added by place, without the consequences of an earlier one`() throws {
        let environment = ConfigEnvironment([:])
        let document = try ConfigDocument(
            text: "exporters:\n  - type: jsonl\n    config: {path: \"${NONE}\", mode: 5}\nfoo: 1\n", file: "a.yaml",
            environment: environment)
        let resolution = ConfigLayers(file: document, environment: environment).resolution()
        var settings = resolution.config.exporters[0].settings
        _ = settings.int("path")
        _ = settings.string("mode")
        var found: [SettingsError] = []
        do throws(SettingsError) { try settings.finish() } catch { found = error.all }
        #expect(found.count == 2)
        let lines = resolution.error(adding: found)?.all.map { $0.description.prefix(12) } ?? []
        #expect(lines == ["a.yaml:3:20:", "a.yaml:3:37:", "a.yaml:4:1: "].map { $0.prefix(12) })
    }
}
