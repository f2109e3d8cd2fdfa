/// How long the processors of a machine were busy and idle since it started, from the first line of `/proc/stat`.
struct ProcessorTimes: Sendable, Hashable {
    /// user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice.
    ///
    /// Unit: clock ticks.
    var fields: [Int]

    init?(_ stat: [UInt8]) {
        var scanner = TextScanner(stat)
        guard let name = scanner.word(), scanner.is(name, "cpu") else { return nil }
        fields = []
        fields.reserveCapacity(10)
        while fields.count < 10, let word = scanner.word() { fields.append(stat[word].number ?? 0) }
        guard fields.count >= 4 else { return nil }
        while fields.count < 10 { fields.append(0) }
    }

    /// How busy they were since an earlier reading; nil when no time has passed.
    ///
    /// Guest time is part of user time already; a counter that went backwards counts as unchanged.
    func percentBusy(since earlier: ProcessorTimes) -> Double? {
        let moved = zip(fields, earlier.fields).map { max(0, $0 - $1) }
        let guest = moved[8] + moved[9]
        let total = moved.reduce(0, +) - 2 * guest
        guard total > 0 else { return nil }
        let busy = max(0, total - moved[3] - moved[4])
        return min(100, 100 * Double(busy) / Double(total))
    }
}
