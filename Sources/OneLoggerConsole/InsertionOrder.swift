/// A dictionary that knows which of its keys is the oldest, so that it can be kept within a bound.
package struct InsertionOrder<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        var key: Key
        /// Nil when it was removed.
        var value: Value?
    }

    // The dictionary holds numbers only: so all kinds of values share its code.
    /// The serial number of each key's entry.
    private var serials: [Key: Int] = [:]
    /// In the order of their insertion; the first one has the serial number `first`.
    private var list: [Entry] = []
    private var first = 0
    /// Before it there are removed ones only.
    private var head = 0

    package init() {}

    package var count: Int { serials.count }

    /// Setting the value of a key that is present keeps its age.
    package subscript(key: Key) -> Value? {
        get { serials[key].flatMap { list[$0 - first].value } }
        set {
            guard let newValue else {
                _ = remove(key)
                return
            }
            if let serial = serials[key] {
                list[serial - first].value = newValue
            } else {
                serials[key] = first + list.count
                list.append(Entry(key: key, value: newValue))
                compact()
            }
        }
    }

    /// Changes the value of `key` in place, beginning with `preset` when it is absent.
    package mutating func update(_ key: Key, preset: @autoclosure () -> Value, _ body: (inout Value) -> Void) {
        if serials[key] == nil { self[key] = preset() }
        guard let serial = serials[key], var value = list[serial - first].value.take() else { return }
        body(&value)
        list[serial - first].value = value
    }

    /// Takes the value out.
    package mutating func remove(_ key: Key) -> Value? {
        guard let serial = serials.removeValue(forKey: key) else { return nil }
        return list[serial - first].value.take()
    }

    /// The key that has been here longest.
    package var oldest: Key? {
        mutating get {
            while head < list.count {
                if list[head].value != nil { return list[head].key }
                head += 1
            }
            return nil
        }
    }

    /// Takes the oldest out until at most `limit` are left.
    package mutating func trim(to limit: Int) {
        while count > limit, let key = oldest { _ = remove(key) }
    }

    /// What is present, oldest first.
    package var entries: [(key: Key, value: Value)] {
        list[head...].compactMap { entry in entry.value.map { (entry.key, $0) } }
    }

    /// Forgets removed entries once they are the majority.
    private mutating func compact() {
        guard list.count > 64, list.count > 2 * serials.count else { return }
        first += list.count
        head = 0
        list.removeAll { $0.value == nil }
        for (place, entry) in list.enumerated() { serials[entry.key] = first + place }
    }
}
