internal import OneLoggerCore

/// The latest point of one series.
struct Series: Sendable {
    /// What stands between the braces, without the labels that all lines have.
    let labels: String
    /// What the labels were made of, so that two series are never taken for one.
    let attributes: Attributes
    var value: MetricPoint.Value
    var exemplars: [MetricPoint.Exemplar]
    /// The number of the collection that brought it last.
    var seen: Int
}

/// One metric and its series.
struct Family: Sendable {
    /// What tells one instrument from another.
    struct Source: Hashable, Sendable {
        let name: String
        let unit: String
        let kind: MetricKind

        init(_ point: MetricPoint, _ kind: MetricKind) {
            name = point.name
            unit = point.unit
            self.kind = kind
        }

        /// Without making a source.
        func matches(_ point: MetricPoint, _ kind: MetricKind) -> Bool {
            self.kind == kind && name == point.name && unit == point.unit
        }
    }

    let source: Source
    let name: FamilyName
    let summary: String
    private(set) var series: [Series] = []
    private var places: [String: Int] = [:]
    /// Points come in the same order from batch to batch: this one is expected next.
    private var expected = 0

    init(_ source: Source, _ name: FamilyName, summary: String) {
        self.source = source
        self.name = name
        self.summary = summary
    }

    /// What became of a point.
    enum Outcome: Equatable {
        case updated, added
        /// There is no room for another series.
        case full
        /// Another series has the same labels.
        case clashes(labels: String)
    }

    /// Begins to expect the first series again.
    mutating func rewind() { expected = 0 }

    /// Keeps the point as the latest one of its series.
    mutating func take(
        _ point: MetricPoint, of collection: Int, constants: [ConstantLabel], keepsExemplars: Bool, hasRoom: Bool
    ) -> Outcome {
        if expected < series.count, series[expected].attributes == point.attributes {
            update(expected, point, collection, keepsExemplars)
            return .updated
        }
        let reserved = source.kind == .histogram ? "le" : ""
        let labels = LabelText.text(point.attributes, constants: constants, reserved: reserved)
        if let place = places[labels] {
            guard Self.areSame(series[place].attributes, point.attributes) else { return .clashes(labels: labels) }
            update(place, point, collection, keepsExemplars)
            return .updated
        }
        guard hasRoom else { return .full }
        places[labels] = series.count
        series.append(
            Series(
                labels: labels, attributes: point.attributes, value: point.value,
                exemplars: keepsExemplars ? point.exemplars : [], seen: collection))
        expected = series.count
        return .added
    }

    /// Also where a value is NaN, which equals nothing.
    private static func areSame(_ left: Attributes, _ right: Attributes) -> Bool {
        left == right
            || left.count == right.count
                && left.allSatisfy { key, value in
                    guard let other = right[key] else { return false }
                    return other.kind == value.kind && other.description == value.description
                }
    }

    /// Lets go of series that no collection has brought since that one; how many they were.
    ///
    /// Only of what tells a state: what a counter or a distribution has counted stays true.
    mutating func forget(before collection: Int) -> Int {
        guard source.kind == .gauge || source.kind == .upDownCounter,
            series.contains(where: { $0.seen < collection })
        else { return 0 }
        let before = series.count
        series.removeAll { $0.seen < collection }
        places = [:]
        for (place, one) in series.enumerated() { places[one.labels] = place }
        return before - series.count
    }

    private mutating func update(_ place: Int, _ point: MetricPoint, _ collection: Int, _ keepsExemplars: Bool) {
        series[place].value = point.value
        series[place].seen = collection
        if keepsExemplars { series[place].exemplars = point.exemplars }
        expected = place + 1
    }
}
