public import OneLoggerCore
internal import COneLogger

/// Eight decimal digits as one word of text.
@frozen @usableFromInline
enum DecimalDigits {
    /// The text of a number below 10^8 with leading zeros; its first digit is the lowest byte.
    ///
    /// Halves the number three times, all lanes at once, instead of dividing digit by digit.
    @export(implementation) @inline(__always)
    static func eight(_ value: UInt64) -> UInt64 {
        let high = value / 10_000
        let fours = high | (value &- high &* 10_000) &<< 32
        let hundreds = (fours &* 10_486) &>> 20 & 0x0000_007f_0000_007f
        let twos = hundreds | (fours &- hundreds &* 100) &<< 16
        let tens = (twos &* 103) &>> 10 & 0x000f_000f_000f_000f
        return tens | (twos &- tens &* 10) &<< 8 | 0x3030_3030_3030_3030
    }

    /// How many of eight digits are zeros in front of the last digit; the text is `eight`'s.
    @export(implementation) @inline(__always)
    static func leadingZeros(_ text: UInt64) -> Int {
        ((text & 0x0f0f_0f0f_0f0f_0f0f) | 1 &<< 56).trailingZeroBitCount &>> 3
    }

    /// How many digits a number has.
    @inline(__always)
    static func count(_ value: UInt64) -> Int {
        let guess = ((64 - (value | 1).leadingZeroBitCount) * 1233) &>> 12
        return guess + (value >= ol_power_of_ten(Int64(guess)) ? 1 : 0)
    }
}

extension JSONWriter {
    @export(implementation) @inline(__always)
    mutating func store(_ word: UInt64, at offset: Int) {
        unsafe UnsafeMutableRawPointer(p).storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
    }

    @export(implementation) @inline(__always)
    package mutating func integer(_ value: Int) {
        if value < 0 { byte(45) }
        decimal(UInt64(value.magnitude))
    }

    @export(implementation) @inline(__always)
    package mutating func decimal(_ value: UInt64) {
        if value < 100_000_000 { short(DecimalDigits.eight(value)) } else { unsafe p = Self.long(value, at: p) }
    }

    @export(implementation) @inline(__always)
    mutating func short(_ text: UInt64) { unsafe p = Self.short(text, at: p) }

    /// Writes eight digits without the zeros in front; where the text ends.
    @export(implementation) @inline(__always)
    static func short(_ text: UInt64, at place: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
        let zeros = DecimalDigits.leadingZeros(text)
        unsafe UnsafeMutableRawPointer(place).storeBytes(of: text >> UInt64(zeros &<< 3), as: UInt64.self)
        return unsafe place + (8 &- zeros)
    }

    /// Writes a number from nine digits on; where the text ends.
    ///
    /// Takes and gives pointers, as the other long ways do: what could change `self` would keep the fast ways around
    /// it from holding their place in a register.
    @usableFromInline @inline(never)
    static func long(_ value: UInt64, at place: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
        unsafe inlinedLong(value, at: place)
    }

    @inline(__always)
    static func inlinedLong(_ value: UInt64, at place: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
        let high = value / 100_000_000, low = DecimalDigits.eight(value &- high &* 100_000_000)
        var end: UnsafeMutablePointer<UInt8>
        if high < 100_000_000 {
            unsafe end = short(DecimalDigits.eight(high), at: place)
        } else {
            let top = high / 100_000_000
            unsafe end = short(DecimalDigits.eight(top), at: place)
            let middle = DecimalDigits.eight(high &- top &* 100_000_000)
            unsafe UnsafeMutableRawPointer(end).storeBytes(of: middle, as: UInt64.self)
            unsafe end += 8
        }
        unsafe UnsafeMutableRawPointer(end).storeBytes(of: low, as: UInt64.self)
        return unsafe end + 8
    }
}

/// A moment as 19 digits in three words, made once and written several times.
@frozen @usableFromInline
package struct MomentText: Sendable {
    @usableFromInline var nanoseconds: UInt64
    @usableFromInline var first: UInt64
    @usableFromInline var second: UInt64
    @usableFromInline var third: UInt64

    @export(implementation) @inline(__always)
    init(_ nanoseconds: UInt64, _ first: UInt64, _ second: UInt64, _ third: UInt64) {
        self.nanoseconds = nanoseconds
        self.first = first
        self.second = second
        self.third = third
    }

    /// Between the years 2001 and 2286 the seconds have ten digits.
    @inlinable var hasWords: Bool {
        @inline(__always) get { nanoseconds &- 1_000_000_000_000_000_000 < 9_000_000_000_000_000_000 }
    }
}

/// Writes moments that lie close together: keeps the digits of the second from one to the next.
@frozen @usableFromInline
package struct MomentCache: Sendable {
    @usableFromInline var second: UInt64 = 1_000_000_000_000_000_000
    @usableFromInline var head: UInt64 = 0x3030_3030_3030_3031
    @usableFromInline var tail: UInt64 = 0x3030

    @inlinable package init() {}

    /// The text of a moment.
    @export(implementation) @inline(__always)
    package mutating func text(_ time: Timestamp) -> MomentText {
        let value = time.nanoseconds
        if value &- second >= 1_000_000_000 { remember(value / 1_000_000_000) }
        let rest = value &- second, tenth = rest / 10, digits = DecimalDigits.eight(tenth)
        return MomentText(value, head, digits &<< 16 | tail, digits &>> 48 | (48 &+ rest &- tenth &* 10) &<< 16)
    }

    @usableFromInline @inline(never)
    mutating func remember(_ s: UInt64) {
        second = s &* 1_000_000_000
        head = DecimalDigits.eight(s / 100 % 100_000_000)
        tail = DecimalDigits.eight(s % 100) &>> 48
    }
}

extension JSONWriter {
    /// Nanoseconds since 1970.
    @export(implementation) @inline(__always)
    package mutating func nanoseconds(_ moment: MomentText) {
        guard moment.hasWords else { return decimal(moment.nanoseconds) }
        store(moment.first, at: 0)
        store(moment.second, at: 8)
        store(moment.third, at: 16)
        unsafe p += 19
    }

    /// Seconds since 1970 with nine digits behind the point.
    @export(implementation) @inline(__always)
    package mutating func seconds(_ moment: MomentText) {
        guard moment.hasWords else { return seconds(Timestamp(nanoseconds: moment.nanoseconds)) }
        store(moment.first, at: 0)
        store(moment.second & 0xffff | 46 &<< 16 | (moment.second &>> 16) &<< 24, at: 8)
        store(moment.second &>> 56 | moment.third &<< 8, at: 16)
        unsafe p += 20
    }

    /// Whole milliseconds since 1970.
    @export(implementation) @inline(__always)
    package mutating func milliseconds(_ moment: MomentText) {
        guard moment.hasWords else { return decimal(moment.nanoseconds / 1_000_000) }
        store(moment.first, at: 0)
        store(moment.second, at: 8)
        unsafe p += 13
    }

    /// A whole number.
    @export(implementation) @inline(__always)
    package mutating func decimal(_ number: DecimalText) {
        if number.isShort { short(number.digits) } else { unsafe p = Self.long(number.value, at: p) }
    }

    /// A whole number divided by a thousand: exact, with at least one digit behind the point.
    package mutating func thousandths(_ number: UInt64) {
        let whole = number / 1000, rest = number &- whole &* 1000
        decimal(whole)
        byte(46)
        store(DecimalDigits.eight(rest) &>> 40, at: 0)
        unsafe p += rest % 100 == 0 ? 1 : rest % 10 == 0 ? 2 : 3
    }

    /// A whole number divided by a million: exact, with at least one digit behind the point.
    @export(implementation) @inline(__always)
    package mutating func millionths(_ number: DecimalText) {
        var fraction = number.digits &>> 16
        if number.isShort {
            let tens = UInt8(truncatingIfNeeded: number.digits)
            unsafe p.pointee = tens
            unsafe p += tens == 48 ? 0 : 1
            byte(UInt8(truncatingIfNeeded: number.digits &>> 8))
        } else {
            let whole = number.value / 1_000_000
            guard whole < 1_000_000_000 else { return self.number(Double(number.value) / 1e6) }
            decimal(whole)
            fraction = DecimalDigits.eight(number.value &- whole &* 1_000_000) &>> 16
        }
        byte(46)
        store(fraction, at: 0)
        unsafe p += 8 &- ((fraction & 0x0f0f_0f0f_0f0f) | 1).leadingZeroBitCount &>> 3
    }
}

/// A whole number whose digits are made once and written several times.
@frozen @usableFromInline
package struct DecimalText: Sendable {
    @usableFromInline var value: UInt64
    @usableFromInline var digits: UInt64

    @export(implementation) @inline(__always)
    package init(_ value: UInt64) {
        self.value = value
        digits = value < 100_000_000 ? DecimalDigits.eight(value) : 0
    }

    @export(implementation) var isShort: Bool { @inline(__always) get { value < 100_000_000 } }

    /// Becomes `number`, which most often follows on the last one: then only the last digit changes.
    @export(implementation) @inline(__always)
    package mutating func advance(to number: UInt64) {
        if value &+ 1 == number, digits &>> 56 &- 48 < 9 {
            value = number
            digits &+= 1 &<< 56
        } else {
            self = DecimalText(number)
        }
    }
}

/// A number whose hexadecimal digits are kept from one line to the next.
@frozen @usableFromInline
package struct HexadecimalText: Sendable {
    @usableFromInline var id: UInt64 = 0
    @usableFromInline var first: UInt64 = 0x3030_3030_3030_3030
    @usableFromInline var second: UInt64 = 0x3030_3030_3030_3030

    @inlinable package init() {}
}

extension JSONWriter {
    /// 16 lower-case hexadecimal digits, of a number that is often the same as the last one.
    @export(implementation) @inline(__always)
    package mutating func hexadecimal(_ value: UInt64, _ last: inout HexadecimalText) {
        if value != last.id {
            last.id = value
            last.first = Self.eightDigits(UInt32(truncatingIfNeeded: value &>> 32))
            last.second = Self.eightDigits(UInt32(truncatingIfNeeded: value))
        }
        store(last.first, at: 0)
        store(last.second, at: 8)
        unsafe p += 16
    }

    /// 16 lower-case hexadecimal digits.
    @export(implementation) @inline(__always)
    package mutating func hexadecimal(_ value: UInt64) {
        store(Self.eightDigits(UInt32(truncatingIfNeeded: value &>> 32)), at: 0)
        store(Self.eightDigits(UInt32(truncatingIfNeeded: value)), at: 8)
        unsafe p += 16
    }

    /// Eight at a time.
    @export(implementation) @inline(__always)
    static func eightDigits(_ word: UInt32) -> UInt64 {
        var x = UInt64(word.byteSwapped)
        x = (x | x &<< 16) & 0x0000_FFFF_0000_FFFF
        x = (x | x &<< 8) & 0x00FF_00FF_00FF_00FF
        x = (x &>> 4 & 0x000F_000F_000F_000F) | (x & 0x000F_000F_000F_000F) &<< 8
        let letters = (x &+ 0x0606_0606_0606_0606) &>> 4 & 0x0101_0101_0101_0101
        return x &+ 0x3030_3030_3030_3030 &+ (letters &<< 5 | letters &<< 3) &- letters
    }
}
