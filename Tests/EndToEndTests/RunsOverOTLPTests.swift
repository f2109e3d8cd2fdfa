import Foundation
import OneLoggerTestSupport
import Testing

/// Runs of an agent as a receiver of OTLP sees them, which reads them with the official schema.
@Suite(.timeLimit(.minutes(15))) struct RunsOverOTLPTests {
    private let folder = TemporaryFolder()
    private let id = UUID().uuidString

    /// Runs the documented run with these variables; what it said of its sink.
    private func agent(_ variables: [String: String], service: String = "app") throws -> String {
        let receiver = try #require(Receiver.shared)
        let config = folder.write(
            """
            application: {name: \(service)}
            exporters:
              - type: otlp
                config:
                  endpoint: "http://127.0.0.1:\(receiver.http)"
                  protocol: http/protobuf
                  headers: {x-test: "\(id)-own", x-content: yes}
            recorders: [{type: rlm}]
            """, to: "a.yaml")
        let all = ["DSPY_RLM_OTEL_ENABLED": "on", "OTEL_EXPORTER_OTLP_HEADERS": "x-test=\(id),x-content=1"]
        let child = try ChildProcess(
            "OneLoggerTestWorker", ["agent", "0", config], variables: all.merging(variables) { $1 },
            errors: folder("errors"))
        let (end, output) = child.finish()
        #expect(end == .exit(0), "\(folder.text("errors"))")
        return output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// All that one destination got, when `count` spans are there.
    private func got(_ test: String, spans count: Int, metric: String? = nil) throws -> Whole {
        let requests = try #require(Receiver.shared).got(test) { all in
            guard metric.map({ name in all.contains { $0.names.contains(name) } }) ?? true else { return false }
            return all.filter { $0.signal == "traces" }.flatMap(\.names).count >= count
        }
        return try requests.reduce(into: Whole()) { all, request in
            all.add(try JSONDecoder().decode(Whole.self, from: Data((request.content ?? "{}").utf8)))
        }
    }

    @Test(arguments: [nil, "http/protobuf", "http/json"])
    func `the documented trace arrives, by gRPC unless told otherwise`(wire: String?) throws {
        let receiver = try #require(Receiver.shared)
        let endpoint = "http://127.0.0.1:\(wire == nil ? receiver.grpc : receiver.http)"
        var variables = ["OTEL_EXPORTER_OTLP_ENDPOINT": endpoint]
        variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = wire
        let said = try agent(variables).split(separator: " ")
        let all = try got(id, spans: 6)
        #expect(said.dropLast() == [endpoint[...], "true"])
        #expect(
            all.outline == """
                rlm.run OK ["final_answer"]
                  rlm.step OK ["code_execution", "output"]
                  rlm.step OK ["code_execution", "output"]
                  rlm.step OK ["code_execution", "output"]
                  rlm.run ERROR Run did not complete []
                    rlm.step ERROR no second opinion []

                """)
        #expect(
            Set(all.spans.map { Optional($0.traceId) }) == [said.last.map(String.init)]
                && Set(all.services) == ["rlm-code"])
        let run = try #require(all.spans.first { $0.parentSpanId == nil })
        #expect(
            run.attributes.texts == [
                "rlm.run_id": "run_1", "rlm.task": "Find the sum of 17 and 25", "rlm.environment": "dspy",
                "rlm.max_steps": "3", "rlm.model": "gpt-4o", "rlm.completed": "true", "rlm.total_steps": "3",
                "rlm.total_reward": "1.5", "rlm.run_path": "runs/run_1.jsonl",
            ])
        #expect(run.events?.first?.attributes?.texts == ["answer": "42"])
        let last = try #require(all.spans.first { $0.attributes.texts["rlm.step"] == "3" })
        #expect(
            last.attributes.texts == [
                "rlm.run_id": "run_1", "rlm.step": "3", "rlm.action_type": "run_code", "rlm.reward": "0.5",
                "rlm.cumulative_reward": "1.5", "rlm.success": "true",
            ])
        #expect(last.events?.map { $0.attributes?.texts ?? [:] } == [["code": "print(a + b)"], ["output": "42"]])
    }

    @Test func `the four metrics arrive, and nothing else`() throws {
        let receiver = try #require(Receiver.shared)
        _ = try agent(["OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(receiver.grpc)"])
        let all = try got(id, spans: 6, metric: "rlm.runs")
        #expect(Set(receiver.got(id).map(\.signal)) == ["traces", "metrics"])
        #expect(
            all.metricLines == [
                "rlm.reward 1 histogram 4 0.5 [:]", "rlm.run_duration s histogram 1 completed=False",
                "rlm.run_duration s histogram 1 completed=True", "rlm.runs 1 sum 2 environment=dspy",
                "rlm.steps 1 sum 1 run_id=run_2", "rlm.steps 1 sum 3 run_id=run_1",
            ])
    }

    @Test func `without metrics there is never a request of metrics`() throws {
        let receiver = try #require(Receiver.shared)
        _ = try agent([
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(receiver.grpc)", "DSPY_RLM_OTEL_METRICS_ENABLED": "no",
        ])
        #expect(try got(id, spans: 6).spans.count == 6)
        #expect(Set(receiver.got(id).map(\.signal)) == ["traces"])
    }

    @Test func `two sinks with two services in one process go to two places`() throws {
        let receiver = try #require(Receiver.shared)
        _ = try agent([
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(receiver.grpc)", "OTEL_SERVICE_NAME": "trainer",
        ])
        let environment = try got(id, spans: 6), own = try got(id + "-own", spans: 1)
        #expect(Set(environment.services) == ["trainer"] && environment.spans.count == 6)
        #expect(own.spans.map { $0.attributes.texts["rlm.run_id"] } == ["other"])
    }

    @Test func `with a collector that is away a program ends in time, all the same`() throws {
        let said = try agent(["OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"])
        #expect(said.hasPrefix("http://127.0.0.1:1 "))
        let lines = folder.text("errors").split(separator: "\n").filter { $0.contains("exporter 'otlp' fails") }
        #expect(lines.count == 1 && lines.allSatisfy { $0.contains("http://127.0.0.1:1") })
    }
}

// MARK: the JSON of requests

/// What several requests hold together.
private struct Whole: Decodable {
    private var resourceSpans: [ResourceSpans]?
    private var resourceMetrics: [ResourceMetrics]?

    mutating func add(_ other: Whole) {
        resourceSpans = (resourceSpans ?? []) + (other.resourceSpans ?? [])
        resourceMetrics = (resourceMetrics ?? []) + (other.resourceMetrics ?? [])
    }

    var spans: [WireSpan] { resourceSpans?.flatMap(\.scopeSpans).flatMap(\.spans) ?? [] }

    var services: [String] {
        (resourceSpans?.map(\.resource) ?? []).compactMap { $0.attributes.texts["service.name"] }
    }

    /// The tree with statuses and events, children in the order of their starts.
    var outline: String {
        func lines(below parent: String?, _ indent: String) -> String {
            spans.filter { $0.parentSpanId == parent }.sorted { $0.start < $1.start }.map { span in
                let status = [span.status?.name, span.status?.message]
                return "\(indent)\(span.name) \(status.compactMap { $0 }.joined(separator: " ")) "
                    + "\(span.events?.map(\.name) ?? [])\n" + lines(below: span.spanId, indent + "  ")
            }.joined()
        }
        return lines(below: nil, "")
    }

    /// The last point of each series; what depends on time is left out.
    var metricLines: [String] {
        var last: [String: String] = [:]
        for metric in resourceMetrics?.flatMap(\.scopeMetrics).flatMap(\.metrics) ?? [] {
            for point in metric.sum?.dataPoints ?? metric.histogram?.dataPoints ?? [] {
                let labels = point.attributes?.texts.map { "\($0)=\($1)" }.sorted().joined(separator: " ") ?? "[:]"
                let kind = metric.sum == nil ? "histogram" : "sum"
                let value = point.count ?? point.asDouble.map { "\(Int($0))" } ?? ""
                let sum = metric.name == "rlm.reward" ? point.sum.map { " \($0)" } ?? "" : ""
                last["\(metric.name) \(labels)"] =
                    "\(metric.name) \(metric.unit ?? "") \(kind) \(value)\(sum) \(labels)"
            }
        }
        return last.values.sorted()
    }
}

private struct ResourceSpans: Decodable {
    struct Scope: Decodable { var spans: [WireSpan] }
    var resource: WireResource
    var scopeSpans: [Scope]
}

private struct ResourceMetrics: Decodable {
    struct Scope: Decodable { var metrics: [WireMetric] }
    var scopeMetrics: [Scope]
}

private struct WireResource: Decodable { var attributes: [WireAttribute] }

private struct WireSpan: Decodable {
    struct Status: Decodable {
        var code: Int?
        var message: String?
        var name: String? { code.map { ["UNSET", "OK", "ERROR"][$0] } }
    }
    struct Event: Decodable {
        var name: String
        var attributes: [WireAttribute]?
    }
    var traceId, spanId, name, startTimeUnixNano: String
    var parentSpanId: String?
    var attributes: [WireAttribute]
    var events: [Event]?
    var status: Status?

    var start: UInt64 { UInt64(startTimeUnixNano) ?? 0 }
}

private struct WireMetric: Decodable {
    struct Points: Decodable { var dataPoints: [Point] }
    struct Point: Decodable {
        var attributes: [WireAttribute]?
        var asDouble, sum: Double?
        var count: String?
    }
    var name: String
    var unit: String?
    var sum, histogram: Points?
}

private struct WireAttribute: Decodable {
    struct Value: Decodable {
        var stringValue, intValue: String?
        var doubleValue: Double?
        var boolValue: Bool?
    }
    var key: String
    var value: Value
}

extension [WireAttribute] {
    fileprivate var texts: [String: String] {
        reduce(into: [:]) { texts, attribute in
            let value = attribute.value
            texts[attribute.key] =
                value.stringValue ?? value.intValue ?? value.doubleValue.map { "\($0)" }
                ?? value.boolValue.map { "\($0)" }
        }
    }
}
