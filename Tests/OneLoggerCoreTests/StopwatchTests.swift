import OneLoggerCore
import Testing

private func at(_ seconds: Double) -> Timestamp { Timestamp(secondsSince1970: seconds) }

@Suite struct StopwatchTests {
    @Test func `stretches of 50 and 70 seconds add up to 120, the pause between them does not count`() throws {
        var watch = Stopwatch()
        try watch.start(at: at(1_000))
        #expect(try watch.stop(at: at(1_050)) == .seconds(50))
        try watch.start(at: at(1_350))
        #expect(try watch.stop(at: at(1_420)) == .seconds(120))
    }

    @Test func `with a reset in between only the last stretch counts`() throws {
        var watch = Stopwatch()
        try watch.start(at: at(1_000))
        #expect(
            try watch.stop(at: at(1_050), reset: true) == .seconds(50), "the sum is returned before it is forgotten")
        #expect(watch == Stopwatch())
        try watch.start(at: at(1_350))
        #expect(try watch.stop(at: at(1_420)) == .seconds(70))
    }

    @Test func `it runs between a start and its stop`() throws {
        var watch = Stopwatch()
        #expect(!watch.isRunning)
        try watch.start(at: at(1))
        #expect(watch.isRunning)
        try watch.stop(at: at(2))
        #expect(!watch.isRunning)
    }

    @Test func `what has elapsed can be read while it runs and while it stands still`() throws {
        var watch = Stopwatch()
        #expect(watch.elapsed(at: at(5)) == .zero)
        try watch.start(at: at(10))
        #expect(watch.elapsed(at: at(13)) == .seconds(3))
        #expect(watch.elapsed(at: at(9)) == .zero, "a time before the start adds nothing")
        try watch.stop(at: at(14))
        #expect(watch.elapsed(at: at(100)) == .seconds(4))
    }

    @Test func `a second start is refused, and the first one still counts`() throws {
        var watch = Stopwatch()
        try watch.start(at: at(1))
        let error = #expect(throws: TelemetryError.self) { try watch.start(at: at(5)) }
        #expect(
            error?.description == "Stopwatch.start: error: the stopwatch is already running. Stop or reset it first.")
        #expect(try watch.stop(at: at(11)) == .seconds(10))
    }

    @Test func `a stop without a start is refused`() throws {
        var watch = Stopwatch()
        let error = #expect(throws: TelemetryError.self) { try watch.stop(at: at(1)) }
        #expect(
            error?.description == "Stopwatch.stop: error: the stopwatch is not running. Start it before you stop it.")
        #expect(watch == Stopwatch())
    }

    @Test func `a stop before the start is refused, stops, and adds nothing`() throws {
        var watch = Stopwatch()
        try watch.start(at: at(1))
        try watch.stop(at: at(3))
        try watch.start(at: at(10))
        let error = #expect(throws: TelemetryError.self) { try watch.stop(at: at(9)) }
        #expect(
            error?.description
                == "Stopwatch.stop: error: the stop time lies 1.0 seconds before the start time. Take both times from one clock."
        )
        #expect(!watch.isRunning)
        #expect(watch.elapsed(at: at(20)) == .seconds(2))
    }

    @Test func `a reset stops, or starts again at once`() throws {
        var watch = Stopwatch()
        try watch.start(at: at(1))
        watch.reset()
        #expect(watch == Stopwatch())
        try watch.start(at: at(2))
        watch.reset(startingAt: at(10))
        #expect(try watch.stop(at: at(11)) == .seconds(1))
    }
}
