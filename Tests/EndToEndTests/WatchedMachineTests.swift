import Foundation
import OneLogger
import OneLoggerJSONL
import OneLoggerTestSupport
import Testing

/// A program that a configuration makes watch its machine.
@Suite(.timeLimit(.minutes(15))) struct WatchedMachineTests {
    private let folder = TemporaryFolder()
    private let id = UUID().uuidString

    /// Starts a program with a span that never ends, on a machine with two GPUs that are made up.
    private func program(_ config: String) throws -> ChildProcess {
        let source = "\(packageFolder)/Tests/ResourceTelemetryTests/Fixtures/fake_nvml.c"
        let library = folder("libnvidia-ml.so.1")
        try #require(ChildProcess("clang", ["-shared", "-fPIC", "-o", library, source]).end() == .exit(0))
        folder.write("40 10 250 70500 60 4\n90 20 500 80000 70 0\n", to: "devices")
        let child = try ChildProcess(
            "OneLoggerTestWorker", ["open", "1", folder.write(config, to: "a.yaml")],
            variables: ["FAKE_NVML": folder("devices")], errors: folder("errors"))
        #expect(child.line() == "ready")
        return child
    }

    private func resources(_ adapters: String = "[host, nvidia]") -> String {
        """
        recorders:
          - type: resources
            config: {interval_s: 0.02, adapters: \(adapters), node: n9, nvidia: {library: FOLDER/libnvidia-ml.so.1}}
        """
    }

    @Test func `samples reach a reader of OpenTelemetry under all documented and conventional names`() throws {
        let receiver = try #require(Receiver.shared)
        let child = try program(
            """
            recorder: {metrics_interval_s: 0.1}
            exporters: [{type: otlp, config: {endpoint: 'http://127.0.0.1:\(receiver.http)', headers: {x-test: '\(id)'}}}]
            \(resources())
            """)
        let wanted: Set = [
            "node_cpu_utilization", "node_memory_utilization", "node_gpu_utilization", "system.cpu.utilization",
            "system.memory.utilization", "system.memory.usage", "system.memory.limit", "system.disk.io",
            "system.network.io", "hw.gpu.utilization", "hw.gpu.memory.utilization", "hw.gpu.memory.usage",
            "hw.gpu.memory.limit", "hw.power", "hw.temperature",
        ]
        let got = receiver.got(id) { requests in
            wanted.isSubset(of: requests.filter { $0.signal == "metrics" }.flatMap(\.names))
                && requests.contains { $0.signal == "logs" && $0.names.contains("ResourceUpdate") }
        }
        child.kill(SIGTERM)
        #expect(child.end() == .signal(SIGTERM))
        #expect(wanted.subtracting(got.filter { $0.signal == "metrics" }.flatMap(\.names)) == [])
        #expect(got.contains { $0.signal == "logs" && $0.names.contains("ResourceUpdate") })
        #expect(folder.text("errors") == "")
    }

    @Test func `without a session samples go with the root span, and one line tells what is absent`() throws {
        let child = try program(
            "exporters: [{type: jsonl, config: {path: FOLDER/run.jsonl}}]\n"
                + resources("[host, amd]")
                .split(separator: ", nvidia:")[0] + "}\n")
        var events: [EventRecord] = []
        let limit = ContinuousClock.now + .patience
        while events.count < 20, ContinuousClock.now < limit {
            let records = (try? JSONLReader.contents(ofFile: folder("run.jsonl")).records) ?? []
            events = records.compactMap { if case .typedEvent(let event) = $0 { event } else { nil } }
        }
        child.kill(SIGTERM)
        #expect(child.end() == .signal(SIGTERM))
        #expect(events.count >= 20)
        #expect(events.allSatisfy { $0.type == "ResourceUpdate" && $0.nodeID == "n9" && $0.backend == "host" })
        let contents = try JSONLReader.contents(ofFile: folder("run.jsonl"))
        let starts = contents.records.compactMap { record -> SpanRecord? in
            if case .start(let span) = record { span } else { nil }
        }
        let manual = try #require(starts.first { $0.name == "manual" })
        #expect(events.last?.context == manual.context)
        let lines = folder.text("errors").split(separator: "\n")
        #expect(lines.count == 1 && lines.first?.contains("amd: error: ") == true, "\(lines)")
    }
}
