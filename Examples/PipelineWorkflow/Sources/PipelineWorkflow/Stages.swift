internal import Foundation

/// The work of a pipeline: a straight line is fitted to points that scatter around one.
enum Stage: String, CaseIterable {
    case load, preprocess, train, evaluate
}

struct Failed: Error {
    var what: String
}

/// Numbers that are the same for the same seed.
struct Points {
    private(set) var x: [Double] = [], y: [Double] = []

    init(seed: Int, count: Int) {
        var state = UInt64(truncatingIfNeeded: seed &+ 1) &* 0x9e37_79b9_7f4a_7c15
        for i in 0..<count {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let noise = Double(state >> 11) * 0x1p-53 - 0.5
            x.append(Double(i) / Double(count))
            y.append(2 * Double(i) / Double(count) + 1 + noise * 0.1)
        }
    }

    /// Gradient descent; slope and offset.
    func fit(epochs: Int) -> (Double, Double) {
        var slope = 0.0, offset = 0.0
        for _ in 0..<epochs {
            var dSlope = 0.0, dOffset = 0.0
            for (x, y) in zip(x, y) {
                let error = slope * x + offset - y
                dSlope += error * x
                dOffset += error
            }
            slope -= dSlope / Double(x.count)
            offset -= dOffset / Double(x.count)
        }
        return (slope, offset)
    }

    func error(_ slope: Double, _ offset: Double) -> Double {
        zip(x, y).reduce(0) { $0 + abs(slope * $1.0 + offset - $1.1) } / Double(x.count)
    }
}

/// A worker process: does one stage and prints its result.
func work(_ stage: String, _ arguments: [String]) {
    let seed = Int(arguments[0]) ?? 0, points = Points(seed: seed, count: 200)
    if stage == "train" {
        let (slope, offset) = points.fit(epochs: Int(arguments[1]) ?? 1)
        print("\(slope) \(offset)")
    } else {
        print(points.error(Double(arguments[1]) ?? 0, Double(arguments[2]) ?? 0))
    }
}

/// Runs a worker process, and waits for it without keeping a thread of tasks.
func runWorker(_ arguments: [String]) async throws -> [Double] {
    try await withCheckedThrowingContinuation { done in
        DispatchQueue.global().async {
            let process = Process(), pipe = Pipe()
            process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            process.arguments = ["worker"] + arguments
            process.standardOutput = pipe
            do {
                try process.run()
                let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                process.waitUntilExit()
                guard process.terminationStatus == 0 else { throw Failed(what: "the worker failed") }
                done.resume(returning: text.split(whereSeparator: \.isWhitespace).compactMap { Double($0) })
            } catch { done.resume(throwing: error) }
        }
    }
}
