internal import OneLoggerCore

/// The errors of telemetry itself: the first since the last report, and what exporters must be told.
///
/// All of it is guarded by the monitor: that is why it is `Sendable`.
@safe
final class TelemetryErrors: Sendable {
    private let monitor = Monitor()
    nonisolated(unsafe) private var first: TelemetryError?
    nonisolated(unsafe) private var others = 0
    nonisolated(unsafe) private var total = 0
    nonisolated(unsafe) private var told: Set<String> = []
    nonisolated(unsafe) private var notices: [TelemetryDataError] = []

    func add(_ error: TelemetryError, at time: Timestamp) {
        monitor.withLock {
            unsafe total += 1
            if unsafe first == nil { unsafe first = error } else { unsafe others += 1 }
            // An incident is one kind of mistake at one place: a loop that repeats it is told of once.
            let text = error.description
            guard unsafe told.count < 64, unsafe told.insert(text).inserted else { return }
            unsafe notices.append(TelemetryDataError(.incompleteTelemetryData, text, firstTime: time, time: time))
        }
    }

    /// Notices from the application itself.
    func add(_ notice: TelemetryDataError) {
        monitor.withLock {
            guard unsafe notices.count < 1024 else { return }
            unsafe notices.append(notice)
        }
    }

    func takeNotices(now: Timestamp) -> [TelemetryDataError] {
        monitor.withLock {
            defer { unsafe notices = [] }
            return unsafe notices
        }
    }

    /// The first error since the last call, with the count of the others.
    func take() -> TelemetryError? {
        monitor.withLock {
            defer {
                unsafe first = nil
                unsafe others = 0
            }
            guard let first = unsafe first else { return nil }
            return unsafe others == 0 ? first : .several(first: first, others: others)
        }
    }

    var count: Int { monitor.withLock { unsafe total } }

    func prepareFork() { monitor.lock() }
    func parentAfterFork() { monitor.unlock() }
    func childAfterFork() {
        monitor.reset()
        unsafe first = nil
        unsafe others = 0
        unsafe notices = []
    }
}
