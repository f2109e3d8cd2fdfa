/// A dictionary that knows which of its keys is the oldest, so that it can be kept within a bound.
package struct InsertionOrder<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var values: [Key: (value: Value, serial: Int)] = [:]
    /// Keys in the order of their insertion; those that were removed since are skipped when they come first.
    private var order: [(key: Key, serial: Int)] = []
    private var head = 0
    private var serial = 0

    package init() {}

    package var count: Int { values.count }

    /// Setting the value of a key that is present keeps its age.
    package subscript(key: Key) -> Value? {
        get { values[key]?.value }
        set {
            guard let newValue else {
                values[key] = nil
                return
            }
            if values[key] != nil {
                values[key]?.value = newValue
            } else {
                serial += 1
                values[key] = (newValue, serial)
                order.append((key, serial))
                compact()
            }
        }
    }

    /// Changes the value of `key` in place, beginning with `preset` when it is absent.
    package mutating func update(_ key: Key, preset: @autoclosure () -> Value, _ body: (inout Value) -> Void) {
        if values[key] == nil { self[key] = preset() }
        guard values[key] != nil else { return }
        body(&values[key, default: (preset(), serial)].value)
    }

    /// Takes the value out.
    package mutating func remove(_ key: Key) -> Value? { values.removeValue(forKey: key)?.value }

    /// The key that has been here longest.
    package var oldest: Key? {
        mutating get {
            while head < order.count {
                if values[order[head].key]?.serial == order[head].serial { return order[head].key }
                head += 1
            }
            return nil
        }
    }

    /// Takes the oldest out until at most `limit` are left.
    package mutating func trim(to limit: Int) {
        while count > limit, let key = oldest { values[key] = nil }
    }

    /// What is present, oldest first.
    package var entries: [(key: Key, value: Value)] {
        order[head...].compactMap { entry in
            guard let found = values[entry.key], found.serial == entry.serial else { return nil }
            return (entry.key, found.value)
        }
    }

    /// Forgets removed keys once they are the majority.
    private mutating func compact() {
        guard order.count > 64, order.count > 2 * values.count else { return }
        order = order[head...].filter { values[$0.key]?.serial == $0.serial }
        head = 0
    }
}
