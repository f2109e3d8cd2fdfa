/// Names and values, in the order in which the names were first set.
///
/// Setting a name again replaces its value and keeps its place. Two collections are equal when they hold the same
/// names with the same values, in any order.
public struct Attributes: Sendable {
    /// One name and its value.
    public typealias Element = (key: String, value: AttributeValue)

    private var elements: [Element] = []
    /// Where each name stands; kept only for long lists, where a scan would be quadratic.
    private var places: [String: Int]?
    private static var scanned: Int { 16 }

    /// Creates an empty collection.
    public init() {}

    /// Copies pairs; a name that stands twice keeps its first place and its last value.
    public init(_ pairs: some Sequence<Element>) {
        reserve(pairs.underestimatedCount)
        for (key, value) in pairs { self[key] = value }
    }

    /// Makes room for so many names, so that setting them allocates once.
    package mutating func reserve(_ count: Int) { elements.reserveCapacity(count) }

    /// Sets a name that is known not to be there yet, without looking for it.
    package mutating func add(_ key: String, _ value: AttributeValue) {
        guard elements.count < Self.scanned else { return self[key] = value }
        elements.append((key, value))
    }

    private func place(of key: String) -> Int? {
        elements.count > Self.scanned ? places?[key] : elements.firstIndex { $0.key == key }
    }

    /// The value of `key`; nil when absent.
    ///
    /// Setting nil removes the name.
    ///
    /// - Complexity: O(1), but O(*n*) to remove a name that is not the last one.
    public subscript(key: String) -> AttributeValue? {
        get { place(of: key).map { elements[$0].value } }
        set {
            let place = place(of: key)
            guard let newValue else {
                if let place { remove(at: place) }
                return
            }
            if let place {
                elements[place].value = newValue
                return
            }
            elements.append((key, newValue))
            if elements.count > Self.scanned + 1 {
                places?[key] = elements.count - 1
            } else if elements.count > Self.scanned {
                var places: [String: Int] = [:]
                for (place, element) in elements.enumerated() { places[element.key] = place }
                self.places = places
            }
        }
    }

    private mutating func remove(at place: Int) {
        let key = elements.remove(at: place).key
        guard elements.count > Self.scanned, var places else { return self.places = nil }
        self.places = nil
        places[key] = nil
        if place < elements.count {
            for slot in places.values.indices where places.values[slot] > place { places.values[slot] -= 1 }
        }
        self.places = places
    }

    /// Sets every attribute of `other`, which wins where both have a name.
    public mutating func merge(_ other: Attributes) {
        for (key, value) in other { self[key] = value }
    }

    /// Both collections in one; `other` wins where both have a name.
    ///
    /// Neither input changes.
    public func merging(_ other: Attributes) -> Attributes {
        guard !isEmpty else { return other }
        var result = self
        result.merge(other)
        return result
    }
}

extension Attributes: RandomAccessCollection {
    /// Zero.
    public var startIndex: Int { 0 }
    /// The number of attributes.
    public var endIndex: Int { elements.count }
    /// The attribute at `position`.
    public subscript(position: Int) -> Element { elements[position] }
}

extension Attributes: ExpressibleByDictionaryLiteral {
    /// Copies the pairs; a name that stands twice keeps its first place and its last value.
    public init(dictionaryLiteral pairs: (String, AttributeValue)...) {
        // The default of many parameters.
        guard !pairs.isEmpty else { return }
        reserve(pairs.count)
        for (key, value) in pairs { self[key] = value }
    }
}

extension Attributes: Hashable {
    /// Same names, same values, in any order.
    public static func == (left: Attributes, right: Attributes) -> Bool {
        left.count == right.count && left.allSatisfy { right[$0.key] == $0.value }
    }

    /// Feeds names and values, in an order that does not depend on how they were set.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        for element in elements.inOrder({ $0.key < $1.key }) {
            hasher.combine(element.key)
            hasher.combine(element.value)
        }
    }
}

extension Attributes: CustomStringConvertible {
    /// `name=value` pairs, separated by spaces.
    public var description: String { elements.map { "\($0.key)=\($0.value)" }.joined(separator: " ") }
}

// MARK: - typed getters

extension Attributes {
    /// The text under `key`, nil when absent.
    ///
    /// - Throws: ``TelemetryError/wrongAttributeType(key:expected:found:)`` when it is something else.
    public func string(_ key: String) throws(TelemetryError) -> String? {
        guard let value = self[key] else { return nil }
        guard case .string(let text) = value else { throw mismatch(key, "string", value) }
        return text
    }

    /// The truth value under `key`, nil when absent.
    ///
    /// A number is not a truth value.
    ///
    /// - Throws: ``TelemetryError/wrongAttributeType(key:expected:found:)`` when it is something else.
    public func bool(_ key: String) throws(TelemetryError) -> Bool? {
        guard let value = self[key] else { return nil }
        guard case .bool(let truth) = value else { throw mismatch(key, "bool", value) }
        return truth
    }

    /// The integer under `key`, nil when absent.
    ///
    /// A truth value is not an integer.
    ///
    /// - Throws: ``TelemetryError/wrongAttributeType(key:expected:found:)`` when it is something else.
    public func int(_ key: String) throws(TelemetryError) -> Int? {
        guard let value = self[key] else { return nil }
        guard case .int(let number) = value else { throw mismatch(key, "int", value) }
        return number
    }

    /// The number under `key` as a `Double`, nil when absent.
    ///
    /// An integer is converted.
    ///
    /// - Throws: ``TelemetryError/wrongAttributeType(key:expected:found:)`` when it is something else.
    public func double(_ key: String) throws(TelemetryError) -> Double? {
        guard let value = self[key] else { return nil }
        switch value {
        case .double(let number): return number
        case .int(let number): return Double(number)
        default: throw mismatch(key, "double", value)
        }
    }

    private func mismatch(_ key: String, _ expected: String, _ found: AttributeValue) -> TelemetryError {
        let shown = SettingsNode.isSecret(key: key) ? "(not shown)" : quoted(found)
        return .wrongAttributeType(key: key, expected: expected, found: "\(found.kind) \(shown)")
    }

    private func quoted(_ value: AttributeValue) -> String {
        if case .string(let text) = value { excerpt(text) } else { String(value.description.prefix(60)) }
    }
}
