internal import COneLogger

/// The shortest decimal that reads back as the same double.
///
/// - Source: Raffaello Giulietti, The Schubfach way to render doubles, 2020.
enum ShortestDouble {
    /// For a positive finite number: digits and exponent, the value being `digits * 10^exponent`.
    @inline(__always)
    static func decimal(_ value: Double) -> (UInt64, Int) {
        let bits = value.bitPattern, fraction = bits & 0xF_FFFF_FFFF_FFFF, field = Int(bits &>> 52 & 0x7FF)
        let c: UInt64, q: Int
        if field != 0 {
            c = fraction | 1 &<< 52
            q = field - 1075
            if q <= 0, q > -53, c & ((1 << UInt64(-q)) - 1) == 0 { return (c >> UInt64(-q), 0) }
        } else {
            c = fraction
            q = -1074
        }
        let odd: UInt64 = c & 1, isCloser = fraction == 0 && field > 1
        let k = (q &* 1_262_611 &- (isCloser ? 524_031 : 0)) &>> 22
        let h = UInt64(truncatingIfNeeded: q &+ ((-k &* 1_741_647) &>> 19) &+ 1)
        let power = Int32(truncatingIfNeeded: -k), high = ol_pow10_high(power), low = ol_pow10_low(power)
        let lower = roundToOdd(high, low, (4 &* c &- 2 &+ (isCloser ? 1 : 0)) << h) &+ odd
        let middle = roundToOdd(high, low, (4 &* c) << h)
        let upper = roundToOdd(high, low, (4 &* c &+ 2) << h) &- odd
        let s = middle &>> 2
        if s >= 10 {
            let tenth = s / 10
            let up = lower <= 40 &* tenth, down = 40 &* tenth &+ 40 <= upper
            if up != down { return (tenth &+ (down ? 1 : 0), k + 1) }
        }
        let up = lower <= 4 &* s, down = 4 &* s &+ 4 <= upper
        if up != down { return (s &+ (down ? 1 : 0), k) }
        let half = 4 &* s &+ 2
        return (s &+ (middle > half || (middle == half && s & 1 == 1) ? 1 : 0), k)
    }

    @inline(__always)
    private static func roundToOdd(_ high: UInt64, _ low: UInt64, _ cp: UInt64) -> UInt64 {
        let x = low.multipliedFullWidth(by: cp).high, y = high.multipliedFullWidth(by: cp)
        let (sum, carry) = y.low.addingReportingOverflow(x)
        return (y.high &+ (carry ? 1 : 0)) | (sum > 1 ? 1 : 0)
    }
}
