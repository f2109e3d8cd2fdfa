import DigitsNetwork
import Foundation
import Testing

/// The whole program, as its user starts it: what it prints last, and how it ends.
@Suite struct ProgramTests {
    /// How a program ended, and what it printed.
    private struct Outcome {
        var code: Int32
        var lines: [Substring]
        var problem: String

        /// The number in the line that the program prints last.
        var accuracy: Double? {
            guard let line = lines.last, line.hasPrefix("validation accuracy: "), line.hasSuffix(" %") else {
                return nil
            }
            return Double(line.dropFirst("validation accuracy: ".count).dropLast(2))
        }
    }

    /// Trains on the first 100 images whose digits are wanted, so that a debug build takes seconds.
    private func train(on digits: ClosedRange<Int>, epochs: Int, extra: [String] = []) throws -> Outcome {
        let folder = try TemporaryFolder()
        let images = try String(contentsOfFile: DatasetTests.digits, encoding: .utf8).split(separator: "\n")
            .filter { line in digits.contains { line.hasSuffix(",\($0)") } }
        let data = try folder.write(images.prefix(100).joined(separator: "\n") + "\n", to: "some.csv")
        let config = try folder.write(
            "exporters: [{type: jsonl, config: {path: \(folder.path)/out.jsonl}}]\n", to: "some.yaml")
        return try run(
            ["--epochs", "\(epochs)", "--data", data, "--config", config, "--output", folder.path] + extra)
    }

    private func run(_ arguments: [String]) throws -> Outcome {
        // The program lies beside the one that runs the tests.
        let folder = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe").split(separator: "/")
        let process = Process(), output = Pipe(), problems = Pipe()
        process.executableURL = URL(
            fileURLWithPath: folder.dropLast().map { "/" + $0 }.joined() + "/DigitsTraining")
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = problems
        try process.run()
        // One after the other: problems are a line, which fits into the pipe.
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let problem = String(decoding: problems.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Outcome(code: process.terminationStatus, lines: text.split(separator: "\n"), problem: problem)
    }

    @Test func `a network that reads more than 95 % right is a success, and the last line says how many`() throws {
        let outcome = try train(on: 0...1, epochs: 10)
        let accuracy = try #require(outcome.accuracy, "\(outcome)")
        #expect(accuracy > 95 && accuracy <= 100)
        #expect(outcome.code == 0)
        #expect(outcome.lines.count { $0.hasPrefix("validation accuracy: ") } == 1, "on a line of its own")
    }

    @Test func `a network that reads less is a failure, and the last line says how many`() throws {
        let outcome = try train(on: 0...9, epochs: 1)
        let accuracy = try #require(outcome.accuracy, "\(outcome)")
        #expect(accuracy < 95)
        #expect(outcome.code == 1)
        #expect(outcome.problem == "", "it is a result, not an error")
    }

    @Test func `what is not a terminal gets a line for every tenth epoch, and for the last one`() throws {
        let outcome = try train(on: 0...1, epochs: 22)
        let epochs = outcome.lines.filter { $0.hasPrefix("epoch ") }.map { $0.prefix { $0 != "/" } }
        #expect(epochs == ["epoch 10", "epoch 20", "epoch 22"])
    }

    @Test func `an argument that is unknown is an error before anything is trained`() throws {
        let outcome = try train(on: 0...1, epochs: 1, extra: ["--epoch"])
        #expect(outcome.code == 1)
        #expect(outcome.lines.isEmpty)
        #expect(outcome.problem.hasPrefix("--epoch: error: "))
    }
}
