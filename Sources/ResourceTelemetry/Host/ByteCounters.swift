/// What went into a machine through a device, and out of it.
///
/// Unit: bytes.
struct ByteCounters: Sendable, Hashable {
    var incoming = 0
    var outgoing = 0

    /// What was added since an earlier reading; a counter that went backwards counts as unchanged.
    func moved(since earlier: ByteCounters) -> ByteCounters {
        ByteCounters(incoming: max(0, incoming - earlier.incoming), outgoing: max(0, outgoing - earlier.outgoing))
    }

    static func += (sum: inout ByteCounters, other: ByteCounters) {
        sum.incoming = sum.incoming.plus(other.incoming)
        sum.outgoing = sum.outgoing.plus(other.outgoing)
    }
}

/// The counters of devices, from reading to reading.
///
/// A file lists them in the same order each time, so that the next one is found without a search.
struct DeviceCounters: Sendable {
    struct Device: Sendable {
        let name: [UInt8]
        /// Whether its bytes count.
        let counts: Bool
        /// Where its own file is, if it has one.
        var file: OpenFile?
        fileprivate(set) var counters: ByteCounters
        fileprivate var reading: Int
    }

    private(set) var devices: [Device] = []
    /// What all that were there before have added since the reading before; nil while there was but one.
    private(set) var moved: ByteCounters?
    private var reading = 0, expected = 0

    /// Begins another reading, or again the one that could not be ended.
    mutating func begin(again: Bool = false) {
        if !again { moved = reading > 0 ? ByteCounters() : nil }
        reading += 1
        expected = 0
    }

    /// Where a device stands that is known already.
    mutating func place(of name: Range<Int>, in text: borrowing TextScanner) -> Int? {
        if expected < devices.count, text.is(name, devices[expected].name) {
            expected += 1
            return expected - 1
        }
        for place in devices.indices where text.is(name, devices[place].name) {
            expected = place + 1
            return place
        }
        return nil
    }

    /// Takes the counters of a device that is known.
    mutating func take(_ counters: ByteCounters, at place: Int) {
        moved? += counters.moved(since: devices[place].counters)
        devices[place].counters = counters
        devices[place].reading = reading
    }

    /// Keeps a device that is new: what it adds counts from the next reading on.
    mutating func add(_ name: [UInt8], counts: Bool, file: OpenFile? = nil, _ counters: ByteCounters = ByteCounters()) {
        devices.append(Device(name: name, counts: counts, file: file, counters: counters, reading: reading))
        expected = devices.count
    }

    /// A device whose bytes do not count is there.
    mutating func see(_ place: Int) { devices[place].reading = reading }

    /// Ends a reading that listed all devices: those that it did not are gone.
    mutating func end() {
        let reading = reading
        if devices.contains(where: { $0.reading != reading }) { devices.removeAll { $0.reading != reading } }
    }
}
