/// How long the processors of a machine were busy and idle since it started, from the first line of `/proc/stat`.
struct ProcessorTimes: Sendable, Hashable {
    /// user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice.
    ///
    /// Unit: clock ticks.
    var fields: [Int]

    init?(_ stat: [UInt8]) {
        let line = stat.prefix { $0 != 10 }
        let words = line.words
        guard words.count >= 5, words[0].isEqual(to: "cpu") else { return nil }
        fields = words.dropFirst().prefix(10).map { $0.number ?? 0 }
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
