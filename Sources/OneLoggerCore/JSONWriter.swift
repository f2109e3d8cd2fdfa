internal import COneLogger

/// Writes JSON text into memory that it grows: bump pointer, no allocation per value once it is large enough.
///
/// Always valid JSON: control characters are escaped, invalid UTF-8 becomes U+FFFD, NaN and infinities become texts.
/// Not `Sendable` by nature, but whoever owns one may be: the memory has this one owner.
@safe
package struct JSONWriter: ~Copyable, @unchecked Sendable {  // owns its memory alone, as an array does
    private var base: UnsafeMutablePointer<UInt8>
    private var p: UnsafeMutablePointer<UInt8>
    private var end: UnsafeMutablePointer<UInt8>
    /// Room past the end that no writer may use: a mistake in a reservation shows in debug builds and harms nobody.
    private static let slack = 64

    package init(capacity: Int = 1 << 16) {
        unsafe base = .allocate(capacity: capacity + Self.slack)
        unsafe p = base
        unsafe end = base + capacity
    }

    deinit { unsafe base.deallocate() }

    /// How much was written since the last ``removeAll()``.
    package var count: Int {
        unsafe assert(p <= end, "something was written that nobody reserved")
        return unsafe p - base
    }

    /// Forgets the text and keeps the memory.
    package mutating func removeAll() { unsafe p = base }

    /// Forgets everything past the first `count` bytes.
    package mutating func truncate(to count: Int) { unsafe p = base + count }

    /// The text so far.
    package func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try unsafe body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// The text so far as a `String`.
    package var string: String {
        unsafe String(decoding: UnsafeBufferPointer(start: base, count: count), as: UTF8.self)
    }

    /// Makes room for `more` bytes; the writers below do not check.
    ///
    /// A text takes at most six times its bytes and two quotes, a floating-point number at most 24, an integer at most
    /// 20, a hexadecimal one 16.
    @inline(__always)
    package mutating func reserve(_ more: Int) {
        unsafe assert(p <= end, "something was written that nobody reserved")
        if unsafe p + more > end { grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        let used = count, capacity = unsafe max((end - base) * 2, used + more)
        let bigger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity + Self.slack)
        unsafe bigger.update(from: base, count: used)
        unsafe base.deallocate()
        unsafe base = bigger
        unsafe p = bigger + used
        unsafe end = bigger + capacity
    }

    // MARK: without checks

    @inline(__always)
    package mutating func byte(_ byte: UInt8) {
        unsafe p.pointee = byte
        unsafe p += 1
    }

    /// A literal as it is.
    @inline(__always)
    package mutating func raw(_ text: StaticString) {
        unsafe p.update(from: text.utf8Start, count: text.utf8CodeUnitCount)
        unsafe p += text.utf8CodeUnitCount
    }

    /// 16 lower-case hexadecimal digits, eight at a time.
    @inline(__always)
    package mutating func hexadecimal(_ value: UInt64) {
        eightDigits(UInt32(truncatingIfNeeded: value >> 32))
        eightDigits(UInt32(truncatingIfNeeded: value))
    }

    @inline(__always)
    private mutating func eightDigits(_ word: UInt32) {
        var x = UInt64(word.byteSwapped)
        x = (x | x << 16) & 0x0000_FFFF_0000_FFFF
        x = (x | x << 8) & 0x00FF_00FF_00FF_00FF
        x = (x >> 4 & 0x000F_000F_000F_000F) | (x & 0x000F_000F_000F_000F) << 8
        let letters = (x &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        unsafe UnsafeMutableRawPointer(p).storeBytes(of: x &+ 0x3030_3030_3030_3030 &+ letters &* 39, as: UInt64.self)
        unsafe p += 8
    }

    @inline(__always)
    package mutating func integer(_ value: Int) {
        if value < 0 { byte(45) }
        decimal(UInt64(value.magnitude))
    }

    @inline(__always)
    package mutating func decimal(_ value: UInt64) {
        guard value >= 10 else { return byte(48 + UInt8(truncatingIfNeeded: value)) }
        var value = value, q = unsafe p + Self.digitCount(value)
        unsafe p = q
        while value >= 100 {
            let rest = value / 100
            unsafe q -= 2
            unsafe UnsafeMutableRawPointer(q).storeBytes(of: ol_two_digits(value &- rest &* 100), as: UInt16.self)
            value = rest
        }
        if value >= 10 {
            unsafe UnsafeMutableRawPointer(q - 2).storeBytes(of: ol_two_digits(value), as: UInt16.self)
        } else {
            unsafe (q - 1).pointee = 48 + UInt8(truncatingIfNeeded: value)
        }
    }

    @inline(__always)
    private static func digitCount(_ value: UInt64) -> Int {
        let guess = ((64 - (value | 1).leadingZeroBitCount) * 1233) >> 12
        return guess + (value >= ol_power_of_ten(Int64(guess)) ? 1 : 0)
    }

    /// The shortest text that reads back as the same number; `"NaN"`, `"Infinity"` and `"-Infinity"` as texts.
    package mutating func number(_ value: Double) {
        guard value.isFinite else { return raw(value.isNaN ? "\"NaN\"" : value < 0 ? "\"-Infinity\"" : "\"Infinity\"") }
        if value.sign == .minus { byte(45) }
        guard value != 0 else { return raw("0.0") }
        var (digits, exponent) = ShortestDouble.decimal(value.magnitude)
        let point = Self.digitCount(digits) + exponent  // the value is 0.ddd * 10^point
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
            decimal(digits)
        } else {
            decimal(digits)
            if count > 1 { insertPoint(after: 1, of: count) }
            byte(101)
            integer(point - 1)
        }
    }

    private mutating func insertPoint(after place: Int, of count: Int) {
        let first = unsafe p - count
        var i = count
        while i > place {
            unsafe first[i] = first[i - 1]
            i -= 1
        }
        unsafe first[place] = 46
        unsafe p += 1
    }

    /// A text in quotes.
    @inline(__always)
    package mutating func text(_ bytes: borrowing Span<UInt8>) {
        byte(34)
        escaped(bytes)
        byte(34)
    }

    /// A text in quotes; makes room itself.
    package mutating func text(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            reserve(bytes.count * 6 + 2)
            self.text(unsafe Span(_unsafeElements: bytes))
        }
    }

    /// A text without quotes: copies 16 or 8 bytes at a time, and goes slowly from the first special one.
    @inline(__always)
    package mutating func escaped(_ bytes: borrowing Span<UInt8>) {
        let count = bytes.count
        unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let from = buffer.baseAddress else { return }
            var i = 0
            while i &+ 16 <= count {
                if unsafe ol_copy16_special(p + i, from + i) != 0 { return unsafe slowly(buffer, i) }
                i &+= 16
            }
            if i < count, count >= 8 {
                // What is left, as one or two overlapping words.
                if count &- i > 8 {
                    if unsafe Self.copy8(p + i, from + i) { return unsafe slowly(buffer, i) }
                }
                if unsafe Self.copy8(p + (count - 8), from + (count - 8)) { return unsafe slowly(buffer, i) }
                i = count
            }
            while i < count {
                let byte = unsafe from[i]
                if byte < 32 || byte == 34 || byte == 92 || byte > 126 { return unsafe slowly(buffer, i) }
                unsafe p[i] = byte
                i &+= 1
            }
            unsafe p += count
        }
    }

    /// Copies eight bytes; true when one of them needs more than copying.
    @inline(__always)
    private static func copy8(_ to: UnsafeMutablePointer<UInt8>, _ from: UnsafePointer<UInt8>) -> Bool {
        let x = unsafe UnsafeRawPointer(from).loadUnaligned(as: UInt64.self)
        unsafe UnsafeMutableRawPointer(to).storeBytes(of: x, as: UInt64.self)
        let quote = x ^ 0x2222_2222_2222_2222, backslash = x ^ 0x5c5c_5c5c_5c5c_5c5c
        let control = (x &- 0x2020_2020_2020_2020) & ~x
        let quotes = (quote &- 0x0101_0101_0101_0101) & ~quote
        let backslashes = (backslash &- 0x0101_0101_0101_0101) & ~backslash
        return (control | quotes | backslashes | x) & 0x8080_8080_8080_8080 != 0
    }

    /// From `start` on, byte by byte.
    @inline(never)
    private mutating func slowly(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) {
        unsafe p += start
        var i = start
        while i < bytes.count {
            let c = unsafe bytes[i]
            switch c {
            case 34, 92:
                byte(92)
                byte(c)
            case 10: raw("\\n")
            case 13: raw("\\r")
            case 9: raw("\\t")
            case 0..<32:
                raw("\\u00")
                byte(48 + c >> 4)
                byte(c & 15 < 10 ? 48 + c & 15 : 87 + c & 15)
            case 32..<128: byte(c)
            default:
                let length = unsafe Self.sequence(bytes, i)
                if length == 0 {
                    raw("\u{FFFD}")
                } else {
                    for k in 0..<length { byte(unsafe bytes[i + k]) }
                    i += length - 1
                }
            }
            i += 1
        }
    }

    /// The length of the valid UTF-8 sequence at `i`, 0 when there is none (RFC 3629: no overlong forms, no surrogates).
    private static func sequence(_ bytes: UnsafeBufferPointer<UInt8>, _ i: Int) -> Int {
        let first = unsafe bytes[i],
            length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
        guard length > 0, i + length <= bytes.count else { return 0 }
        for k in 1..<length where unsafe bytes[i + k] & 0xc0 != 0x80 { return 0 }
        let second = unsafe bytes[i + 1]
        switch first {
        case 0xe0: return second >= 0xa0 ? length : 0
        case 0xed: return second < 0xa0 ? length : 0
        case 0xf0: return second >= 0x90 ? length : 0
        case 0xf4: return second < 0x90 ? length : 0
        default: return length
        }
    }
}
