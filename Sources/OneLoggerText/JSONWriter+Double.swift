internal import COneLogger

extension JSONWriter {
    /// The shortest text that reads back as the same number; `"NaN"`, `"Infinity"` and `"-Infinity"` as texts.
    @usableFromInline
    package mutating func number(_ value: Double) {
        guard value.isFinite else { return raw(value.isNaN ? "\"NaN\"" : value < 0 ? "\"-Infinity\"" : "\"Infinity\"") }
        if value.sign == .minus { byte(45) }
        guard value != 0 else { return raw("0.0") }
        var (digits, exponent) = ShortestDouble.decimal(value.magnitude)
        let point = DecimalDigits.count(digits) + exponent  // the value is 0.ddd * 10^point
        while exponent < 0 || point > 16 {
            let rest = digits / 10
            if rest &* 10 != digits { break }
            digits = rest
            exponent += 1
        }
        let count = point - exponent
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
