/// Images of handwritten digits with the digit that each shows; a batch is a small one.
package struct Dataset: Equatable, Sendable {
    /// Numbers per image: 8 rows of 8.
    package static let pixels = 64
    /// The classes: 0 to 9.
    package static let digits = 10

    /// ``pixels`` numbers per image, each from 0 (white) to 1 (black).
    package private(set) var images: [Double] = []
    /// The digit on each image.
    package private(set) var labels: [Int] = []

    /// How many images there are.
    package var count: Int { labels.count }

    /// Creates an empty set.
    package init() {}

    /// Adds one image.
    package mutating func append(image: some Sequence<Double>, label: Int) {
        images += image
        labels.append(label)
    }

    /// Becomes a copy of some images of `source`, in this order; keeps its memory, so that a batch costs no allocation.
    package mutating func fill(from source: borrowing Dataset, at places: ArraySlice<Int>) {
        images.removeAll(keepingCapacity: true)
        labels.removeAll(keepingCapacity: true)
        for place in places {
            images += source.images[place * Self.pixels..<(place + 1) * Self.pixels]
            labels.append(source.labels[place])
        }
    }

    /// Splits off about `share` of the images of every digit for validation; who goes where is random.
    package func split(
        validation share: Double, using generator: inout SeededGenerator
    ) -> (training: Dataset, validation: Dataset) {
        var training: [Int] = []
        var validation: [Int] = []
        for digit in 0..<Self.digits {
            let places = labels.indices.filter { labels[$0] == digit }.shuffled(using: &generator)
            let cut = Int((Double(places.count) * share).rounded())
            validation += places[..<cut]
            training += places[cut...]
        }
        var result = (training: Dataset(), validation: Dataset())
        result.training.fill(from: self, at: training[...])
        result.validation.fill(from: self, at: validation[...])
        return result
    }
}

// MARK: - reading

extension Dataset {
    /// Fewer images than this teach nothing.
    private static var fewest: Int { 100 }

    /// Reads a file with one image per line: 64 integers from 0 to 16, then the digit, separated by commas.
    ///
    /// - Throws: ``ProblemReport`` with FILE:LINE.
    package init(contentsOf path: String) throws(ProblemReport) {
        let bytes = try readFile(path, advice: "Pass --data FILE, such as Examples/DigitsTraining/Data/digits.csv.")
        var number = 0
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            if line.isEmpty, number > 1 { continue }
            try add(line, place: "\(path):\(number)")
        }
        guard count >= Self.fewest else {
            throw ProblemReport(
                "\(path):\(number)", "the file ends after \(count) images",
                advice: "Pass a file with \(Self.fewest) images or more.")
        }
    }

    /// Adds what one line says.
    private mutating func add(_ line: ArraySlice<UInt8>, place: String) throws(ProblemReport) {
        let fields = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard fields.count == Self.pixels + 1 else {
            throw ProblemReport(
                place, "\(fields.count) fields instead of \(Self.pixels + 1)",
                advice: "Write \(Self.pixels) pixels and the digit, separated by commas.")
        }
        for (column, field) in fields.enumerated() {
            let isLabel = column == Self.pixels
            let text = String(decoding: field.filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
            guard let value = Int(text), (0...(isLabel ? 9 : 16)).contains(value) else {
                throw ProblemReport(
                    place, "field \(column + 1) is \"\(text.prefix(20))\"",
                    advice: isLabel ? "Write the digit, 0 to 9." : "Write a pixel, 0 to 16.")
            }
            if isLabel { labels.append(value) } else { images.append(Double(value) / 16) }
        }
    }
}
