import Foundation
import Testing

/// The demo with `Configs/otlp.yaml`, to a receiver that is none of ours.
@Suite(.timeLimit(.minutes(5))) struct OTLPTests {
    private static let repository =
        #filePath.split(separator: "/").dropLast(5).map { "/" + $0 }.joined()

    /// What the receiver prints about a request.
    private struct Request: Decodable {
        var signal: String
        var headers: [String: String]
        var names: [String]
    }

    /// The ports, in its first line.
    private struct Ports: Decodable {
        var http: Int
        var grpc: Int
    }

    @Test func `with the example configuration, what a run records arrives over each protocol`() throws {
        // given: a receiver, and the names of what the same run writes into a file
        let folder = try TemporaryFolder()
        let lines = try folder.write("", to: "requests"), (receiver, ports) = try startReceiver(lines)
        defer { stop(receiver) }
        let file = try folder.write(
            "exporters: [{type: jsonl, config: {path: \(folder.path)/out.jsonl}}]\n", to: "a.yaml")
        try train(["--config", file, "--output", folder.path])
        let written = try String(contentsOfFile: "\(folder.path)/out.jsonl", encoding: .utf8).split(separator: "\n")
        let expected = try Set(
            written.filter { $0.contains(#""type":"complete""#) || $0.contains(#""type":"stop""#) }.map { line in
                try JSONDecoder().decode(Named.self, from: Data(line.utf8)).name
            })
        try #require(expected.count > 5)
        // when
        let protocols = ["http/protobuf": "application/x-protobuf", "http/json": "application/json", "grpc": nil]
        for name in protocols.keys {
            try train(
                ["--config", "\(Self.repository)/Configs/otlp.yaml", "--output", folder.path],
                [
                    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(name == "grpc" ? ports.grpc : ports.http)",
                    "OTEL_EXPORTER_OTLP_PROTOCOL": name, "OTEL_EXPORTER_OTLP_HEADERS": "x-test=\(name)",
                ])
        }
        // then: the programs are over, so everything was answered, and therefore printed
        stop(receiver)
        receiver.waitUntilExit()
        let all = try String(contentsOfFile: lines, encoding: .utf8).split(separator: "\n").dropFirst()
            .map { try JSONDecoder().decode(Request.self, from: Data($0.utf8)) }
        for (name, type) in protocols {
            let requests = all.filter { $0.headers["x-test"] == name }
            #expect(Set(requests.filter { $0.signal == "traces" }.flatMap(\.names)) == expected, "\(name)")
            #expect(requests.contains { $0.signal == "metrics" } && requests.contains { $0.signal == "logs" })
            #expect(requests.allSatisfy { $0.headers["content-type"] == type })
        }
    }

    private struct Named: Decodable {
        var name: String
    }

    /// Other signals than this one are blocked on threads that run tests, and what they start inherits that.
    private func stop(_ process: Process) { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    private func startReceiver(_ file: String) throws -> (process: Process, ports: Ports) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "\(Self.repository)/.build/venv/bin/python")
        process.arguments = ["\(Self.repository)/Tests/Helpers/otlp_receiver.py"]
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
        try process.run()
        while process.isRunning {
            let text = try String(contentsOfFile: file, encoding: .utf8)
            if let end = text.firstIndex(of: "\n") {
                return (process, try JSONDecoder().decode(Ports.self, from: Data(text[..<end].utf8)))
            }
            usleep(2_000)
        }
        throw CocoaError(.executableLoad)
    }

    /// Runs the program with a few images of two digits.
    private func train(_ arguments: [String], _ variables: [String: String] = [:]) throws {
        let folder = try TemporaryFolder()
        let images = try String(contentsOfFile: DatasetTests.digits, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasSuffix(",0") || $0.hasSuffix(",1") }
        let data = try folder.write(images.prefix(100).joined(separator: "\n") + "\n", to: "some.csv")
        let programs = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe").split(separator: "/")
        let process = Process(), problems = Pipe()
        process.executableURL = URL(
            fileURLWithPath: programs.dropLast().map { "/" + $0 }.joined() + "/DigitsTraining")
        process.arguments = ["--epochs", "1", "--data", data] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = problems
        try process.run()
        let problem = String(decoding: problems.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(problem == "")
    }
}
