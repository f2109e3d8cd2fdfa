/// A dense layer: every output is a weighted sum of all inputs, plus a bias.
///
/// The same type holds a layer's gradient and its velocity, which have one number for each weight and bias.
package struct Layer: Equatable, Sendable {
    /// Numbers that go in, per image.
    package let inputs: Int
    /// Numbers that come out, per image.
    package let outputs: Int
    /// `inputs` rows of `outputs` numbers: row i says what input i adds to each output.
    package var weights: [Double]
    /// One number per output.
    package var biases: [Double]

    /// Creates a layer of zeros.
    package init(inputs: Int, outputs: Int) {
        self.inputs = inputs
        self.outputs = outputs
        weights = Array(repeating: 0, count: inputs * outputs)
        biases = Array(repeating: 0, count: outputs)
    }

    /// Creates a layer to train: weights of a size that keeps the variance from layer to layer, biases of zero.
    ///
    /// - Source: K. He et al., "Delving deep into rectifiers", 2015, section 2.2, https://arxiv.org/abs/1502.01852
    package init(inputs: Int, outputs: Int, using generator: inout SeededGenerator) {
        self.init(inputs: inputs, outputs: outputs)
        let bound = (6 / Double(inputs)).squareRoot()
        for place in weights.indices { weights[place] = Double.random(in: -bound...bound, using: &generator) }
    }

    /// Computes `results = values × weights + biases` for every image of a batch.
    package func apply(to values: [Double], into results: inout [Double]) {
        let count = values.count / inputs
        results.removeAll(keepingCapacity: true)
        for image in 0..<count {
            results += biases
            for input in 0..<inputs {
                addScaled(
                    weights, from: input * outputs, by: values[image * inputs + input],
                    to: &results, at: image * outputs, count: outputs)
            }
        }
    }

    /// Adds to this gradient what a batch says: how the loss changes with each weight and bias.
    ///
    /// - Parameters:
    ///   - values: What went into the layer.
    ///   - slopes: How the loss changes with what came out.
    package mutating func addGradient(values: [Double], slopes: [Double]) {
        let count = values.count / inputs
        for image in 0..<count {
            for input in 0..<inputs {
                addScaled(
                    slopes, from: image * outputs, by: values[image * inputs + input],
                    to: &weights, at: input * outputs, count: outputs)
            }
            addScaled(slopes, from: image * outputs, by: 1, to: &biases, at: 0, count: outputs)
        }
    }

    /// Computes how the loss changes with what went in, from how it changes with what came out.
    package func inputSlopes(of slopes: [Double], into results: inout [Double]) {
        let count = slopes.count / outputs
        results.removeAll(keepingCapacity: true)
        for image in 0..<count {
            for input in 0..<inputs {
                var sum = 0.0
                for output in 0..<outputs {
                    sum += weights[input * outputs + output] * slopes[image * outputs + output]
                }
                results.append(sum)
            }
        }
    }
}

/// `target[at + k] += scale * source[from + k]` for `count` places: where the time of a training step goes.
@inline(__always)
private func addScaled(
    _ source: [Double], from: Int, by scale: Double, to target: inout [Double], at: Int, count: Int
) {
    for place in 0..<count { target[at + place] += scale * source[from + place] }
}
