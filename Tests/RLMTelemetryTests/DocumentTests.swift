import Foundation
import OneLogger
import OneLoggerTestSupport
import OneLoggerTesting
import RLMTelemetry
import Testing

/// The page about runs and steps against what really happens.
@Suite struct DocumentTests {
    private let page: String

    init() throws { page = try Repository.text("Docs/formats/rlm.md") }

    /// The cells of a table's rows, by the table's first line.
    private func table(_ first: String) throws -> [[String]] {
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.hasPrefix(first) }, "there is no table \(first)")
        return lines[(start + 2)...].prefix { $0.hasPrefix("|") }.map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    /// The names in backticks.
    private func names(_ cell: String) -> [String] {
        cell.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
            .map { String($0.element) }
    }

    private func type(_ value: AttributeValue) -> String {
        switch value {
        case .string: "text"
        case .int: "integer"
        case .double: "number"
        case .bool: "truth value"
        default: "any"
        }
    }

    /// What spans of this name carried, with its types.
    private func attributes(_ spans: [SpanRecord], _ name: String) -> [String: String] {
        spans.filter { $0.name == name }.reduce(into: [:]) { all, span in
            for (key, value) in span.attributes { all[key] = type(value) }
        }
    }

    /// Runs in which everything is said that can be said.
    private func everything() -> [SpanRecord] {
        let bench = Bench(), long = String(repeating: "a", count: 2000)
        let usage = RLMUsage(calls: 1, promptTokens: 2, completionTokens: 3)
        let start = RLMRunStart(
            "r", task: long, environment: "e", maxSteps: 1, model: "m", parameters: ["NAME": .strings(["any"])],
            parentRun: "p",
            depth: 1)
        try? bench.sink.withRun(start) { run in
            try? run.withStep("a") { step throws(Boom) in
                (step.error, step.usage, step.depth) = (long, usage, 1)
                step.branch = RLMBranch(width: 2, selected: 1)
                throw Boom()
            }
            run.stepFinished(RLMStep(reward: 1))
            run.conclude(RLMRunEnd(isCompleted: false, error: long, runPath: "p", usage: usage))
            throw Boom()
        }
        bench.sink.runStarted("open", task: "t", environment: "e")
        bench.sink.stop(deadline: Timestamp(nanoseconds: noon))
        return bench.recorder.takeSpans()
    }

    @Test(arguments: ["rlm.run", "rlm.step"])
    func `the tables of attributes are those of the spans, with their types`(span: String) throws {
        let rows = try table("| attribute of `\(span)` |")
        let documented = rows.reduce(into: [:]) { all, row in all[names(row[0]).first ?? row[0]] = row[1] }
        #expect(rows.count == documented.count)
        #expect(documented == attributes(everything(), span))
    }

    @Test func `the table of keys is that of the options`() throws {
        let documented = try table("| key | type and range").flatMap { names($0[0]) }
        var settings = Settings(["surplus_key": 1])
        do throws(SettingsError) {
            _ = try RLMOptions(&settings)
            Issue.record("a surplus key was taken")
        } catch {
            let allowed = error.description.components(separatedBy: "Allowed: ").last?.dropLast() ?? ""
            #expect(allowed.components(separatedBy: ", ").sorted() == documented.sorted())
        }
    }

    @Test func `the page and the guide have every variable`() throws {
        let documented = Set(try table("| variable | default").flatMap { names($0[0]) })
        var asked: Set<String> = []
        _ = RLMEnvironment { name in
            asked.insert(name)
            return nil
        }
        // Read by the configuration, for every recorder.
        #expect(documented == asked.union(["OTEL_RESOURCE_ATTRIBUTES"]))
        let guide = try Repository.text("Docs/config.md")
        for name in asked { #expect(guide.contains("`\(name)`"), "\(name)") }
    }

    @Test func `the table of instruments is theirs`() throws {
        let bench = Bench()
        bench.run([RLMStep(reward: 1)])
        for row in try table("| instrument | kind") {
            let points = bench.points(names(row[0])[0])
            #expect(points.count == 1 && points[0].unit == names(row[2])[0], "\(row[0])")
            #expect(points[0].attributes.map(\.key) == Array(names(row[3]).prefix(1)), "\(row[0])")
            let isHistogram = if case .histogram = points[0].value { true } else { false }
            #expect(row[1] == (isHistogram ? "histogram" : "counter"))
        }
    }

    @Test func `the table of local lines is theirs, in order`() throws {
        let folder = TemporaryFolder(), sink = LocalJSONLSink(directory: folder.path)
        sink.withRun(RLMRunStart("RUN", task: "t", environment: "e")) { $0.withStep("a") { _ in } }
        sink.shutdown(timeout: .patience)
        for row in try table("| file | keys") {
            let line = folder.text(names(row[0])[0])
            #expect(line.matches(of: /"([a-z_]+)":/).map { String($0.1) } == names(row[1]), "\(line)")
        }
    }

    @Test func `the page has every key of the status`() {
        let status = RLMSinkStatus(
            name: "n", isEnabled: true, isAvailable: true, detail: "d", serviceName: "s", hasMetrics: true,
            lastError: "e")
        #expect(status.attributes.count == 9)
        for (key, _) in status.attributes { #expect(page.contains("`\(key)`"), "\(key)") }
    }
}
