import Foundation
import OneLogger
import OneLoggerBootstrap
import OneLoggerTestSupport
import Testing
import WorkflowTelemetry

/// The panels of the dashboard about tasks and machines, asked of a real Prometheus while a real session runs.
@Suite(.timeLimit(.minutes(15))) struct WorkflowDashboardTests {
    private let folder = TemporaryFolder()

    /// Title and query, as Grafana asks it.
    private static func panels() throws -> [(title: String, query: String)] {
        let file = URL(filePath: "\(packageFolder)/Configs/prometheus/dashboard.json")
        let json = try JSONSerialization.jsonObject(with: try Data(contentsOf: file)) as? [String: Any]
        let all = json?["panels"] as? [[String: Any]] ?? []
        return all.filter { (101...106).contains($0["id"] as? Int ?? 0) }.map { panel in
            let targets = panel["targets"] as? [[String: Any]] ?? [], query = targets.first?["expr"] as? String ?? ""
            return (panel["title"] as? String ?? "", query.replacingOccurrences(of: "$__rate_interval", with: "1m"))
        }
    }

    @Test func `each of the six panels shows what a session does`() throws {
        // given a session whose metrics a real Prometheus scrapes
        let recorder = try Bootstrap(
            """
            recorder: {metrics_interval_s: 0.2}
            exporters: [{type: prometheus, config: {path: FOLDER/workflow.prom}}]
            """, in: folder
        ).start()
        let session = try WorkflowSession.start(on: recorder)
        let prometheus = try PrometheusServer(
            textFiles: folder.path,
            config: """
                global: {scrape_interval: 1s}
                scrape_configs:
                  - {job_name: node, static_configs: [{targets: ["127.0.0.1:NODE_PORT"]}]}
                """)
        session.taskStarted("always", backend: "pool")
        var number = 0
        func work() {
            number += 1
            session.taskCreated("t\(number)", type: "function", backend: "pool")
            session.taskSubmitted("t\(number)")
            session.taskStarted("t\(number)")
            if number % 4 == 0 { session.taskFailed("t\(number)") } else { session.taskCompleted("t\(number)") }
            recorder.emit(
                ResourceUpdate(cpuPercent: 42.5, memoryPercent: 55, gpuPercent: 76), backend: "pool", nodeID: "n1")
            for (gpu, load) in [12.0, 76].enumerated() {
                recorder.emit(ResourceUpdate(gpuPercent: load, gpuID: gpu), backend: "pool", nodeID: "n1")
            }
        }
        work()

        // when each panel is asked, then it answers, and what does not change over time is what was recorded
        let panels = try Self.panels()
        #expect(panels.count == 6)
        for (title, query) in panels {
            let answer = prometheus.result(query, between: work)
            let isEmpty = answer.contains("\"result\":[]")
            #expect(answer.contains("\"status\":\"success\"") && !isEmpty, "\(title): \(answer)")
            let expected: [String] =
                switch title {
                case "Tasks running": ["\"backend\":\"pool\"", ",\"1\"]"]
                case "Processors": ["\"node_id\":\"n1\"", ",\"42.5\"]"]
                case "Memory": ["\"node_id\":\"n1\"", ",\"55\"]"]
                case "GPUs": [",\"76\"]", "\"gpu_id\":\"0\"", "\"gpu_id\":\"1\"", ",\"12\"]"]
                case "Tasks completed per second": ["\"task_type\":\"function\""]
                default: []
                }
            for part in expected { #expect(answer.contains(part), "\(title): \(answer)") }
        }
        for (query, value) in [("sum(tasks_failed_total) > 0", "[1-9]"), ("max(tasks_running)", "1")] {
            let answer = prometheus.result(query, between: work)
            #expect(answer.range(of: ",\"\(value)", options: .regularExpression) != nil, "\(query): \(answer)")
        }
        try recorder.shutdown(timeout: .patience)
    }
}
