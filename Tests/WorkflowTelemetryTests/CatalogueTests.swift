import Foundation
import OneLogger
import OneLoggerTestSupport
import Testing
import WorkflowTelemetry

/// What `Docs/formats/tal.md` lists: made from the declarations and from what a session really records.
@Suite struct CatalogueTests {
    private static let events: [any TelemetryEvent] = [
        SessionStarted(), SessionEnded(), TaskCreated(), TaskResolved(), TaskSubmitted(), TaskQueued(), TaskStarted(),
        TaskCompleted(), TaskFailed(), TaskCanceled(), ResourceUpdate(),
    ]

    /// The first paragraph of a comment, and what it says about the unit.
    private struct Comment {
        var lines: [String] = []
        var summary: String { lines.prefix { !$0.isEmpty }.joined(separator: " ") }
        var unit: String {
            lines.first { $0.hasPrefix("Unit: ") }.map { String($0.dropFirst(6).prefix { $0 != "." }) } ?? ""
        }
    }

    private struct Property {
        var name: String, type: String, comment: Comment
        /// How it is called in a file.
        var field: String {
            var result = "", wasUpper = true
            for character in name {
                if character.isUppercase, !wasUpper { result += "_" }
                wasUpper = character.isUppercase
                result += character.lowercased()
            }
            return result
        }
        var kind: String {
            let base = type.hasSuffix("?") ? String(type.dropLast()) : type
            let word = ["Double": "number", "Int": "integer", "String": "text", "Bool": "truth value"][base] ?? base
            return type.hasSuffix("?") ? "\(word) or null" : word
        }
    }

    /// Comments and properties of the public structs in a source file, by the struct's name.
    private static func declarations(_ path: String) throws -> [String: (Comment, [Property])] {
        var result: [String: (Comment, [Property])] = [:], comment = Comment(), current = ""
        for line in try Repository.text(path).split(separator: "\n", omittingEmptySubsequences: false) {
            let line = line.drop { $0 == " " }, words = line.split(separator: " ")
            if line.hasPrefix("///") {
                comment.lines.append(String(line.dropFirst(3).drop { $0 == " " }))
                continue
            }
            if words.starts(with: ["public", "struct"]) {
                current = String(words[2].prefix { $0 != ":" })
                result[current] = (comment, [])
            } else if words.starts(with: ["public", "var"]), words[2].hasSuffix(":") {
                result[current]?.1.append(
                    Property(name: String(words[2].dropLast()), type: String(words[3]), comment: comment))
            }
            comment = Comment()
        }
        return result
    }

    private static func table(_ rows: [[String]]) -> String {
        let lines = [rows[0], rows[0].map { _ in "---" }] + rows.dropFirst()
        return lines.map { "| \($0.joined(separator: " | ")) |\n" }.joined()
    }

    private func check(_ table: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let document = try Repository.text("Docs/formats/tal.md")
        #expect(
            document.contains("\n\n\(table)\n"), "Docs/formats/tal.md must contain:\n\n\(table)",
            sourceLocation: sourceLocation)
    }

    @Test func `the document lists every event with its fields as declared`() throws {
        var known: [String: (Comment, [Property])] = [:]
        for path in [
            "WorkflowTelemetry/TaskEvents.swift", "WorkflowTelemetry/SessionEvents.swift",
            "OneLoggerCore/ResourceUpdate.swift",
        ] { known.merge(try Self.declarations("Sources/\(path)")) { old, _ in old } }
        var rows = [["event", "field", "type", "default", "unit", "meaning"]]
        for event in Self.events {
            let type = type(of: event), name = type.eventType.text.description
            let (comment, properties) = try #require(known["\(type)"], "\(type)")
            rows.append(["`\(name)`", "", "", "", "", comment.summary])
            #expect(properties.map(\.field) == event.ownFields.map(\.name), "\(type)")
            for (property, field) in zip(properties, event.ownFields) {
                let value =
                    switch field.value {
                    case nil: "null"
                    case .double(let number): "\(number)"
                    case .string(let text): "`\(text)`"
                    case .some(let other): "\(other)"
                    }
                rows.append(
                    ["", "`\(field.name)`", property.kind, value, property.comment.unit, property.comment.summary])
            }
        }
        try check(Self.table(rows))
        let declared = known.keys.filter { name in Self.events.contains { "\(type(of: $0))" == name } }
        #expect(declared.count == known.count && Set(TaskTransition.allCases.map(\.eventType)).count == 8)
    }

    @Test func `the document lists the names that every event has`() throws {
        let document = try Repository.text("Docs/formats/tal.md")
        for name in EventFields.protectedNames where name != "name" {
            #expect(document.contains("\n| `\(name)` |"), "\(name)")
        }
    }

    @Test func `the document lists every instrument as declared`() throws {
        let rows = SessionInstruments.declarations.map { one in
            ["`\(one.name)`", one.kind, "`\(one.unit)`", one.labels, one.meaning]
        }
        try check(Self.table([["instrument", "kind", "unit", "labels", "meaning"]] + rows))
    }

    @Test func `the document lists every span with the attributes that it really has`() async throws {
        let fixture = try Fixture(), session = fixture.session
        session.workflowScope("w") { _ in
            session.block("b") { _ in
                session.taskCreated("whole", executable: "f", type: "function", backend: "pool")
                session.taskResolved("whole")
                session.taskQueued("whole")
                session.taskStarted("whole")
                session.taskFailed("whole", errorType: "E")
            }
        }
        session.taskCanceled("bare")
        await session.stopPatiently()
        var rows = [["span", "attributes"]]
        for name in ["session", "workflow", "block", "task"] {
            var keys: [String] = []
            for span in session.spans(name: name) {
                for (key, _) in span.attributes where !keys.contains(key) { keys.append(key) }
            }
            rows.append(["`\(name)`", keys.map { "`\($0)`" }.joined(separator: ", ")])
        }
        #expect(Set(session.spans().map(\.name)).count == 4)
        try check(Self.table(rows))
    }
}
