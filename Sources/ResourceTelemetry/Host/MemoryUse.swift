/// A machine's memory, from `/proc/meminfo`.
///
/// Unit: bytes.
struct MemoryUse: Sendable, Hashable {
    var total: Int
    /// What could be given to programs without swapping.
    var available: Int

    init?(_ meminfo: inout TextScanner) {
        var total: Int?, available: Int?, free = 0, cached = 0
        while !meminfo.isAtEnd, total == nil || available == nil {
            defer { meminfo.endLine() }
            guard let name = meminfo.word(), let kilobytes = meminfo.amount() else { continue }
            if meminfo.is(name, "MemTotal:") {
                total = kilobytes
            } else if meminfo.is(name, "MemAvailable:") {
                available = kilobytes
            } else if meminfo.is(name, "MemFree:") {
                free = kilobytes
            } else if meminfo.is(name, "Cached:") || meminfo.is(name, "Buffers:") {
                cached = cached.plus(kilobytes)
            }
        }
        // No machine has more than an exbibyte: that file is none.
        guard let total, total > 0, total < 1 << 50 else { return nil }
        // Kernels before 3.14 do not say what is available.
        self.total = total << 10
        self.available = min(total, available ?? free.plus(cached)) << 10
    }

    var percent: Double { 100 * Double(total - available) / Double(total) }
}
