import Foundation
import Testing

/// The whole program, as its user starts it.
@Suite struct ProgramTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// The root of the repository.
    private static let root = URL(filePath: #filePath).pathComponents.dropLast(5).joined(separator: "/").dropFirst()

    private func program(_ path: String, _ arguments: [String], _ variables: [String: String] = [:]) -> Process {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
        process.currentDirectoryURL = folder
        process.standardOutput = Pipe()
        return process
    }

    /// What a program prints until it ends.
    private func output(_ process: Process) throws -> [Substring] {
        try process.run()
        let bytes = (process.standardOutput as? Pipe)?.fileHandleForReading.readDataToEndOfFile() ?? Data()
        process.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }

    /// The program lies beside the one that runs the tests.
    private func agent(_ config: String, _ variables: [String: String] = [:]) throws -> Process {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return program(
            URL(filePath: own).deletingLastPathComponent().appending(path: "AgentRun").path,
            ["--config", "\(Self.root)/\(config)", "--runs", "6"], variables)
    }

    private func lines(_ name: String) throws -> [Substring] {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8).split(separator: "\n")
    }

    /// Those that a run's line in the output counts.
    private func steps(_ lines: [Substring]) -> Int {
        lines.compactMap { $0.firstMatch(of: /, (\d+) steps,/).flatMap { Int($0.1) } }.reduce(0, +)
    }

    @Test func `several runs, with rewards and failures, are recorded as lines`() throws {
        let program = try agent("Configs/rlm.yaml"), output = try output(program)
        #expect(program.terminationStatus == 0)
        #expect(output.count { $0.contains(": solved, ") } == 4 && output.count { $0.contains(": gave up, ") } == 2)
        let spans = try lines("out/agent.jsonl"), ended = spans.filter { !$0.hasPrefix("{\"type\":\"start\"") }
        // Each run has a small one below it, of one step.
        #expect(ended.count { $0.contains("\"name\":\"rlm.run\"") } == 12)
        #expect(ended.count { $0.contains("\"name\":\"rlm.step\"") } == steps(output) + 6)
        #expect(ended.contains { $0.contains("\"status\":\"error\"") && $0.contains("the program has no value") })
        #expect(try lines("out/observability/runs.jsonl").count == 12)
        #expect(try lines("out/observability/steps/run_1_1.jsonl").count > 1)
        try FileManager.default.removeItem(at: folder)
    }

    @Test func `the same arrives at a collector, by gRPC`() throws {
        let receiver = program(
            "\(Self.root)/.build/venv/bin/python", ["\(Self.root)/Tests/Helpers/otlp_receiver.py"])
        try receiver.run()
        defer { receiver.terminate() }
        let pipe = try #require((receiver.standardOutput as? Pipe)?.fileHandleForReading)
        var buffered = Data()
        func line() throws -> [String: Any] {
            while !buffered.contains(10) {
                let more = pipe.availableData
                try #require(!more.isEmpty, "the receiver has gone; Scripts/set-up-python.sh installs what it needs")
                buffered += more
            }
            let line = buffered.prefix { $0 != 10 }
            buffered = Data(buffered.dropFirst(line.count + 1))
            return try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
        }
        let port = try #require(try line()["grpc"] as? Int)
        let program = try agent(
            "Examples/AgentRun/otlp.yaml", ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(port)"])
        let output = try output(program), steps = steps(output)
        #expect(program.terminationStatus == 0)
        #expect(output.contains { $0.hasPrefix("sink opentelemetry: ") && $0.contains(" 0 dropped ") }, "\(output)")
        // The program is over, and so everything that was delivered has been told.
        var names: [String: Int] = [:]
        while names["rlm.run", default: 0] < 12 || names["rlm.step", default: 0] < steps + 6 || names["rlm.runs"] == nil
        {
            for name in try line()["names"] as? [String] ?? [] { names[name, default: 0] += 1 }
        }
        #expect(names["rlm.run"] == 12 && names["rlm.step"] == steps + 6)
        try FileManager.default.removeItem(at: folder)
    }
}
