/// Turns stamps into nanoseconds since 1970, linearly around one anchor.
@frozen
public struct TickScale: Sendable, BitwiseCopyable {
    /// The anchor: a reading of the counter.
    public let ticks: UInt64
    /// The same moment since 1970.
    ///
    /// Unit: nanoseconds.
    public let nanoseconds: UInt64
    /// Nanoseconds per tick, times 2^32.
    public let multiplier: UInt64
    /// What CLOCK_MONOTONIC lacks to be nanoseconds since 1970.
    public let monotonicOffset: UInt64
    /// How many ticks before the anchor need no check.
    @usableFromInline let safeBefore: UInt64
    /// How many around it; 0 when there are none.
    @usableFromInline let safeWidth: UInt64

    /// Creates a scale.
    public init(ticks: UInt64, nanoseconds: UInt64, multiplier: UInt64, monotonicOffset: UInt64) {
        self.ticks = ticks
        self.nanoseconds = nanoseconds
        self.multiplier = multiplier
        self.monotonicOffset = monotonicOffset
        // Up to 2^57 ticks of at most a nanosecond, around a moment after 1979 and before 2116.
        let isSafe = ticks < 1 &<< 62 && multiplier <= 1 &<< 32 && nanoseconds &>> 58 != 0 && nanoseconds < 1 &<< 62
        safeBefore = min(ticks, 1 &<< 57)  // below 0 lie the stamps with bit 63
        safeWidth = isSafe ? safeBefore + 1 &<< 57 : 0
    }

    /// The scale of stamps that are nanoseconds since 1970 already.
    public static var unix: TickScale { TickScale(ticks: 0, nanoseconds: 0, multiplier: 1 &<< 32, monotonicOffset: 0) }

    /// The stamp's moment, rounded down; what lies outside the representable range is clamped.
    @export(implementation) @inline(__always)
    public func utc(_ stamp: UInt64) -> Timestamp {
        let distance = stamp &- ticks
        guard distance &+ safeBefore < safeWidth else { return checked(stamp) }
        let wide = Int64(bitPattern: distance).multipliedFullWidth(by: Int64(bitPattern: multiplier))
        return Timestamp(nanoseconds: nanoseconds &+ (UInt64(bitPattern: wide.high) &<< 32 | wide.low &>> 32))
    }

    /// The same for any stamp and any scale.
    @usableFromInline @inline(never)
    func checked(_ stamp: UInt64) -> Timestamp {
        if stamp &>> 63 != 0 {
            let value = stamp & (1 &<< 62 - 1)
            return Timestamp(nanoseconds: stamp &>> 62 == 3 ? value : value &+ monotonicOffset)
        }
        if stamp >= ticks {
            let (later, overflow) = nanoseconds.addingReportingOverflow(scaled(stamp &- ticks, plus: 0))
            return Timestamp(nanoseconds: overflow ? .max : later)
        }
        let (earlier, underflow) = nanoseconds.subtractingReportingOverflow(scaled(ticks &- stamp, plus: 1 &<< 32 - 1))
        return Timestamp(nanoseconds: underflow ? 0 : earlier)
    }

    private func scaled(_ distance: UInt64, plus rest: UInt64) -> UInt64 {
        let (high, low) = distance.multipliedFullWidth(by: multiplier)
        let (sum, carry) = low.addingReportingOverflow(rest)
        let top = high &+ (carry ? 1 : 0)
        return top &>> 32 == 0 ? top &<< 32 | sum &>> 32 : .max
    }
}
