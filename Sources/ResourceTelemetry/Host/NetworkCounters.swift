/// The network interfaces of a machine, from `/proc/net/dev`.
///
/// Where only one or two of them have ever moved a byte, their own files below `/sys/class/net` are read instead, and the
/// list once a second: it takes the kernel longer.
struct NetworkCounters: Sendable {
    /// The files of one interface.
    private struct Own: Sendable {
        let place: Int
        let incoming, outgoing: OpenFile
    }

    /// Whether what the machine sends to itself counts.
    let includesLoopback: Bool
    private let root: String
    private let file: OpenFile
    private(set) var interfaces = DeviceCounters()
    /// Those that are read by themselves; empty when the list is.
    private var own: [Own] = []
    /// Which interfaces were looked at last for that.
    private var candidates: [[UInt8]] = []
    private var listDue: SteadyTime?

    init(root: String, includesLoopback: Bool) {
        self.includesLoopback = includesLoopback
        self.root = root
        file = OpenFile("\(root)/proc/net/dev")
    }

    /// What went through since the reading before.
    var moved: ByteCounters? { interfaces.moved }

    /// Reads all counters; false when there is no such file.
    mutating func read(_ memory: inout [UInt8], now: SteadyTime = .now) -> Bool {
        let isListDue = own.isEmpty || listDue.map { $0 <= now } ?? true
        if !isListDue, let all = readOwn(&memory) {
            interfaces.begin()
            for (one, counters) in zip(own, all) { interfaces.take(counters, at: one.place) }
            return true
        }
        listDue = now.after(seconds: 1)
        guard readList(&memory) else {
            interfaces = DeviceCounters()
            own = []
            return false
        }
        choose(&memory)
        return true
    }

    private mutating func readList(_ memory: inout [UInt8], again: Bool = false) -> Bool {
        let result: Void? = file.scan(&memory) { text in
            interfaces.begin(again: again)
            // Two lines of headings.
            text.endLine()
            text.endLine()
            while !text.isAtEnd {
                defer { text.endLine() }
                // A long counter may stand right behind the colon.
                guard let name = text.word(endedBy: 58), includesLoopback || !text.is(name, "lo") else { continue }
                text.skip(58)
                // Received bytes, seven more figures, sent bytes.
                guard let received = text.amount() else { continue }
                text.skipWords(7)
                guard let sent = text.amount() else { continue }
                let counters = ByteCounters(incoming: received, outgoing: sent)
                if let place = interfaces.place(of: name, in: text) {
                    interfaces.take(counters, at: place)
                } else {
                    interfaces.add(text.bytes(name), counts: true, counters)
                }
            }
            interfaces.end()
        }
        return result != nil
    }

    private func readOwn(_ memory: inout [UInt8]) -> [ByteCounters]? {
        var result: [ByteCounters] = []
        for one in own {
            guard let incoming = one.incoming.number(&memory), let outgoing = one.outgoing.number(&memory) else {
                return nil
            }
            result.append(ByteCounters(incoming: incoming, outgoing: outgoing))
        }
        return result
    }

    /// Looks whether the interfaces that move bytes can be read by themselves.
    private mutating func choose(_ memory: inout [UInt8]) {
        let places = interfaces.devices.indices.filter { interfaces.devices[$0].counters != ByteCounters() }
        let names = places.map { interfaces.devices[$0].name }
        if names == candidates, own.isEmpty || own.map(\.place) == places { return }
        candidates = names
        own = []
        guard (1...2).contains(places.count) else { return }
        own = zip(places, names).map { place, name in
            let folder = "\(root)/sys/class/net/\(String(decoding: name, as: UTF8.self))/statistics"
            return Own(
                place: place, incoming: OpenFile("\(folder)/rx_bytes"), outgoing: OpenFile("\(folder)/tx_bytes"))
        }
        // In a container these may be the files of another network with the same names. Then its counters differ.
        guard let before = readOwn(&memory), readList(&memory, again: true), let after = readOwn(&memory) else {
            return own = []
        }
        let areSame = places.indices.allSatisfy { index in
            let place = places[index]
            guard interfaces.devices.indices.contains(place), interfaces.devices[place].name == names[index] else {
                return false
            }
            let listed = interfaces.devices[place].counters, (low, high) = (before[index], after[index])
            return low.incoming <= listed.incoming && listed.incoming <= high.incoming
                && low.outgoing <= listed.outgoing && listed.outgoing <= high.outgoing
        }
        if !areSame { own = [] }
    }
}
