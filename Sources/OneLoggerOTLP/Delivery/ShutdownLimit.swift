internal import OneLoggerCore

/// Until when the exporter may block once the recorder shuts down.
final class ShutdownLimit {
    let notice: ShutdownNotice
    /// What is kept of the time that a shutdown leaves, for what follows; at most half of it.
    private let reserve: Duration
    private var end: ContinuousClock.Instant?

    init(_ notice: ShutdownNotice, reserve: Duration) {
        self.notice = notice
        self.reserve = reserve
    }

    /// Far in the future as long as nobody shuts down.
    var moment: ContinuousClock.Instant {
        if let end { return end }
        let now = ContinuousClock.now
        guard let deadline = notice.deadline else { return now + .seconds(86_400) }
        let left = max(.zero, now.duration(to: deadline))
        let result = now + max(left / 2, left - reserve)
        end = result
        return result
    }

    /// True when nothing may block any more.
    var isOver: Bool { ContinuousClock.now >= moment }
}
