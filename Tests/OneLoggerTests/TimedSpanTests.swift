import OneLogger
import OneLoggerTesting
import Testing

struct Boom: Error, Equatable {}

@Suite struct TimedSpanTests {
    @Test func `a manual clock gives exact durations`() {
        let clock = ManualClock(now: 1_000)
        clock.recorder.timedSpan("step") { _ in clock.set(1_250) }
        let span = clock.recorder.takeSpans()[0]
        #expect(span.start.nanoseconds == 1_000 && span.end.nanoseconds == 1_250)
    }
}
