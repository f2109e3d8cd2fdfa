import Foundation
import OneLoggerConfig
import OneLoggerCore
import Testing

@Suite struct ExplainTests {
    @Test func `every key is shown with its value and where it came from`() throws {
        let config = try resolve(
            """
            application:
              name: "di\\"gits"
              session_tag: "${JOB:-local}"
              custom_metadata: {team: [a, b], depth: 3}
            recorder:
              filter: {exclude: [x]}
              verbosity: 3
            exporters:
              - type: jsonl
                config: {path: a.jsonl, nested: {list: [{a: 1}], none: {}}}
            """, file: "all.yaml", direct: DirectConfig(recorder: ["verbosity": 5]),
            environment: ["RANK": "2", "JOB": "17"])
        #expect(
            config.explain() == """
                # file: all.yaml
                application.enable_for_ranks = "all"  (default)
                application.is_baseline_run = false  (default)
                application.summary_data_schema_version = "1.0.0"  (default)
                application.trace_parent = "use"  (default)
                application.rank = 2  (environment variable RANK)
                application.name = "di\\"gits"  (all.yaml:2:9)
                application.session_tag = "17"  (all.yaml:3:16, ${JOB})
                application.custom_metadata.team = ["a", "b"]  (all.yaml:4:27)
                application.custom_metadata.depth = 3  (all.yaml:4:42)
                recorder.on_error = "propagate"  (default)
                recorder.when_full = "block"  (default)
                recorder.block_limit_ms = 10  (default)
                recorder.pool_bytes = 16777216  (default)
                recorder.flush_interval_ms = 100  (default)
                recorder.sampling.mode = "all"  (default)
                recorder.announce = "roots"  (default)
                recorder.signals = "default"  (default)
                recorder.disable_after = 5  (default)
                recorder.probe_after_s = 1  (default)
                recorder.shutdown_timeout_s = 2  (default)
                recorder.metrics_interval_s = 10  (default)
                recorder.metrics.spans = true  (default)
                recorder.metrics.process = true  (default)
                recorder.metrics.health = true  (default)
                recorder.metrics.exemplars = false  (default)
                recorder.metrics.series_limit = 2000  (default)
                recorder.time_tolerance_s = 36000  (default)
                recorder.filter.exclude = ["x"]  (all.yaml:6:21)
                recorder.verbosity = 5  (code, recorder.verbosity)
                exporters[0].type = "jsonl"  (all.yaml:9:11)
                exporters[0].name = "jsonl"  (default)
                exporters[0].enabled = true  (default)
                exporters[0].config.path = "a.jsonl"  (all.yaml:10:20)
                exporters[0].config.nested.list[0].a = 1  (all.yaml:10:49)
                exporters[0].config.nested.none = {}  (all.yaml:10:60)
                recorders = []  (default)

                """)
    }

    @Test func `secrets are never shown, wherever they stand`() throws {
        let config = try resolve(
            """
            application:
              session_tag: "${MY_PASSWORD}"
              custom_metadata: {api_key: hunter2, list: ["${MY_PASSWORD}"]}
            exporters:
              - type: otlp
                config:
                  endpoint: "https://user:hunter2@host:4318/v1"
                  headers: {x-team: hunter2, authorization: "Bearer ${VALUE}", nested: {a: hunter2, b: [hunter2]}}
                  token: ${VALUE}
                  plain: ${VALUE}
            """, environment: ["MY_PASSWORD": "hunter2", "VALUE": "visible"])
        let text = config.explain()
        #expect(!text.contains("hunter2"))
        #expect(text.split(separator: "\n").count { $0.contains(" = <redacted>") || $0.contains("[<redacted>]") } == 8)
        #expect(text.contains("endpoint = \"https://<redacted>@host:4318/v1\""))
        #expect(text.contains("token = <redacted>  (a.yaml:9:14, ${VALUE})"))
        #expect(text.contains("plain = \"visible\"  (a.yaml:10:14, ${VALUE})"))
    }

    @Test func `what is shown as default is what applies by default`() throws {
        // given the shown defaults, written as a file
        let text = try resolve("").explain()
        let yaml = ["application", "recorder"].map { section in
            "\(section):\n"
                + text.split(separator: "\n").filter { $0.hasPrefix("\(section).") && !$0.contains("on_error") }.map {
                    line in
                    let pair = line.dropFirst(section.count + 1).split(separator: "  (")[0].split(separator: " = ")
                    return pair[0] == "sampling.mode"
                        ? "  sampling: {mode: \(pair[1])}\n" : "  \(pair[0]): \(pair[1])\n"
                }.joined()
        }.joined().replacingOccurrences(of: "  metrics.spans:", with: "  metrics:\n    spans:")
            .replacingOccurrences(of: "  metrics.", with: "    ")

        // then they change nothing
        let config = try resolve(yaml)
        #expect(config.application["trace_parent"] != nil)
        #expect(config.recorder["pool_bytes"] != nil)
        #expect(config.applicationSection == ApplicationSection())
        #expect(config.recorderSection == RecorderSection())
    }

    @Test func `a text never takes a second line, nor a key`() throws {
        let config = try resolve("application: {custom_metadata: {\"a b = c\": \"1\\n2\"}}")
        #expect(config.explain().contains("application.custom_metadata.\"a b = c\" = \"1\\n2\"  (a.yaml:1:44)\n"))
    }

    @Test func `without a file it says so`() throws {
        let text = try ConfigLayers(environment: ConfigEnvironment([:])).resolve().explain()
        #expect(text.hasPrefix("# file: none\n"))
        #expect(text.hasSuffix("exporters = []  (default)\nrecorders = []  (default)\n"))
    }

    @Test func `a disabled rank is shown with the strategy that applies to it`() throws {
        let config = try resolve("application: {enable_for_ranks: [1]}")
        #expect(config.explain().contains("recorder.on_error = \"disable_quietly\"  (default)\n"))
    }
}
