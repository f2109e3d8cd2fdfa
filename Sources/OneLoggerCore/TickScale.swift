/// Turns stamps into nanoseconds since 1970, linearly around one anchor.
@frozen
public struct TickScale: Sendable, BitwiseCopyable {
    /// The anchor: a reading of the counter.
    public var ticks: UInt64
    /// The same moment since 1970.
    ///
    /// Unit: nanoseconds.
    public var nanoseconds: UInt64
    /// Nanoseconds per tick, times 2^32.
    public var multiplier: UInt64
    /// What CLOCK_MONOTONIC lacks to be nanoseconds since 1970.
    public var monotonicOffset: UInt64

    /// Creates a scale.
    public init(ticks: UInt64, nanoseconds: UInt64, multiplier: UInt64, monotonicOffset: UInt64) {
        self.ticks = ticks
        self.nanoseconds = nanoseconds
        self.multiplier = multiplier
        self.monotonicOffset = monotonicOffset
    }

    /// The scale of stamps that are nanoseconds since 1970 already.
    public static var unix: TickScale { TickScale(ticks: 0, nanoseconds: 0, multiplier: 1 << 32, monotonicOffset: 0) }

    /// The stamp's moment; what lies outside the representable range is clamped.
    @export(implementation) @inline(__always)
    public func utc(_ stamp: UInt64) -> Timestamp {
        if stamp >> 63 != 0 {
            let value = stamp & (1 << 62 - 1)
            return Timestamp(nanoseconds: stamp >> 62 == 3 ? value : value &+ monotonicOffset)
        }
        let distance = scaled(stamp >= ticks ? stamp &- ticks : ticks &- stamp)
        let (later, overflow) = nanoseconds.addingReportingOverflow(distance)
        let (earlier, underflow) = nanoseconds.subtractingReportingOverflow(distance)
        return Timestamp(nanoseconds: stamp >= ticks ? (overflow ? .max : later) : (underflow ? 0 : earlier))
    }

    @export(implementation) @inline(__always)
    func scaled(_ distance: UInt64) -> UInt64 {
        let wide = distance.multipliedFullWidth(by: multiplier)
        return wide.high >> 32 == 0 ? wide.high << 32 | wide.low >> 32 : .max
    }
}
