@testable import OneLoggerCore
import Testing

@Suite struct TickScaleTests {
    private static let now: UInt64 = 1_800_000_000_000_000_000
    /// A counter of 2 GHz: half a nanosecond per tick.
    private let scale = TickScale(
        ticks: 1_000_000, nanoseconds: now, multiplier: 1 << 31, monotonicOffset: now - 5_000_000)

    @Test(arguments: [
        (0, 0), (2, 1), (3, 1), (2_000_000_000, 1_000_000_000), (172_800_000_000_000_0, 864_000_000_000_000),
    ])
    func `ticks after the anchor are converted linearly`(ticks: UInt64, nanoseconds: UInt64) {
        #expect(scale.utc(1_000_000 + ticks).nanoseconds == Self.now + nanoseconds)
    }

    @Test(arguments: [(1, 1), (2, 1), (3, 2), (1_000_000, 500_000)] as [(UInt64, UInt64)])
    func `ticks before the anchor are converted linearly and rounded down, too`(ticks: UInt64, nanoseconds: UInt64) {
        #expect(scale.utc(1_000_000 - ticks).nanoseconds == Self.now - nanoseconds)
    }

    @Test func `both directions meet at the anchor and never run backwards`() {
        var last = Timestamp(nanoseconds: 0)
        for stamp in UInt64(999_900)...1_000_100 {
            let time = scale.utc(stamp)
            #expect(time >= last)
            last = time
        }
        #expect(scale.utc(1_000_000).nanoseconds == Self.now)
    }

    /// Around the places where the fast way ends, and at both ends of the range.
    @Test func `the fast way and the checked way agree`() {
        var stamps: [UInt64] = [0, 1, 999_999, 1_000_000, 1_000_001, 1 << 62, 1 << 63, 3 << 62, .max]
        for power in 20..<63 {
            for shift in [-1, 0, 1] {
                stamps.append(1_000_000 &+ UInt64(1) << UInt64(power) &+ UInt64(bitPattern: Int64(shift)))
            }
        }
        let late = TickScale(
            ticks: 1 << 60 - 1, nanoseconds: Self.now, multiplier: 1_431_655_765, monotonicOffset: Self.now)
        let edge = TickScale(ticks: 1 << 62 - 1, nanoseconds: 1 << 58, multiplier: 1 << 32, monotonicOffset: 0)
        for scale in [scale, late, edge] {
            for stamp in stamps { #expect(scale.utc(stamp) == scale.checked(stamp), "\(stamp)") }
            for distance in stamps where distance < 1 << 60 {
                let stamp = scale.ticks &- distance
                #expect(scale.utc(stamp) == scale.checked(stamp), "\(distance) before")
            }
        }
    }

    @Test func `a slow counter keeps the fractions of its long ticks`() {
        // 24 MHz: 41 2/3 ns per tick
        let slow = TickScale(ticks: 0, nanoseconds: 0, multiplier: (125 << 32) / 3, monotonicOffset: 0)
        #expect(slow.utc(24_000_000).nanoseconds.distance(to: 1_000_000_000).magnitude <= 1)
        #expect(
            slow.utc(24_000_000 * 86_400 * 30).nanoseconds.distance(to: 2_592_000_000_000_000).magnitude <= 1_000_000)
    }

    @Test func `a stamp with bit 63 is a monotonic time`() {
        #expect(scale.utc(RecordLayout.monotonicBit | 5_000_000).nanoseconds == Self.now)
        #expect(scale.utc(RecordLayout.monotonicBit | 5_000_001).nanoseconds == Self.now + 1)
    }

    @Test func `a stamp with bits 63 and 62 is the time itself`() {
        #expect(scale.utc(RecordLayout.unixBits | 77).nanoseconds == 77)
        #expect(scale.utc(RecordLayout.stamp(Timestamp(nanoseconds: Self.now))).nanoseconds == Self.now)
        #expect(TickScale.unix.utc(RecordLayout.stamp(Timestamp(nanoseconds: Self.now))).nanoseconds == Self.now)
        #expect(TickScale.unix.utc(12_345).nanoseconds == 12_345)
    }

    @Test func `start and end of a span are what the scale says of each, wherever its anchor lies`() {
        var random = SystemRandomNumberGenerator()
        for turn in 0..<2_000 {
            let shift = UInt64.random(in: 20...62, using: &random)
            let ticks = UInt64.random(in: 0..<1 << 55, using: &random)
            let near = UInt64.random(in: 0..<1 << shift, using: &random)
            let scale = TickScale(
                ticks: ticks, nanoseconds: turn % 5 == 0 ? ticks : Self.now,
                multiplier: .random(in: 0..<(turn % 3 == 0 ? 1 << 36 : 1 << 33), using: &random), monotonicOffset: 7)
            let start = turn % 7 == 0 ? RecordLayout.unixBits | near : ticks &- near
            let end = turn % 11 == 0 ? start &- 5 : turn % 2 == 0 ? ticks &- near / 2 : ticks &+ near / 3
            var buffer = RecordBuffer(capacity: 256)
            buffer.append(
                SpanRecord(
                    "s", context: SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3)), start: Self.time,
                    end: Self.time), kind: .span)
            buffer.overwrite(start, at: 8)
            buffer.overwrite(end, at: 16)
            let times = buffer.view(at: 0, scale) { $0.times }
            #expect(times.start == scale.utc(start) && times.end == max(scale.utc(start), scale.utc(end)))
        }
    }

    private static let time = Timestamp(nanoseconds: now)

    @Test func `a time after 2116 is clamped when it becomes a stamp`() {
        let last = Timestamp(nanoseconds: 1 << 62 - 1)
        #expect(TickScale.unix.utc(RecordLayout.stamp(Timestamp(nanoseconds: .max))) == last)
        #expect(TickScale.unix.utc(RecordLayout.stamp(last)) == last)
    }

    @Test func `stamps that are far away are clamped, never wrapped around`() {
        let fast = TickScale(ticks: 1 << 40, nanoseconds: 10, multiplier: 1 << 32, monotonicOffset: 0)
        #expect(fast.utc(0).nanoseconds == 0, "before 1970")
        let last: UInt64 = 1 << 63 - 1
        #expect(fast.utc(last).nanoseconds == 10 + last - fast.ticks)
        let coarse = TickScale(ticks: 1 << 40, nanoseconds: Self.now, multiplier: .max, monotonicOffset: 0)
        #expect(coarse.utc(last).nanoseconds == .max)
        #expect(coarse.utc(0).nanoseconds == 0)
        let high = TickScale(ticks: 0, nanoseconds: .max - 5, multiplier: 1 << 32, monotonicOffset: 0)
        #expect(high.utc(3) == Timestamp(nanoseconds: .max - 2))
        #expect(high.utc(6) == Timestamp(nanoseconds: .max))
    }
}
