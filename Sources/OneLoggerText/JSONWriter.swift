internal import COneLogger
internal import OneLoggerCore

/// Writes JSON text into memory that it grows: bump pointer, no allocation per value once it is large enough.
///
/// Always valid JSON: control characters are escaped, invalid UTF-8 becomes U+FFFD, NaN and infinities become texts.
/// Not `Sendable` by nature, but whoever owns one may be: the memory has this one owner.
///
/// The short writers are inlinable, because exporters in other modules call them some forty times per span.
@frozen @safe @usableFromInline
package struct JSONWriter: ~Copyable, @unchecked Sendable {  // owns its memory alone, as an array does
    @usableFromInline var base: UnsafeMutablePointer<UInt8>
    @usableFromInline var p: UnsafeMutablePointer<UInt8>
    @usableFromInline var end: UnsafeMutablePointer<UInt8>

    package init(capacity: Int = 1 &<< 16) {
        unsafe base = .allocate(capacity: capacity + 64)
        unsafe p = base
        unsafe end = base + capacity
    }

    deinit { unsafe base.deallocate() }

    /// How much was written since the last ``removeAll()``.
    @inlinable package var count: Int {
        @inline(__always)
        get {
            unsafe assert(p <= end, "something was written that nobody reserved")
            return unsafe p - base
        }
    }

    /// Forgets the text and keeps the memory.
    @inlinable package mutating func removeAll() { unsafe p = base }

    /// Forgets everything past the first `count` bytes.
    @inlinable package mutating func truncate(to count: Int) { unsafe p = base + count }

    /// Replaces a byte that was written.
    package mutating func overwrite(_ byte: UInt8, at place: Int) { unsafe base[place] = byte }

    /// Text that is JSON already; makes room itself.
    package mutating func verbatim(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            reserve(bytes.count)
            guard let start = bytes.baseAddress else { return }
            unsafe p.update(from: start, count: bytes.count)
            unsafe p += bytes.count
        }
    }

    /// True when the last byte is a comma, which the end of an object or a list takes back.
    package var endsWithComma: Bool { unsafe count > 0 && p[-1] == 44 }

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
    /// A text takes at most six times its bytes and two quotes, a number at most 32.
    @export(implementation) @inline(__always)
    package mutating func reserve(_ more: Int) {
        unsafe assert(p <= end, "something was written that nobody reserved")
        if unsafe p + more > end { grow(more) }
    }

    @usableFromInline @inline(never)
    mutating func grow(_ more: Int) {
        let used = count, capacity = unsafe max((end - base) * 2, used + more)
        let bigger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity + 64)
        unsafe bigger.update(from: base, count: used)
        unsafe base.deallocate()
        unsafe base = bigger
        unsafe p = bigger + used
        unsafe end = bigger + capacity
    }

    // MARK: without checks

    @export(implementation) @inline(__always)
    package mutating func byte(_ byte: UInt8) {
        unsafe p.pointee = byte
        unsafe p += 1
    }

    /// A literal as it is.
    @export(implementation) @inline(__always)
    package mutating func raw(_ text: StaticString) {
        unsafe UnsafeMutableRawPointer(p).copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
        unsafe p += text.utf8CodeUnitCount
    }

    /// A text that is written often, as it is.
    @export(implementation) @inline(__always)
    package mutating func short(_ text: ShortText) {
        unsafe UnsafeMutableRawPointer(p).storeBytes(of: text.words, as: (UInt64, UInt64, UInt64, UInt64).self)
        unsafe p += text.count
    }

    /// Bytes as they are.
    @export(implementation) @inline(__always)
    package mutating func raw(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        unsafe UnsafeMutableRawPointer(p).copyMemory(from: start, byteCount: bytes.count)
        unsafe p += bytes.count
    }

    /// A text as it is, without quotes; makes room itself.
    package mutating func raw(text: String) {
        var text = text
        text.withUTF8 { bytes in
            guard let start = bytes.baseAddress else { return }
            reserve(bytes.count)
            unsafe p.update(from: start, count: bytes.count)
            unsafe p += bytes.count
        }
    }

    /// A text in quotes.
    @export(implementation) @inline(__always)
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

    /// A text without quotes: a short one as two overlapping words, a long one 16 bytes at a time, and anything from its
    /// first special byte on slowly.
    @export(implementation) @inline(__always)
    package mutating func escaped(_ bytes: borrowing Span<UInt8>) {
        let count = bytes.count
        unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let from = buffer.baseAddress else { return }
            if count &- 4 > 12 || count < 4 {
                unsafe p = Self.longOrTiny(buffer, at: p)
                return
            }
            let special: Bool
            if count >= 8 {
                let first = unsafe Self.copy(from, p, UInt64.self)
                let last = unsafe Self.copy(from + (count &- 8), p + (count &- 8), UInt64.self)
                special = first | last != 0
            } else {
                let first = unsafe Self.copy(from, p, UInt32.self)
                let last = unsafe Self.copy(from + (count &- 4), p + (count &- 4), UInt32.self)
                special = first | last != 0
            }
            unsafe p = special ? Self.slowly(buffer, 0, at: p) : p + count
        }
    }

    @usableFromInline @inline(never)
    static func longOrTiny(
        _ bytes: UnsafeBufferPointer<UInt8>, at p: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        guard let from = bytes.baseAddress else { return unsafe p }
        var i = 0
        while i &+ 16 <= bytes.count {
            if unsafe ol_copy16_special(p + i, from + i) != 0 { return unsafe slowly(bytes, i, at: p) }
            i &+= 16
        }
        if i > 0, i < bytes.count {
            let rest = bytes.count &- 16  // what is left, with some bytes a second time
            if unsafe ol_copy16_special(p + rest, from + rest) != 0 { return unsafe slowly(bytes, i, at: p) }
            i = bytes.count
        }
        while i < bytes.count {
            let byte = unsafe from[i]
            if byte < 32 || byte == 34 || byte == 92 || byte > 126 { return unsafe slowly(bytes, i, at: p) }
            unsafe p[i] = byte
            i &+= 1
        }
        return unsafe p + bytes.count
    }

    /// Copies one word; not zero when one of its bytes needs more than copying.
    @export(implementation) @inline(__always)
    static func copy<Word: FixedWidthInteger & UnsignedInteger>(
        _ from: UnsafePointer<UInt8>, _ to: UnsafeMutablePointer<UInt8>, _ word: Word.Type
    ) -> Word {
        let x = unsafe UnsafeRawPointer(from).loadUnaligned(as: Word.self)
        unsafe UnsafeMutableRawPointer(to).storeBytes(of: x, as: Word.self)
        let ones = Word.max / 255
        let quote = x ^ (ones &* 0x22), backslash = x ^ (ones &* 0x5c)
        let control = (x &- (ones &* 0x20)) & ~x
        let quotes = (quote &- ones) & ~quote, backslashes = (backslash &- ones) & ~backslash
        return (control | quotes | backslashes | x) & (ones &* 0x80)
    }

    /// From `start` on, byte by byte; where the text ends.
    @usableFromInline @inline(never)
    static func slowly(
        _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, at place: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        var p = unsafe place + start, i = start
        func put(_ byte: UInt8) {
            unsafe p.pointee = byte
            unsafe p += 1
        }
        func escape(_ byte: UInt8) {
            put(92)
            put(byte)
        }
        while i < bytes.count {
            let c = unsafe bytes[i]
            switch c {
            case 34, 92: escape(c)
            case 10: escape(110)
            case 13: escape(114)
            case 9: escape(116)
            case 0..<32:
                escape(117)
                put(48)
                put(48)
                put(48 + c &>> 4)
                put(c & 15 < 10 ? 48 + c & 15 : 87 + c & 15)
            case 32..<128: put(c)
            default:
                let length = unsafe utf8Sequence(bytes, i)
                if length == 0 {
                    for byte: UInt8 in [0xef, 0xbf, 0xbd] { put(byte) }  // U+FFFD
                } else {
                    for k in 0..<length { put(unsafe bytes[i + k]) }
                    i += length - 1
                }
            }
            i += 1
        }
        return unsafe p
    }
}
