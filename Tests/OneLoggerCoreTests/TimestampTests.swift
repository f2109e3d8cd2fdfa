import OneLoggerCore
import Testing

@Suite struct TimestampTests {
    @Test(
        arguments: [
            (1.5, 1_500_000_000), (0, 0), (-0.0, 0), (-1, 0), (-Double.infinity, 0), (.nan, 0), (.infinity, UInt64.max),
            (1e300, .max), (18_446_744_073.7, 18_446_744_073_699_999_744), (18_446_744_074, .max), (1e-10, 0),
        ] as [(Double, UInt64)])
    func `seconds become nanoseconds, clamped to what there is`(seconds: Double, nanoseconds: UInt64) {
        #expect(Timestamp(secondsSince1970: seconds).nanoseconds == nanoseconds)
    }

    @Test func `milliseconds are cut, not rounded`() {
        #expect(Timestamp(nanoseconds: 1_999_999).milliseconds == 1)
        #expect(Timestamp(secondsSince1970: 24_060).milliseconds == 24_060_000)
        #expect(Timestamp(nanoseconds: .max).milliseconds == 18_446_744_073_709)
    }

    @Test func `a later point minus an earlier one is positive, the other way negative`() {
        let early = Timestamp(nanoseconds: 100), late = Timestamp(nanoseconds: 350)
        #expect(late.duration(since: early) == .nanoseconds(250))
        #expect(early.duration(since: late) == .nanoseconds(-250))
        #expect(early.duration(since: early) == .zero)
        #expect(early < late)
        #expect(!(late < late))
    }

    @Test func `durations longer than 292 years are clamped`() {
        let first = Timestamp(nanoseconds: 0), last = Timestamp(nanoseconds: .max)
        #expect(last.duration(since: first) == .nanoseconds(Int64.max))
        #expect(first.duration(since: last) == .nanoseconds(-Int64.max))
    }

    @Test(
        arguments: [
            (100, .nanoseconds(50), 150), (100, .nanoseconds(-50), 50), (100, .nanoseconds(-101), 0),
            (UInt64.max - 1, .seconds(1), .max), (0, .seconds(1e20), UInt64(Int64.max)), (5, .seconds(-1e20), 0),
            (UInt64.max, .seconds(-1e20), 1 << 63 - 1), (7, .zero, 7), (7, .nanoseconds(Int64.min), 0),
        ] as [(UInt64, Duration, UInt64)])
    func `a point moves by a duration of any size`(start: UInt64, duration: Duration, end: UInt64) {
        #expect(Timestamp(nanoseconds: start).advanced(by: duration).nanoseconds == end)
    }

    @Test(
        arguments: [
            (.zero, 0), (.nanoseconds(1), 1), (.nanoseconds(-1), -1), (.milliseconds(1_500), 1_500_000_000),
            (.milliseconds(-1_500), -1_500_000_000), (.nanoseconds(Int64.max), .max), (.nanoseconds(Int64.min), .min),
            (.nanoseconds(Int64.min + 1), .min + 1), (.seconds(9_223_372_037), .max), (.seconds(-9_223_372_037), .min),
            (.seconds(Int64.max), .max), (.seconds(Int64.min), .min), (.seconds(1e20), .max), (.seconds(-1e20), .min),
            (.nanoseconds(1) / 2, 0), (.nanoseconds(-1) / 2, 0),
        ] as [(Duration, Int64)])
    func `a duration in nanoseconds is cut and clamped`(duration: Duration, nanoseconds: Int64) {
        #expect(duration.clampedNanoseconds == nanoseconds)
    }

    @Test func `a span record's duration is never negative`() {
        let context = SpanContext(traceID: TraceID(high: 0, low: 1), spanID: SpanID(2))
        var span = SpanRecord(
            "x", context: context, start: Timestamp(nanoseconds: 10), end: Timestamp(nanoseconds: 30))
        #expect(span.duration == .nanoseconds(20))
        span.end = Timestamp(nanoseconds: 5)
        #expect(span.duration == .zero)
    }
}
