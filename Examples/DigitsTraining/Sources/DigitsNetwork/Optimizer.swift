/// Stochastic gradient descent with momentum.
package struct Optimizer: Equatable, Sendable {
    /// How far one step goes.
    package var learningRate: Double
    /// How much of the last step's direction stays, from 0 to 1.
    package var momentum: Double
    /// The direction of the last step.
    package var velocity: Network

    /// Creates an optimizer at rest.
    package init(learningRate: Double, momentum: Double = 0.9, hiddenUnits: Int) {
        self.learningRate = learningRate
        self.momentum = momentum
        velocity = Network(hiddenUnits: hiddenUnits)
    }

    /// Moves the network one step against the gradient.
    package mutating func update(_ network: inout Network, along gradient: Network) {
        update(&network.hidden.weights, gradient.hidden.weights, &velocity.hidden.weights)
        update(&network.hidden.biases, gradient.hidden.biases, &velocity.hidden.biases)
        update(&network.output.weights, gradient.output.weights, &velocity.output.weights)
        update(&network.output.biases, gradient.output.biases, &velocity.output.biases)
    }

    private func update(_ values: inout [Double], _ slopes: [Double], _ velocities: inout [Double]) {
        for place in values.indices {
            velocities[place] = momentum * velocities[place] - learningRate * slopes[place]
            values[place] += velocities[place]
        }
    }
}
