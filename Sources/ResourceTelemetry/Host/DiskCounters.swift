/// What went to and from the disks since the machine started.
///
/// Unit: bytes.
struct ByteCounters: Sendable, Hashable {
    var incoming = 0
    var outgoing = 0

    /// What was added since an earlier reading; a counter that went backwards counts as unchanged.
    func moved(since earlier: ByteCounters) -> ByteCounters {
        ByteCounters(incoming: max(0, incoming - earlier.incoming), outgoing: max(0, outgoing - earlier.outgoing))
    }
}

/// The disks of a machine, from `/proc/diskstats`.
///
/// Only whole disks count. Partitions, and devices that stand on others (loop, RAM, device mapper, RAID), would count
/// the same bytes twice.
struct DiskCounters: Sendable {
    let root: String
    /// Whether a name is a disk that counts, asked once per name.
    private var verdicts: [ArraySlice<UInt8>: Bool] = [:]

    private let file: OpenFile

    init(root: String) {
        self.root = root
        file = OpenFile("\(root)/proc/diskstats")
    }

    /// The counters of each disk, by name; nil when there is no such file.
    mutating func read() -> [ArraySlice<UInt8>: ByteCounters]? {
        guard let bytes = file.bytes() else { return nil }
        var result: [ArraySlice<UInt8>: ByteCounters] = [:], scanner = TextScanner(bytes)
        while !scanner.isAtEnd {
            defer { scanner.endLine() }
            // Major and minor number, name, then reads: completed, merged, sectors, milliseconds; then the same of writes.
            scanner.skipWords(2)
            guard let name = scanner.word(), counts(bytes[name]) else { continue }
            scanner.skipWords(2)
            guard let read = scanner.number() else { continue }
            scanner.skipWords(3)
            guard let written = scanner.number() else { continue }
            result[bytes[name]] = ByteCounters(incoming: bytesOf(read), outgoing: bytesOf(written))
        }
        return result
    }

    /// A sector of this file has 512 bytes, whatever the disk's own.
    private func bytesOf(_ sectors: Int) -> Int {
        let (product, overflow) = sectors.multipliedReportingOverflow(by: 512)
        return overflow ? .max : product
    }

    private mutating func counts(_ name: ArraySlice<UInt8>) -> Bool {
        if let known = verdicts[name] { return known }
        // A disk that comes and goes must not fill the memory.
        if verdicts.count >= 4096 { verdicts = [:] }
        let text = name.text
        let isVirtual = ["loop", "ram", "zram", "dm-", "md", "fd", "sr"].contains { text.hasPrefix($0) }
        // The kernel writes `!` for a `/` in a name.
        let folder =
            "\(root)/sys/block/\(text.split(separator: "/", omittingEmptySubsequences: false).joined(separator: "!"))"
        let verdict =
            !isVirtual && SystemFile.exists(folder) && SystemFile.names(in: "\(folder)/slaves").isEmpty
        verdicts[Array(name)[...]] = verdict
        return verdict
    }
}

extension Dictionary where Value == ByteCounters {
    /// What all that were there before have added since; something new counts from the next reading on.
    func moved(since earlier: Self) -> ByteCounters {
        var sum = ByteCounters()
        for (name, now) in self {
            guard let before = earlier[name] else { continue }
            let moved = now.moved(since: before)
            sum.incoming += moved.incoming
            sum.outgoing += moved.outgoing
        }
        return sum
    }
}
