import OneLoggerCore
import Testing

private func at(_ seconds: Double) -> Timestamp { Timestamp(secondsSince1970: seconds) }

@Suite struct WindowTimerTests {
    /// Windows of 2, 3 and 0.5 seconds.
    private func threeWindows() throws -> WindowTimer {
        var timer = WindowTimer()
        for (start, end) in [(100, 102), (200, 203), (300, 300.5)] as [(Double, Double)] {
            try timer.start(at: at(start))
            try timer.stop(at: at(end))
        }
        return timer
    }

    @Test func `windows of 2, 3 and half a second are summed up`() throws {
        let timer = try threeWindows()
        #expect(timer.count == 3)
        #expect(timer.total == .milliseconds(5_500))
        #expect(timer.min == .milliseconds(500))
        #expect(timer.max == .seconds(3))
        #expect(timer.average == .milliseconds(5_500) / 3)
        #expect(timer.latest == .milliseconds(500))
        #expect(timer.firstStart == at(100))
        #expect(timer.latestEnd == at(300.5))
        #expect(!timer.isActive)
    }

    @Test func `a new timer knows nothing`() {
        let timer = WindowTimer()
        #expect(timer.count == 0 && timer.startedCount == 0 && timer.total == .zero)
        #expect(timer.min == nil && timer.max == nil && timer.average == nil && timer.latest == nil)
        #expect(timer.firstStart == nil && timer.latestEnd == nil && timer.currentStart == nil)
    }

    @Test func `a reset forgets everything, the open window too`() throws {
        var timer = try threeWindows()
        try timer.start(at: at(400))
        timer.reset()
        #expect(timer == WindowTimer())
        #expect(!timer.isActive)
    }

    @Test func `an open window has begun but does not count yet`() throws {
        var timer = try threeWindows()
        try timer.start(at: at(400))
        #expect(timer.isActive)
        #expect(timer.currentStart == at(400))
        #expect(timer.count == 3)
        #expect(timer.startedCount == 4)
        #expect(timer.average == .milliseconds(5_500) / 3)
        #expect(timer.latestEnd == at(300.5))
    }

    @Test func `the first start is known while the first window is open`() throws {
        var timer = WindowTimer()
        try timer.start(at: at(7))
        #expect(timer.firstStart == at(7))
        #expect(timer.count == 0)
        #expect(timer.average == nil)
    }

    @Test func `a second start is refused, and the window stays open from its own start`() throws {
        var timer = WindowTimer()
        try timer.start(at: at(1))
        let error = #expect(throws: TelemetryError.self) { try timer.start(at: at(5)) }
        #expect(error?.description == "WindowTimer.start: error: the timer is already active. Stop or reset it first.")
        #expect(try timer.stop(at: at(11)) == .seconds(10))
        #expect(timer.count == 1)
    }

    @Test func `a stop without a start is refused and changes nothing`() throws {
        var timer = try threeWindows()
        let before = timer
        let error = #expect(throws: TelemetryError.self) { try timer.stop(at: at(400)) }
        #expect(error?.description == "WindowTimer.stop: error: the timer is not active. Start it before you stop it.")
        #expect(timer == before)
    }

    @Test func `a stop before the start is refused, and its window leaves no trace`() throws {
        var timer = try threeWindows()
        let before = timer
        try timer.start(at: at(400))
        let error = #expect(throws: TelemetryError.self) { try timer.stop(at: at(398)) }
        #expect(
            error?.description
                == "WindowTimer.stop: error: the stop time lies 2.0 seconds before the start time. Take both times from one clock."
        )
        #expect(timer == before)
    }

    @Test func `after a failed stop the next window's average is its own duration`() throws {
        var timer = WindowTimer()
        try timer.start(at: at(10))
        #expect(throws: TelemetryError.self) { try timer.stop(at: at(9)) }
        #expect(timer == WindowTimer())
        try timer.start(at: at(20))
        try timer.stop(at: at(22))
        #expect(timer.average == .seconds(2))
        #expect(timer.count == 1)
        #expect(timer.firstStart == at(20))
    }

    @Test func `a window may be empty or as long as time itself`() throws {
        var timer = WindowTimer()
        try timer.start(at: at(5))
        #expect(try timer.stop(at: at(5)) == .zero)
        for _ in 0..<3 {
            try timer.start(at: Timestamp(nanoseconds: 0))
            try timer.stop(at: Timestamp(nanoseconds: .max))
        }
        #expect(timer.min == .zero)
        #expect(timer.max == .nanoseconds(Int64.max))
        #expect(timer.total == .nanoseconds(Int64.max))
        #expect(timer.count == 4)
    }

    @Test func `equality and hash look at everything`() throws {
        let left = try threeWindows()
        var right = try threeWindows()
        #expect(Set([left, right]).count == 1)
        try right.start(at: at(400))
        #expect(left != right)
    }
}
