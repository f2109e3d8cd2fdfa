/// The network interfaces of a machine, from `/proc/net/dev`.
struct NetworkCounters: Sendable {
    /// Whether what the machine sends to itself counts.
    let includesLoopback: Bool
    private let file: OpenFile
    private(set) var interfaces = DeviceCounters()

    init(root: String, includesLoopback: Bool) {
        self.includesLoopback = includesLoopback
        file = OpenFile("\(root)/proc/net/dev")
    }

    /// What went through since the reading before.
    var moved: ByteCounters? { interfaces.moved }

    /// Reads all counters; false when there is no such file.
    mutating func read(_ memory: inout [UInt8]) -> Bool {
        let result: Void? = file.scan(&memory) { text in
            interfaces.begin()
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
        if result == nil { interfaces = DeviceCounters() }
        return result != nil
    }
}
