/// A machine's memory, from `/proc/meminfo`.
///
/// Unit: bytes.
struct MemoryUse: Sendable, Hashable {
    var total: Int
    /// What could be given to programs without swapping.
    var available: Int

    init?(_ meminfo: [UInt8]) {
        var total: Int?, available: Int?, free = 0, cached = 0
        var scanner = TextScanner(meminfo)
        while !scanner.isAtEnd, total == nil || available == nil {
            defer { scanner.endLine() }
            guard let name = scanner.word(), let kilobytes = scanner.number() else { continue }
            if scanner.is(name, "MemTotal:") { total = kilobytes }
            if scanner.is(name, "MemAvailable:") { available = kilobytes }
            if scanner.is(name, "MemFree:") { free = kilobytes }
            if scanner.is(name, "Cached:") || scanner.is(name, "Buffers:") { cached += kilobytes }
        }
        guard let total, total > 0 else { return nil }
        // Kernels before 3.14 do not say what is available.
        self.total = total << 10
        self.available = min(total, available ?? free + cached) << 10
    }

    var percent: Double { 100 * Double(total - available) / Double(total) }
}
