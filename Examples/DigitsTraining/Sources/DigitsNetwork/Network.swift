#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Two dense layers: pixels, hidden units with ReLU, then one probability per digit by softmax.
package struct Network: Equatable, Sendable {
    /// From the pixels to the hidden units.
    package var hidden: Layer
    /// From the hidden units to the digits.
    package var output: Layer

    /// Creates a network of zeros, such as a gradient.
    package init(hiddenUnits: Int) {
        hidden = Layer(inputs: Dataset.pixels, outputs: hiddenUnits)
        output = Layer(inputs: hiddenUnits, outputs: Dataset.digits)
    }

    /// Creates a network to train.
    package init(hiddenUnits: Int, using generator: inout SeededGenerator) {
        hidden = Layer(inputs: Dataset.pixels, outputs: hiddenUnits, using: &generator)
        output = Layer(inputs: hiddenUnits, outputs: Dataset.digits, using: &generator)
    }

    /// How many numbers are learned.
    package var parameterCount: Int {
        hidden.weights.count + hidden.biases.count + output.weights.count + output.biases.count
    }
}

/// What a network computes for one batch; kept from step to step, so that a step allocates nothing.
package struct Activations: Sendable {
    /// What the hidden units say, after ReLU.
    package fileprivate(set) var hidden: [Double] = []
    /// ``Dataset/digits`` probabilities per image.
    package fileprivate(set) var probabilities: [Double] = []
    fileprivate var slopes: [Double] = []
    fileprivate var hiddenSlopes: [Double] = []

    /// Creates empty ones.
    package init() {}
}

// MARK: - forward

extension Network {
    /// Computes the probabilities for every image of a batch.
    ///
    /// - Returns: The cross-entropy loss, mean over the batch. Unit: nats.
    @discardableResult
    package func forward(_ batch: Dataset, _ activations: inout Activations) -> Double {
        hidden.apply(to: batch.images, into: &activations.hidden)
        for place in activations.hidden.indices {
            activations.hidden[place] = max(0, activations.hidden[place])
        }
        output.apply(to: activations.hidden, into: &activations.probabilities)
        return softmaxAndLoss(batch.labels, &activations.probabilities)
    }

    /// Turns scores into probabilities in place, and tells how far they are from the labels.
    private func softmaxAndLoss(_ labels: [Int], _ scores: inout [Double]) -> Double {
        var loss = 0.0
        for (image, label) in labels.enumerated() {
            let places = image * Dataset.digits..<(image + 1) * Dataset.digits
            var highest = -Double.infinity
            for place in places { highest = max(highest, scores[place]) }
            var sum = 0.0
            // Relative to the highest score, so that no exponential overflows.
            for place in places {
                scores[place] = exp(scores[place] - highest)
                sum += scores[place]
            }
            for place in places { scores[place] /= sum }
            loss -= log(max(scores[places.lowerBound + label], .leastNormalMagnitude))
        }
        return loss / Double(labels.count)
    }
}

// MARK: - backward

extension Network {
    /// Adds the gradient of the batch's mean loss to `gradient`; ``forward(_:_:)`` has filled `activations` before.
    package func backward(_ batch: Dataset, _ activations: inout Activations, into gradient: inout Network) {
        // The slope of softmax and cross-entropy together: probability minus one at the label, probability elsewhere.
        let share = 1 / Double(batch.count)
        activations.slopes.removeAll(keepingCapacity: true)
        for probability in activations.probabilities { activations.slopes.append(probability * share) }
        for (image, label) in batch.labels.enumerated() {
            activations.slopes[image * Dataset.digits + label] -= share
        }
        gradient.output.addGradient(values: activations.hidden, slopes: activations.slopes)
        output.inputSlopes(of: activations.slopes, into: &activations.hiddenSlopes)
        for (place, value) in activations.hidden.enumerated() where value <= 0 {
            activations.hiddenSlopes[place] = 0
        }
        gradient.hidden.addGradient(values: batch.images, slopes: activations.hiddenSlopes)
    }

    /// Sets every number to zero: a gradient before its next batch.
    package mutating func setToZero() {
        hidden.setToZero()
        output.setToZero()
    }
}

extension Layer {
    fileprivate mutating func setToZero() {
        for place in weights.indices { weights[place] = 0 }
        for place in biases.indices { biases[place] = 0 }
    }
}

// MARK: - validation

/// How well a network does on images that it was not trained on.
package struct Evaluation: Equatable, Sendable {
    /// Cross-entropy, mean over the images, in nats.
    package var loss = Double.infinity
    /// The share of images whose most probable digit is the right one, from 0 to 1.
    package var accuracy = 0.0

    /// Knows nothing yet.
    package init() {}
}

extension Network {
    /// Compares what the network says with the labels.
    package func evaluate(_ dataset: Dataset, _ activations: inout Activations) -> Evaluation {
        let loss = forward(dataset, &activations)
        var right = 0
        for (image, label) in dataset.labels.enumerated() {
            let start = image * Dataset.digits
            var best = 0
            for digit in 1..<Dataset.digits
            where activations.probabilities[start + digit] > activations.probabilities[start + best] {
                best = digit
            }
            if best == label { right += 1 }
        }
        var evaluation = Evaluation()
        evaluation.loss = loss
        evaluation.accuracy = Double(right) / Double(dataset.count)
        return evaluation
    }
}
