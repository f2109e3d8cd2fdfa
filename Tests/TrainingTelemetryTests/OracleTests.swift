import Foundation
import OneLogger
import OneLoggerTestSupport
import Testing

@testable import TrainingTelemetry

/// The formulas against those that Python computes by itself, from the same inputs.
@Suite struct OracleTests {
    private struct Numbers: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }

    private func plain(_ attributes: Attributes) -> [String: Any] {
        var result: [String: Any] = [:]
        for (key, value) in attributes {
            switch value {
            case .int(let number): result[key] = number
            case .double(let number): result[key] = number
            case .string(let text): result[key] = text
            case .bool(let truth): result[key] = truth
            default: Issue.record("\(key) is of another type")
            }
        }
        return result
    }

    /// A loop with random numbers: its inputs, and what the metrics say.
    private func loop(_ random: inout Numbers) throws -> [String: Any] {
        var config = TrainingTelemetryConfig(
            perfTag: "p", globalBatchSize: .value(.random(in: 1...9000, using: &random)))
        config.logEveryNTrainIterations = .random(in: 1...7, using: &random)
        if Bool.random(using: &random) { config.seqLength = .value(.random(in: 1...8192, using: &random)) }
        config.flopsPerSample = .value(.random(in: 1...4_000_000_000_000_000, using: &random))
        config.isLogThroughputEnabled = .value(Bool.random(using: &random))
        if Bool.random(using: &random) { config.peakTFLOPSPerGPU = .random(in: 1...2000, using: &random) }
        if Bool.random(using: &random) { config.trainSamplesTarget = .value(.random(in: 1...1 << 40, using: &random)) }
        let settings = try TrainingSettings(config), world = Int.random(in: 1...4096, using: &random)
        let first = Int.random(in: 0...100_000, using: &random), origin: UInt64 = 1_700_000_000_000_000_000
        let samples = Bool.random(using: &random) ? nil : Int.random(in: 0...1 << 40, using: &random)
        var metrics = TrainingMetrics(
            settings, iterationsStart: first, samplesStart: samples, worldSize: world,
            start: Timestamp(nanoseconds: origin))
        var now = origin, inputs: [[String: Any]] = [], outputs: [[String: Any]] = [plain(metrics.loopAttributes)]
        func stretch() -> (Timestamp, Timestamp) {
            now += .random(in: 0...1_000_000, using: &random)
            let start = now
            now += .random(in: 0...9_000_000_000, using: &random)
            return (Timestamp(nanoseconds: start), Timestamp(nanoseconds: now))
        }
        for _ in 0..<Int.random(in: 0...40, using: &random) {
            let (start, end) = stretch()
            inputs.append(["kind": "iteration", "start": start.nanoseconds, "end": end.nanoseconds])
            if metrics.finishIteration(from: start, to: end) { outputs.append(plain(metrics.takeUpdate())) }
            guard Int.random(in: 0..<5, using: &random) == 0 else { continue }
            metrics.validation.begin()
            var times: [[UInt64]] = []
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                let (start, end) = stretch()
                metrics.validation.finishIteration(from: start, to: end)
                times.append([start.nanoseconds, end.nanoseconds])
            }
            inputs.append(["kind": "validation", "times": times])
            let update = metrics.validation.end(
                current: metrics.current, iterations: metrics.iterations, timed: true)
            outputs.append(plain(update))
            var checkpoints = CheckpointMetrics()
            _ = checkpoints.begin(1, .sync, metrics.productivity)
            let told = checkpoints.succeed(1, .sync, at: Timestamp(nanoseconds: now))
            let saved = try #require(told)
            inputs.append(["kind": "save", "time": now])
            outputs.append(plain(saved.attributes))
        }
        inputs.append(["kind": "end"])
        if metrics.hasRemainder { outputs.append(plain(metrics.takeUpdate())) }
        var described = plain(settings.attributes)
        described["world_size"] = world
        described["iterations_start"] = first
        described["samples_start"] = samples
        described["start"] = origin
        return ["config": described, "inputs": inputs, "outputs": outputs]
    }

    @Test func `every formula agrees with Python's, for three hundred random loops`() throws {
        var random = Numbers(state: 7)
        let cases = try (0..<300).map { _ in try loop(&random) }
        let folder = TemporaryFolder()
        try JSONSerialization.data(withJSONObject: cases).write(to: URL(fileURLWithPath: folder("cases.json")))
        let oracle = try ChildProcess(
            python, ["\(packageFolder)/Tests/Helpers/training_oracle.py", folder("cases.json")],
            errors: folder("errors"))
        let (end, output) = oracle.finish()
        #expect(end == .exit(0), "\(output)\(folder.text("errors"))")
        #expect(output.hasPrefix("agreed on "), "\(output)")
    }
}
