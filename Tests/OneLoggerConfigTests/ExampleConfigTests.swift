import OneLoggerConfig
import OneLoggerCore
import OneLoggerTestSupport
import Testing

@Suite struct ExampleConfigTests {
    static let files = Repository.names(in: "Configs").filter { $0.contains(".") && $0 != "schema.json" }

    private func resolved(_ name: String) throws -> EffectiveConfig {
        let environment = ConfigEnvironment([:])
        let document = try ConfigFile(path: "\(packageFolder)/Configs/\(name)").read(
            environment: environment, name: name)
        return try ConfigLayers(file: document, environment: environment).resolve()
    }

    @Test(arguments: files)
    func `an example has no problems and names exporters that exist`(name: String) throws {
        let config = try resolved(name)
        #expect(!config.exporters.isEmpty)
        let exporters = ["jsonl", "console", "otlp", "prometheus"]
        #expect(config.unknownTypes(exporters: exporters, recorders: ["resources", "rlm"]) == [])
    }

    @Test func `there is an example for each exporter, one of everything, and one for the demo`() throws {
        let names = [
            "console.yaml", "jsonl.yaml", "otlp.yaml", "prometheus.yaml", "resources.yaml", "rlm.yaml", "all.yaml",
            "all.json",
            "training.yaml",
        ]
        for name in names { #expect(Self.files.contains(name)) }
        #expect(try resolved("training.yaml").applicationSection.name == "digits-training")
        #expect(try resolved("training.yaml").exporters.map(\.type) == ["jsonl", "console"])
    }

    @Test func `the JSON example says the same as the YAML one`() throws {
        let (yaml, json) = (try resolved("all.yaml"), try resolved("all.json"))
        #expect(yaml.application.plain == json.application.plain)
        #expect(yaml.recorder.plain == json.recorder.plain)
        #expect(yaml.exporters.map(\.config.plain) == json.exporters.map(\.config.plain))
        #expect(yaml.exporters.map(\.name) == json.exporters.map(\.name))
        #expect(yaml.exporters.map(\.isEnabled) == json.exporters.map(\.isEnabled))
        #expect(json.recorders == [])
    }

    @Test func `the example of everything has every key of the sections`() throws {
        let config = try resolved("all.yaml")
        #expect(Set(config.application.keys) == Set(knownKeys(under: "application")))
        #expect(Set(config.recorder.keys) == Set(knownKeys(under: "recorder")))
    }
}

@Suite struct SchemaTests {
    private func schema() throws -> SettingsNode {
        let environment = ConfigEnvironment { name in name == "NAME" ? "${NAME}" : nil }
        return try ConfigDocument(
            bytes: try Repository.bytes("Configs/schema.json"), file: "schema.json", syntax: .json,
            environment: environment
        ).root
    }

    private func properties(_ path: String...) throws -> SettingsNode {
        var node = try schema()
        for key in path { node = try #require(node[key]) }
        return try #require(node["properties"])
    }

    @Test func `the schema has exactly the keys that are read`() throws {
        #expect(Set(try properties().keys) == Set(knownKeys(under: nil)))
        for section in ["application", "recorder"] {
            #expect(Set(try properties("$defs", section).keys) == Set(knownKeys(under: section)))
        }
        for nested in ["sampling", "filter"] {
            let keys = try properties("$defs", "recorder", "properties", nested).keys
            #expect(Set(keys) == Set(knownKeys(under: "recorder", nested)))
        }
        let item = allowedKeys(in: "exporters: [{type: a, surplus_key: 1}]")
        #expect(Set(try properties("$defs", "component").keys) == Set(item))
    }

    @Test(arguments: ["application", "recorder"])
    func `each range of the schema is the range that is read, to its ends`(section: String) throws {
        guard case .map(let entries) = try properties("$defs", section).content else { return }
        var ranges = 0
        for entry in entries {
            guard case .list(let choices) = entry.value["anyOf"]?.content, let range = choices.first else { continue }
            for (end, beyond) in [("minimum", -1.0), ("maximum", 1.0)] {
                let limit: Double
                switch range[end]?.content {
                case .int(let value): limit = Double(value)
                case .double(let value): limit = value
                default: continue
                }
                ranges += 1
                let isWhole = range["type"]?.content == .string("integer")
                let step = isWhole ? beyond : beyond * limit / 1000
                func message(_ value: Double) -> String {
                    problems("\(section): {\(entry.key): \(isWhole ? "\(Int(value))" : "\(value)")}")
                }
                #expect(message(limit) == "", "\(entry.key) \(end)")
                #expect(message(limit + step).contains("which is not allowed"), "\(entry.key) beyond \(end)")
            }
        }
        #expect(ranges >= 3)
    }

    @Test(arguments: ["application", "recorder"])
    func `each choice of the schema is read, and no other`(section: String) throws {
        guard case .map(let entries) = try properties("$defs", section).content else { return }
        for entry in entries {
            guard case .list(let words) = entry.value["enum"]?.content else { continue }
            for case .string(let word) in words.map(\.content) {
                #expect(problems("\(section): {\(entry.key): \(word)}") == "", "\(entry.key): \(word)")
            }
            let allowed = words.map { $0.plain.filter { $0 != "\"" } }.joined(separator: ", ")
            #expect(problems("\(section): {\(entry.key): \"-\"}").contains("Write one of \(allowed)"), "\(entry.key)")
        }
    }

    @Test func `each default of the schema is the default that is shown`() throws {
        let explained = try resolve("").explain()
        for section in ["application", "recorder"] {
            guard case .map(let entries) = try properties("$defs", section).content else { return }
            for entry in entries {
                guard let preset = entry.value["default"] else { continue }
                #expect(explained.contains("\n\(section).\(entry.key) = \(preset.plain)  (default)\n"), "\(entry.key)")
            }
        }
    }
}

extension SettingsNode {
    /// The keys of a map.
    var keys: [String] {
        guard case .map(let entries) = content else { return [] }
        return entries.map(\.key)
    }
}

/// What the message about a key that cannot exist lists as allowed.
func allowedKeys(in yaml: String) -> [String] {
    let parts = problems(yaml).split(separator: "Allowed: ")
    return parts.count == 2 ? parts[1].split(separator: ".")[0].split(separator: ", ").map(String.init) : []
}

/// The keys that a place of a configuration knows, found by asking for one that cannot exist.
func knownKeys(under section: String?, _ nested: String? = nil) -> [String] {
    let required = ["sampling": "mode: all, ", "filter": "exclude: [], "]
    let inner = nested.map { "\($0): {\(required[$0] ?? "")surplus_key: 1}" } ?? "surplus_key: 1"
    return allowedKeys(in: section.map { "\($0): {\(inner)}" } ?? inner)
}
