/// Everything that a run needs to go on where it stopped, exactly as if it had never stopped.
package struct Checkpoint: Equatable, Sendable {
    /// What was learned.
    package var network: Network
    /// Its learning rate and velocity.
    package var optimizer: Optimizer
    /// What shuffles the images of the next epoch.
    package var generator: SeededGenerator
    /// Epochs done.
    package var epoch: Int
    /// Steps done, all epochs together.
    package var step: Int

    /// Takes the parts.
    package init(network: Network, optimizer: Optimizer, generator: SeededGenerator, epoch: Int, step: Int) {
        self.network = network
        self.optimizer = optimizer
        self.generator = generator
        self.epoch = epoch
        self.step = step
    }
}

// MARK: - the file

// A file is a list of 64-bit little-endian words: a mark with the format's version, the size of the hidden layer, epoch,
// step, generator, learning rate, momentum, all weights and biases, all velocities, and a checksum of what stands before.

extension Checkpoint {
    /// "DIGITS", then version 1.
    private static var mark: UInt64 { 0x4449_4749_5453_0001 }
    private static var largestHiddenLayer: UInt64 { 1 << 16 }

    /// Writes the file; one that existed stays whole until the new one is on disk.
    ///
    /// - Throws: ``ProblemReport`` that names the file.
    package func save(to path: String) throws(ProblemReport) {
        var words = [
            Self.mark, UInt64(network.hidden.outputs), UInt64(epoch), UInt64(step), generator.state,
            optimizer.learningRate.bitPattern, optimizer.momentum.bitPattern,
        ]
        for part in [network, optimizer.velocity] {
            for numbers in [part.hidden.weights, part.hidden.biases, part.output.weights, part.output.biases] {
                words += numbers.lazy.map(\.bitPattern)
            }
        }
        words.append(Self.checksum(words[...]))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(words.count * 8)
        for word in words {
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        try writeFile(bytes, to: path)
    }

    /// Reads a file that ``save(to:)`` wrote.
    ///
    /// - Throws: ``ProblemReport`` when it cannot be read or is not whole.
    package init(contentsOf path: String) throws(ProblemReport) {
        let advice = "Train again to write a new one."
        let bytes = try readFile(path, advice: advice)
        var words: [UInt64] = []
        words.reserveCapacity(bytes.count / 8)
        for start in stride(from: 0, to: bytes.count - bytes.count % 8, by: 8) {
            var word: UInt64 = 0
            for place in 0..<8 { word |= UInt64(bytes[start + place]) << UInt64(8 * place) }
            words.append(word)
        }
        guard words.count >= 8, words[0] == Self.mark, (1...Self.largestHiddenLayer).contains(words[1]) else {
            throw ProblemReport(path, "this is not a checkpoint of this program", advice: advice)
        }
        let empty = Network(hiddenUnits: Int(words[1]))
        guard bytes.count == (8 + 2 * empty.parameterCount) * 8, Self.checksum(words.dropLast()) == words.last else {
            throw ProblemReport(path, "the checkpoint is torn or changed", advice: advice)
        }
        var rest = words[7...]
        func take(_ count: Int) -> [Double] {
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count).map(Double.init(bitPattern:))
        }
        func takeNetwork() -> Network {
            var network = empty
            network.hidden.weights = take(empty.hidden.weights.count)
            network.hidden.biases = take(empty.hidden.biases.count)
            network.output.weights = take(empty.output.weights.count)
            network.output.biases = take(empty.output.biases.count)
            return network
        }
        network = takeNetwork()
        optimizer = Optimizer(
            learningRate: Double(bitPattern: words[5]), momentum: Double(bitPattern: words[6]),
            hiddenUnits: Int(words[1]))
        optimizer.velocity = takeNetwork()
        generator = SeededGenerator(seed: words[4])
        epoch = Int(truncatingIfNeeded: words[2])
        step = Int(truncatingIfNeeded: words[3])
    }

    /// FNV-1a over words: every change of one bit changes it.
    private static func checksum(_ words: ArraySlice<UInt64>) -> UInt64 {
        words.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ $1) &* 0x0000_0100_0000_01B3 }
    }
}
