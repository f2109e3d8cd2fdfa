/// A machine's memory, from `/proc/meminfo`.
///
/// Unit: bytes.
struct MemoryUse: Sendable, Hashable {
    var total: Int
    /// What could be given to programs without swapping.
    var available: Int

    init?(_ meminfo: [UInt8]) {
        var total: Int?, available: Int?, free = 0, cached = 0
        for line in meminfo[...].lines {
            let words = line.words
            guard words.count >= 2, let kilobytes = words[1].number else { continue }
            if words[0].isEqual(to: "MemTotal:") { total = kilobytes }
            if words[0].isEqual(to: "MemAvailable:") { available = kilobytes }
            if words[0].isEqual(to: "MemFree:") { free = kilobytes }
            if words[0].isEqual(to: "Cached:") || words[0].isEqual(to: "Buffers:") { cached += kilobytes }
            if total != nil, available != nil { break }
        }
        guard let total, total > 0 else { return nil }
        // Kernels before 3.14 do not say what is available.
        self.total = total << 10
        self.available = min(total, available ?? free + cached) << 10
    }

    var percent: Double { 100 * Double(total - available) / Double(total) }
}
