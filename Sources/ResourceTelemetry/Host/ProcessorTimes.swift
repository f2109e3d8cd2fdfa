/// How long the processors of a machine were busy and idle since it started, from the first line of `/proc/stat`.
struct ProcessorTimes: Sendable {
    /// user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice.
    ///
    /// Unit: clock ticks.
    private(set) var fields = InlineArray<10, Int>(repeating: 0)

    init?(_ stat: inout TextScanner) {
        guard let name = stat.word(), stat.is(name, "cpu") else { return nil }
        var count = 0
        while count < 10, let word = stat.word() {
            fields[count] = max(0, stat.number(word) ?? 0)
            count += 1
        }
        guard count >= 4 else { return nil }
    }

    /// How busy they were since an earlier reading; nil when no time has passed.
    ///
    /// Guest time is part of user time already; a counter that went backwards counts as unchanged.
    func percentBusy(since earlier: ProcessorTimes) -> Double? {
        func moved(_ place: Int) -> Int { max(0, fields[place] - earlier.fields[place]) }
        let guest = moved(8).plus(moved(9))
        let total = (0..<8).reduce(0) { $0.plus(moved($1)) } - guest
        guard total > 0 else { return nil }
        let busy = max(0, total - moved(3).plus(moved(4)))
        return min(100, 100 * Double(busy) / Double(total))
    }
}
