/// The disks of a machine, from `/proc/diskstats`.
///
/// Only whole disks count. Partitions, and devices that stand on others (loop, RAM, device mapper, RAID), would count
/// the same bytes twice.
///
/// The kernel takes its time over that list, which names every loop device. Where few disks count, their own files
/// `/sys/block/NAME/stat` are read instead, and the list once a second.
struct DiskCounters: Sendable {
    let root: String
    private let file: OpenFile
    private(set) var disks = DeviceCounters()
    /// The disks that count, when their own files are to be read; empty otherwise.
    private var few: [Int] = []
    private var listDue: SteadyTime?

    init(root: String) {
        self.root = root
        file = OpenFile("\(root)/proc/diskstats")
    }

    /// What went to and from the disks since the reading before.
    var moved: ByteCounters? { disks.moved }

    /// Reads all counters; false when there is no such file.
    mutating func read(_ memory: inout [UInt8], now: SteadyTime = .now) -> Bool {
        let isListDue = few.isEmpty || listDue.map { $0 <= now } ?? true
        if !isListDue, readFew(&memory) { return true }
        listDue = now.after(seconds: 1)
        few = []
        guard readList(&memory, again: !isListDue) else {
            disks = DeviceCounters()
            return false
        }
        let counting = disks.devices.indices.filter { disks.devices[$0].counts }
        if counting.count * 2 < disks.devices.count, counting.count <= 4 { few = counting }
        return true
    }

    private mutating func readList(_ memory: inout [UInt8], again: Bool) -> Bool {
        let result: Void? = file.scan(&memory) { text in
            disks.begin(again: again)
            while !text.isAtEnd {
                defer { text.endLine() }
                // Major and minor number, name, then as in a disk's own file.
                text.skipWords(2)
                guard let name = text.word() else { continue }
                let place = disks.place(of: name, in: text)
                if let place, !disks.devices[place].counts {
                    disks.see(place)
                } else if let place {
                    if let counters = Self.counters(&text) { disks.take(counters, at: place) }
                } else {
                    let bytes = text.bytes(name), folder = folder(of: bytes), counts = counts(bytes, folder)
                    let counters = Self.counters(&text)
                    guard !counts || counters != nil else { continue }
                    disks.add(
                        bytes, counts: counts, file: counts ? OpenFile("\(folder)/stat") : nil,
                        counters ?? ByteCounters())
                }
            }
            disks.end()
        }
        return result != nil
    }

    /// False when a disk has gone: then the list says which.
    private mutating func readFew(_ memory: inout [UInt8]) -> Bool {
        disks.begin()
        for place in few {
            guard let counters = disks.devices[place].file?.scan(&memory, limit: 512, { Self.counters(&$0) }) else {
                return false
            }
            disks.take(counters, at: place)
        }
        return true
    }

    /// Reads: completed, merged, sectors, milliseconds; then the same of writes.
    private static func counters(_ text: inout TextScanner) -> ByteCounters? {
        text.skipWords(2)
        guard let read = text.amount() else { return nil }
        text.skipWords(3)
        guard let written = text.amount() else { return nil }
        return ByteCounters(incoming: bytes(read), outgoing: bytes(written))
    }

    /// A sector of this file has 512 bytes, whatever the disk's own.
    private static func bytes(_ sectors: Int) -> Int {
        let (product, overflow) = sectors.multipliedReportingOverflow(by: 512)
        return overflow ? .max : product
    }

    /// The kernel writes `!` for a `/` in a name.
    private func folder(of name: [UInt8]) -> String {
        "\(root)/sys/block/\(String(decoding: name.map { $0 == 47 ? 33 : $0 }, as: UTF8.self))"
    }

    private func counts(_ name: [UInt8], _ folder: String) -> Bool {
        let text = String(decoding: name, as: UTF8.self)
        let isVirtual = ["loop", "ram", "zram", "dm-", "md", "fd", "sr"].contains { text.hasPrefix($0) }
        return !isVirtual && SystemFile.exists(folder) && SystemFile.names(in: "\(folder)/slaves").isEmpty
    }
}
