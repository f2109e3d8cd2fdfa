/// When the next poll is due, at a fixed rate: lateness of one poll does not move the following ones.
///
/// Reads no clock: every call takes the time. Unit: nanoseconds of a clock that never goes back.
struct Ticker: Sendable, Hashable {
    let interval: UInt64
    private let start: UInt64
    /// When the next poll is due.
    private(set) var next: UInt64
    /// How many polls were left out because one took longer than an interval.
    private(set) var missed = 0

    /// The longest that one waits for the first poll after the baseline.
    static let firstWait: UInt64 = 250_000_000

    init(start: UInt64, interval: UInt64) {
        self.start = start
        self.interval = interval
        next = start + min(interval, Self.firstWait)
    }

    /// Moves on to the first whole interval after `now`.
    mutating func advance(now: UInt64) {
        let index = (max(now, next) - start) / interval + 1
        missed += Int(clamping: index - 1 - (next - start) / interval)
        next = start + index * interval
    }
}
