import DigitsNetwork
import Testing

@Suite struct NetworkTests {
    /// Every group of numbers that a network learns.
    private var groups: [(name: String, path: WritableKeyPath<Network, [Double]>)] {
        [
            ("hidden weights", \.hidden.weights), ("hidden biases", \.hidden.biases),
            ("output weights", \.output.weights), ("output biases", \.output.biases),
        ]
    }

    @Test(arguments: 0..<4)
    func `the gradient is the slope of the loss`(group: Int) {
        // given a small network with biases that are not zero, and a batch
        var generator = SeededGenerator(seed: 7)
        var network = Network(hiddenUnits: 6, using: &generator)
        for unit in 0..<6 { network.hidden.biases[unit] = Double.random(in: -1...1, using: &generator) }
        let batch = Dataset.random(count: 5, using: &generator)

        // when the gradient is computed
        var activations = Activations()
        var gradient = Network(hiddenUnits: 6)
        network.forward(batch, &activations)
        network.backward(batch, &activations, into: &gradient)

        // then a small change of any number changes the loss as much as the gradient says
        let (name, path) = groups[group]
        let step = 1e-5
        var largest = 0.0
        for place in network[keyPath: path].indices {
            var moved = network
            moved[keyPath: path][place] += step
            let above = moved.forward(batch, &activations)
            moved[keyPath: path][place] -= 2 * step
            let below = moved.forward(batch, &activations)
            let slope = (above - below) / (2 * step)
            let computed = gradient[keyPath: path][place]
            #expect(abs(slope - computed) <= 1e-7, "\(name)[\(place)]: measured \(slope), computed \(computed)")
            largest = max(largest, abs(computed))
        }
        #expect(largest > 1e-3, "\(name): a gradient of zeros shows nothing")
    }

    @Test func `gradients of several batches add up until they are set to zero`() {
        var generator = SeededGenerator(seed: 8)
        let network = Network(hiddenUnits: 4, using: &generator)
        let batch = Dataset.random(count: 3, using: &generator)
        var activations = Activations()
        var once = Network(hiddenUnits: 4)
        network.forward(batch, &activations)
        network.backward(batch, &activations, into: &once)

        var twice = once
        network.backward(batch, &activations, into: &twice)
        #expect(zip(once.hidden.weights, twice.hidden.weights).allSatisfy { abs(2 * $0 - $1) < 1e-12 })
        #expect(twice != once)

        twice.setToZero()
        #expect(twice == Network(hiddenUnits: 4))
    }

    @Test func `probabilities of every image sum to one, even for extreme scores`() {
        var generator = SeededGenerator(seed: 9)
        var network = Network(hiddenUnits: 4, using: &generator)
        network.output.biases[3] = 2_000
        var activations = Activations()
        let loss = network.forward(Dataset.random(count: 2, using: &generator), &activations)

        for image in 0..<2 {
            let sum = activations.probabilities[image * 10..<image * 10 + 10].reduce(0, +)
            #expect(abs(sum - 1) < 1e-12)
            #expect(activations.probabilities[image * 10 + 3] > 0.999)
        }
        #expect(loss.isFinite)
    }

    @Test func `steps against the gradient lower the loss, and momentum goes on without one`() {
        var generator = SeededGenerator(seed: 10)
        var network = Network(hiddenUnits: 8, using: &generator)
        let batch = Dataset.random(count: 20, using: &generator)
        var optimizer = Optimizer(learningRate: 0.05, hiddenUnits: 8)
        var activations = Activations()
        let before = network.forward(batch, &activations)
        for _ in 0..<50 {
            var gradient = Network(hiddenUnits: 8)
            network.forward(batch, &activations)
            network.backward(batch, &activations, into: &gradient)
            optimizer.update(&network, along: gradient)
        }
        #expect(network.forward(batch, &activations) < before / 2)

        let still = network
        optimizer.update(&network, along: Network(hiddenUnits: 8))
        #expect(network != still)
    }

    @Test func `accuracy is the share of images whose most probable digit is right`() {
        // given a network that says 3 whatever it sees
        var network = Network(hiddenUnits: 1)
        network.output.biases[3] = 1
        var dataset = Dataset()
        for label in [3, 5, 3, 9] { dataset.append(image: Array(repeating: 0.5, count: 64), label: label) }
        var activations = Activations()
        #expect(network.evaluate(dataset, &activations).accuracy == 0.5)
    }
}

extension Dataset {
    /// Noise with labels: enough for arithmetic.
    static func random(count: Int, using generator: inout SeededGenerator) -> Dataset {
        var dataset = Dataset()
        for index in 0..<count {
            dataset.append(image: (0..<64).map { _ in Double.random(in: 0...1, using: &generator) }, label: index % 10)
        }
        return dataset
    }
}
