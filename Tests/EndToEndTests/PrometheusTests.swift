import OneLoggerTestSupport
import Testing

/// From a program with a configuration to the answer of a real Prometheus.
@Suite(.timeLimit(.minutes(2))) struct PrometheusTests {
    private let folder = TemporaryFolder()

    @Test func `a real Prometheus answers for the steps of two ranks that have ended`() throws {
        // given the configuration that comes with OneLogger, for other spans and another folder, where files stay
        var config = try Repository.text("Configs/prometheus.yaml")
        for (there, here) in [
            ("out/metrics", folder.path + "/metrics"), ("training_single_iteration", "step"),
            ("sweep: true", "sweep: false"),
        ] {
            let range = try #require(config.firstRange(of: there))
            config.replaceSubrange(range, with: here)
        }
        let file = folder.write(config, to: "a.yaml")

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
            (#"count(target_info{service_name="digits-training"})"#, "2"), ("min(onelogger_data_complete)", "1"),
        ] {
            let answer = try prometheus.result(query)
            #expect(answer.firstRange(of: ",\"\(value)\"]") != nil, "\(query): \(answer) \(prometheus.logs)")
        }
    }
}
