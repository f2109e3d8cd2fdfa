internal import COneLogger

extension JSONWriter {
    /// The shortest text that reads back as the same number; `"NaN"`, `"Infinity"` and `"-Infinity"` as texts.
    @usableFromInline
    package mutating func number(_ value: Double) {
        guard value.isFinite else { return raw(value.isNaN ? "\"NaN\"" : value < 0 ? "\"-Infinity\"" : "\"Infinity\"") }
        if value.sign == .minus { byte(45) }
        guard value != 0 else { return raw("0.0") }
        var (digits, exponent) = ShortestDouble.decimal(value.magnitude)
        while exponent < 0 {
            let rest = digits / 10
            if rest &* 10 != digits { break }
            digits = rest
            exponent += 1
        }
        let count = DecimalDigits.count(digits), point = count + exponent  // the value is 0.ddd * 10^point
        if exponent >= 0, point <= 16 {
            decimal(digits)
            for _ in 0..<exponent { byte(48) }
            raw(".0")
        } else if point > 0, point <= 16 {
            decimal(digits)
            insertPoint(after: point, of: count)
        } else if point <= 0, point > -4 {
            raw("0.")
            for _ in point..<0 { byte(48) }
            if digits < 100_000_000 { decimal(digits) } else { unsafe p = Self.inlinedLong(digits, at: p) }
        } else {
            decimal(digits)
            if count > 1 { insertPoint(after: 1, of: count) }
            byte(101)
            integer(point - 1)
        }
    }

    /// Opens a gap behind the first `place` of the last `count` digits; at most 16 bytes move.
    private mutating func insertPoint(after place: Int, of count: Int) {
        let gap = unsafe UnsafeMutableRawPointer(p - count + place)
        let first = unsafe gap.loadUnaligned(as: UInt64.self),
            second = unsafe gap.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        unsafe gap.storeBytes(of: 46, as: UInt8.self)
        unsafe gap.storeBytes(of: first, toByteOffset: 1, as: UInt64.self)
        unsafe gap.storeBytes(of: second, toByteOffset: 9, as: UInt64.self)
        unsafe p += 1
    }
}

/// The shortest decimal that reads back as the same double.
///
/// - Source: R. Giulietti, The Schubfach way to render doubles, 2020.
enum ShortestDouble {
    /// For a positive finite number: digits and exponent, the value being `digits * 10^exponent`.
    @inline(__always)
    static func decimal(_ value: Double) -> (UInt64, Int) {
        let bits = value.bitPattern, fraction = bits & 0xF_FFFF_FFFF_FFFF, field = Int(bits >> 52 & 0x7FF)
        let c: UInt64, q: Int
        if field != 0 {
            c = fraction | 1 << 52
            q = field - 1075
            if q <= 0, q > -53, c & ((1 << UInt64(-q)) - 1) == 0 { return (c >> UInt64(-q), 0) }
        } else {
            c = fraction
            q = -1074
        }
        let odd: UInt64 = c & 1, isCloser = fraction == 0 && field > 1
        let k = (q &* 1_262_611 &- (isCloser ? 524_031 : 0)) >> 22
        let h = UInt64(truncatingIfNeeded: q &+ ((-k &* 1_741_647) >> 19) &+ 1)
        let power = Int32(truncatingIfNeeded: -k), high = ol_pow10_high(power), low = ol_pow10_low(power)
        let lower = roundToOdd(high, low, (4 &* c &- 2 &+ (isCloser ? 1 : 0)) << h) &+ odd
        let middle = roundToOdd(high, low, (4 &* c) << h)
        let upper = roundToOdd(high, low, (4 &* c &+ 2) << h) &- odd
        let s = middle >> 2
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
