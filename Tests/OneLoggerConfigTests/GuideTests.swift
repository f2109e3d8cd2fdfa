import OneLoggerConfig
import OneLoggerCore
import OneLoggerTestSupport
import Testing

@Suite struct GuideTests {
    /// The fenced blocks of the guide, in order.
    private func blocks() throws -> [(language: String, text: String)] {
        var result: [(language: String, text: String)] = [], isInside = false
        for line in try Repository.text("Docs/config.md").split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                if !isInside { result.append((String(line.dropFirst(3)), "")) }
                isInside.toggle()
            } else if isInside {
                result[result.count - 1].text += line + "\n"
            }
        }
        return result
    }

    @Test func `each example of the guide works, or gives the message beside it`() throws {
        let blocks = try blocks()
        var examples = 0, mistakes = 0
        for (place, block) in blocks.enumerated() where block.language == "yaml" {
            let next = place + 1 < blocks.count ? blocks[place + 1] : (language: "", text: "")
            let expected = next.language == "text" ? String(next.text.dropLast()) : ""
            #expect(problems(block.text, file: "example.yaml") == expected, "\(block.text)")
            examples += 1
            mistakes += expected.isEmpty ? 0 : 1
        }
        #expect(examples >= 10)
        #expect(mistakes >= 4)
        #expect(blocks.count { $0.language == "text" } == mistakes, "each message stands below its example")
    }

    @Test func `the guide has a row for every key`() throws {
        let guide = try Repository.text("Docs/config.md")
        let keys = knownKeys(under: nil) + knownKeys(under: "application") + knownKeys(under: "recorder")
        #expect(keys.count == 32)
        for key in keys { #expect(guide.contains("\n| `\(key)` |"), "\(key)") }
        for key in ["sampling", "filter", "metrics"].flatMap({ knownKeys(under: "recorder", $0) as [String] }) {
            #expect(guide.contains("`\(key)`"), "\(key)")
        }
    }

    @Test func `the guide has a row for every environment variable`() throws {
        let rows = try Repository.text("Docs/config.md").split(separator: "\n").filter { $0.hasPrefix("| `") }
        for name in SessionEnvironment.variables + [ConfigFile.pathVariable] {
            #expect(rows.contains { $0.split(separator: "|")[0].contains("`\(name)`") }, "\(name)")
        }
    }

    @Test func `the guide names every range and default of the schema`() throws {
        let schema = try ConfigDocument(
            bytes: try Repository.bytes("Configs/schema.json"), file: "schema.json", syntax: .json,
            environment: ConfigEnvironment { "${\($0)}" }
        ).root
        let rows = try Repository.text("Docs/config.md").split(separator: "\n")
        guard case .map(let entries) = schema["$defs"]?["recorder"]?["properties"]?.content else {
            Issue.record("the schema has no section recorder")
            return
        }
        for entry in entries {
            let row = try #require(rows.first { $0.hasPrefix("| `\(entry.key)` |") })
            var expected = [entry.value["default"]]
            if case .list(let choices) = entry.value["anyOf"]?.content {
                expected += [choices[0]["minimum"], choices[0]["maximum"]]
            }
            for value in expected.compactMap({ $0 }) {
                #expect(row.contains(value.plain.filter { $0 != "\"" }), "\(entry.key): \(value.plain)")
            }
        }
    }
}
