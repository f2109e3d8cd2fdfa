/// A point in time.
@frozen
public struct Timestamp: Sendable, Hashable, Comparable, BitwiseCopyable {
    /// Time since 1970-01-01T00:00:00 UTC.
    ///
    /// Unit: nanoseconds.
    public var nanoseconds: UInt64

    /// Creates a point from nanoseconds since 1970.
    @export(implementation) @inline(__always)
    public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// Creates a point from seconds since 1970; what lies outside the representable range is clamped, NaN is 1970.
    public init(secondsSince1970 seconds: Double) {
        let value = seconds * 1e9
        nanoseconds = value.isNaN || value <= 0 ? 0 : value >= 0x1p64 ? .max : UInt64(value)
    }

    /// Earlier points come first.
    @inlinable
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Whole milliseconds since 1970, truncated.
    public var milliseconds: Int { Int(nanoseconds / 1_000_000) }

    /// This point moved by `duration`, clamped to the representable range.
    public func advanced(by duration: Duration) -> Timestamp {
        let shift = duration.clampedNanoseconds
        let (sum, overflow) = nanoseconds.addingReportingOverflow(shift.magnitude)
        let (rest, underflow) = nanoseconds.subtractingReportingOverflow(shift.magnitude)
        return Timestamp(nanoseconds: shift >= 0 ? (overflow ? .max : sum) : (underflow ? 0 : rest))
    }

    /// The time from `earlier` to this point, clamped to 292 years; negative when `earlier` is the later one.
    public func duration(since earlier: Timestamp) -> Duration {
        self >= earlier
            ? .nanoseconds(Int64(clamping: nanoseconds - earlier.nanoseconds))
            : .nanoseconds(-Int64(clamping: earlier.nanoseconds - nanoseconds))
    }
}

extension Duration {
    /// Whole nanoseconds, clamped to what 64 bits hold (292 years).
    package var clampedNanoseconds: Int64 { Int64(clamping: attoseconds / 1_000_000_000) }
}
