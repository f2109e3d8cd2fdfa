/// The network interfaces of a machine, from `/proc/net/dev`.
struct NetworkCounters: Sendable {
    let root: String
    /// Whether what the machine sends to itself counts.
    let includesLoopback: Bool

    /// The counters of each interface, by name; nil when there is no such file.
    func read() -> [ArraySlice<UInt8>: ByteCounters]? {
        guard let bytes = SystemFile.bytes("\(root)/proc/net/dev") else { return nil }
        var result: [ArraySlice<UInt8>: ByteCounters] = [:]
        for line in bytes[...].lines.dropFirst(2) {
            // A long counter may stand right behind the colon.
            guard let colon = line.firstIndex(of: 58), let name = line[..<colon].words.first else { continue }
            let words = line[(colon + 1)...].words
            guard includesLoopback || !name.isEqual(to: "lo"), words.count >= 9, let received = words[0].number,
                let sent = words[8].number
            else { continue }
            result[name] = ByteCounters(incoming: received, outgoing: sent)
        }
        return result
    }
}
