/// Times an activity that begins and ends many times, such as the iterations of a loop: each stretch is a window.
///
/// It reads no clock: every call takes the time. A window counts once it has ended; one whose end is before its start
/// leaves no trace.
public struct WindowTimer: Sendable, Hashable {
    /// When the open window began; nil when none is open.
    public private(set) var currentStart: Timestamp?
    /// When the first window began, the open one included; nil before that.
    public private(set) var firstStart: Timestamp?
    /// When the latest window ended; nil before the first end.
    public private(set) var latestEnd: Timestamp?
    /// Unit: nanoseconds.
    private var windows = MetricSummarizer<Int64>()

    /// Creates a timer without windows.
    public init() {}

    /// True while a window is open.
    public var isActive: Bool { currentStart != nil }
    /// How many windows have ended.
    public var count: Int { windows.count }
    /// How many windows have begun: those that have ended, and the open one.
    public var startedCount: Int { count + (isActive ? 1 : 0) }
    /// How long all ended windows took together, at most 292 years.
    public var total: Duration { .nanoseconds(windows.total ?? 0) }
    /// The shortest window; nil before the first end.
    public var min: Duration? { windows.min.map { .nanoseconds($0) } }
    /// The longest window; nil before the first end.
    public var max: Duration? { windows.max.map { .nanoseconds($0) } }
    /// How long a window takes on average; nil before the first end.
    public var average: Duration? { count > 0 ? total / count : nil }
    /// The window that ended last; nil before the first end.
    public var latest: Duration? { windows.latest.map { .nanoseconds($0) } }

    /// Opens a window.
    ///
    /// - Throws: ``TelemetryError/misuse(call:problem:advice:)`` when one is open; that one stays open from its own start.
    public mutating func start(at time: Timestamp) throws(TelemetryError) {
        guard !isActive else {
            throw .misuse(
                call: "WindowTimer.start", problem: "the timer is already active", advice: "Stop or reset it first.")
        }
        currentStart = time
        firstStart = firstStart ?? time
    }

    /// Ends the open window.
    ///
    /// - Returns: How long it took.
    /// - Throws: ``TelemetryError/misuse(call:problem:advice:)`` when none is open, or when `time` is before the start; then
    ///   the window is closed and forgotten.
    @discardableResult
    public mutating func stop(at time: Timestamp) throws(TelemetryError) -> Duration {
        guard let start = currentStart else {
            throw .misuse(
                call: "WindowTimer.stop", problem: "the timer is not active", advice: "Start it before you stop it.")
        }
        currentStart = nil
        guard time >= start else {
            if count == 0 { firstStart = nil }
            throw .misuse(
                call: "WindowTimer.stop",
                problem: "the stop time lies \(start.duration(since: time)) before the start time",
                advice: "Take both times from one clock.")
        }
        let duration = time.duration(since: start)
        windows.add(duration.clampedNanoseconds)
        latestEnd = time
        return duration
    }

    /// Forgets all windows, the open one too.
    public mutating func reset() { self = WindowTimer() }
}
