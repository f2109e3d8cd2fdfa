import Foundation
import OneLoggerTestSupport
import Testing

/// From a program with a configuration to the answer of a real Prometheus.
@Suite(.timeLimit(.minutes(15))) struct PrometheusTests {
    private let folder = TemporaryFolder()
    private let port = freePort()

    @Test func `a real Prometheus answers for the steps of two ranks that have ended`() throws {
        // given the configuration that comes with OneLogger, for another folder, where files stay
        let file = folder.write(try config(), to: "a.yaml")

        // when two ranks run and end
        for (rank, steps) in [("0", "30"), ("1", "12")] {
            let child = try ChildProcess(
                "OneLoggerTestWorker", ["return", steps, file], variables: ["RANK": rank], errors: folder("errors"))
            #expect(child.finish().end == .exit(0), "\(folder.text("errors"))")
            #expect(folder.text("errors") == "")
        }

        // then promtool has nothing to say, and Prometheus knows what they did
        let lint = try ChildProcess(
            "sh", ["-c", "cd \"$0\" && for f in *; do promtool check metrics < $f || exit; done", folder("metrics")])
        #expect(lint.finish().end == .exit(0))
        let prometheus = try PrometheusServer(
            textFiles: folder("metrics"),
            config: """
                global: {scrape_interval: 1s}
                scrape_configs:
                  - {job_name: node, static_configs: [{targets: ["127.0.0.1:NODE_PORT"]}]}
                """)
        for (query, value) in [
            (#"span_duration_seconds_count{span_name="step",rank="0"}"#, "30"),
            (#"sum by (span_name) (span_duration_seconds_count{span_name="step"})"#, "42"),
            (#"count(span_duration_seconds_sum{span_name="step"} > 0)"#, "2"),
            (#"span_count_total{span_name="step",span_status="unset",rank="1"}"#, "12"),
            (#"span_duration_seconds_count{span_name="job",rank="0"}"#, "1"),
            (#"sum by (exporter) (onelogger_exported_total{rank="0"})"#, "31"),
            (#"onelogger_lost_total{rank="1",exporter="prometheus"}"#, "0"),
            (#"count(process_start_time_seconds{rank=~"0|1"} > 1.7e9)"#, "2"),
            // A process that ends soon may have spent all of it in one of the two modes.
            (#"count(sum by (rank) (process_cpu_time_seconds_total{cpu_mode=~"user|system"}) > 0)"#, "2"),
            (#"count(process_memory_usage_bytes > 1e6)"#, "2"),
            (#"count(target_info{service_name="digits-training"})"#, "2"), ("min(onelogger_data_complete)", "1"),
        ] {
            let answer = try prometheus.result(query)
            #expect(answer.firstRange(of: ",\"\(value)\"]") != nil, "\(query): \(answer) \(prometheus.logs)")
        }
    }
    @Test func `a real Prometheus answers every query of the dashboard and of its configuration from a job that runs`()
        throws
    {
        // given a job with the configuration that comes with OneLogger, and an endpoint
        let file = folder.write(
            try config().replacing("      sweep: false", with: "      listen: 127.0.0.1:\(port)"), to: "a.yaml")
        let job = try ChildProcess(
            "OneLoggerTestWorker", ["steps", "20", file], variables: ["RANK": "3"], errors: folder("errors"))
        defer {
            job.kill(SIGKILL)
            _ = job.end()
        }
        #expect(job.line() == "ready", "\(folder.text("errors"))")
        let prometheus = try PrometheusServer(
            textFiles: folder("metrics"),
            config: try Repository.text("Configs/prometheus/prometheus.yml")
                .replacing("scrape_interval: 15s", with: "scrape_interval: 1s")
                .replacing("127.0.0.1:9100", with: "127.0.0.1:NODE_PORT")
                .replacing("127.0.0.1:9464", with: "127.0.0.1:\(port)"))

        // when its queries are asked, with what Grafana puts in the place of variables
        let shown = try Self.queries(
            of: JSONSerialization.jsonObject(
                with: Data(try Repository.text("Configs/prometheus/dashboard.json").utf8)))
        let proposed = try Repository.text("Configs/prometheus/prometheus.yml").split(separator: "\n")
            .filter { $0.hasPrefix("#   ") }.map { String($0.dropFirst(4)) }
        #expect(shown.count >= 25 && proposed.count >= 9)
        for query in shown + proposed {
            let asked = query.replacingOccurrences(of: "$__rate_interval", with: "1m")
                .replacingOccurrences(of: "$span", with: "train.step")

            // then each has an answer, from the file and from the endpoint
            let answer = try prometheus.result(asked)
            #expect(
                answer.contains(#""status":"success""#) && !answer.contains(#""result":[]"#),
                "\(asked): \(answer) \(prometheus.logs)")
        }
        for source in ["node", "onelogger"] {
            let failed = try prometheus.result(
                #"span_count_total{job="\#(source)",rank="3",span_name="train.step",span_status="error"} > 0"#)
            #expect(failed.contains(#""rank":"3""#), "\(failed) \(prometheus.logs)")
            #expect(try prometheus.result(#"up{job="\#(source)"}"#).contains(#","1"]"#))
        }
        let nodeMetrics = try #require(prometheus.nodeMetrics)
        #expect(nodeMetrics.contains("\nnode_textfile_scrape_error 0\n"))
    }

    /// What comes with OneLogger, for the folder of this test.
    private func config() throws -> String {
        try Repository.text("Configs/prometheus.yaml").replacing("out/metrics", with: folder("metrics"))
            .replacing("sweep: true", with: "sweep: false")
    }

    private static func queries(of value: Any) -> [String] {
        if let list = value as? [Any] { return list.flatMap(queries) }
        guard let map = value as? [String: Any] else { return [] }
        // The panels about tasks and machines are asked while a session runs, in `WorkflowDashboardTests`.
        if let id = map["id"] as? Int, (101...106).contains(id) { return [] }
        return map.flatMap { key, value in key == "expr" ? [value as? String ?? ""] : queries(of: value) }
    }
}

extension String {
    /// Every occurrence replaced; there must be one.
    fileprivate func replacing(_ text: String, with new: String) -> String {
        #expect(contains(text), "\(text)")
        return replacingOccurrences(of: text, with: new)
    }
}
