/// The network interfaces of a machine, from `/proc/net/dev`.
struct NetworkCounters: Sendable {
    /// Whether what the machine sends to itself counts.
    let includesLoopback: Bool
    private let file: OpenFile

    init(root: String, includesLoopback: Bool) {
        self.includesLoopback = includesLoopback
        file = OpenFile("\(root)/proc/net/dev")
    }

    /// The counters of each interface, by name; nil when there is no such file.
    func read() -> [ArraySlice<UInt8>: ByteCounters]? {
        guard var bytes = file.bytes() else { return nil }
        // A long counter may stand right behind the colon.
        for place in bytes.indices where bytes[place] == 58 { bytes[place] = 32 }
        var result: [ArraySlice<UInt8>: ByteCounters] = [:], scanner = TextScanner(bytes)
        // Two lines of headings.
        scanner.endLine()
        scanner.endLine()
        while !scanner.isAtEnd {
            defer { scanner.endLine() }
            guard let name = scanner.word(), includesLoopback || !scanner.is(name, "lo") else { continue }
            // Received bytes, seven more figures, sent bytes.
            guard let received = scanner.number() else { continue }
            scanner.skipWords(7)
            guard let sent = scanner.number() else { continue }
            result[bytes[name]] = ByteCounters(incoming: received, outgoing: sent)
        }
        return result
    }
}
