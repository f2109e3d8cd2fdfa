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

    /// The share of points that lie near the line.
    var quality: Double { Double(zip(x, y).count { abs(2 * $0 + 1 - $1) < 0.05 }) / Double(x.count) }

    /// Gradient descent; slope and offset.
    ///
    /// Ends early when nobody wants it any more.
    func fit(epochs: Int, while isWanted: () -> Bool) -> (Double, Double) {
        var slope = 0.0, offset = 0.0
        for epoch in 0..<epochs {
            if epoch % 1_000 == 999, !isWanted() { break }
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
