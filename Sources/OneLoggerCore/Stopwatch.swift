/// Measures how long something runs, over any number of starts and stops.
///
/// It reads no clock: every call takes the time. Not a span; use it for a sum that an attribute shall hold.
public struct Stopwatch: Sendable, Hashable {
    private var started: Timestamp?
    private var finished = Duration.zero

    /// Creates a stopwatch that stands still at zero.
    public init() {}

    /// True between a start and its stop.
    public var isRunning: Bool { started != nil }

    /// What was measured up to `time`, the running stretch included.
    ///
    /// A time before the last start adds nothing.
    public func elapsed(at time: Timestamp) -> Duration {
        guard let started, time > started else { return finished }
        return finished + time.duration(since: started)
    }

    /// Starts to run, or goes on.
    ///
    /// - Throws: ``TelemetryError/misuse(call:problem:advice:)`` when it runs already; then it runs on from its first start.
    public mutating func start(at time: Timestamp) throws(TelemetryError) {
        guard !isRunning else {
            throw .misuse(
                call: "Stopwatch.start", problem: "the stopwatch is already running", advice: "Stop or reset it first.")
        }
        started = time
    }

    /// Stops, and returns the sum of all stretches since the last reset.
    ///
    /// - Parameters:
    ///   - time: When it stops.
    ///   - reset: True to begin at zero at the next start.
    /// - Returns: The sum, also when it is reset now.
    /// - Throws: ``TelemetryError/misuse(call:problem:advice:)`` when it does not run, or when `time` is before the start;
    ///   then it stands still and the stretch counts nothing.
    @discardableResult
    public mutating func stop(at time: Timestamp, reset: Bool = false) throws(TelemetryError) -> Duration {
        guard let start = started else {
            throw .misuse(
                call: "Stopwatch.stop", problem: "the stopwatch is not running", advice: "Start it before you stop it.")
        }
        started = nil
        guard time >= start else {
            throw .misuse(
                call: "Stopwatch.stop",
                problem: "the stop time lies \(start.duration(since: time)) before the start time",
                advice: "Take both times from one clock.")
        }
        finished += time.duration(since: start)
        let sum = finished
        if reset { self.reset() }
        return sum
    }

    /// Goes back to zero.
    ///
    /// - Parameter time: When it starts again at once; nil to stand still.
    public mutating func reset(startingAt time: Timestamp? = nil) {
        self = Stopwatch()
        started = time
    }
}
