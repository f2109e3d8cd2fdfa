/// Steps of the encoder that read packed records and write behind them in whole words: at least eight bytes behind what
/// they read and write are there.
enum PackedText {
    @inline(__always)
    static func load<T: BitwiseCopyable>(_ from: UnsafePointer<UInt8>, _ type: T.Type) -> T {
        unsafe UnsafeRawPointer(from).loadUnaligned(as: T.self)
    }

    @inline(__always)
    static func store<T: BitwiseCopyable>(_ value: T, _ to: UnsafeMutablePointer<UInt8>) {
        unsafe UnsafeMutableRawPointer(to).storeBytes(of: value, as: T.self)
    }

    /// Whether a word from ``copy(_:_:_:)`` is ASCII.
    @inline(__always)
    static func isPlain(_ word: UInt64) -> Bool { word & 0x8080_8080_8080_8080 == 0 }

    /// Copies a text of at least one byte.
    ///
    /// Bit 7 of some byte of the result is set when the text is not ASCII.
    @inline(__always)
    static func copy(_ from: UnsafePointer<UInt8>, _ count: Int, _ to: UnsafeMutablePointer<UInt8>) -> UInt64 {
        let first = unsafe load(from, UInt64.self)
        unsafe store(first, to)
        if count <= 8 { return first &<< UInt64(truncatingIfNeeded: 0 &- count &* 8) }
        if count > 16 { return unsafe copyLong(from, count, to) }
        let last = unsafe load(from + (count &- 8), UInt64.self)
        unsafe store(last, to + (count &- 8))
        return first | last
    }

    @inline(never)
    private static func copyLong(
        _ from: UnsafePointer<UInt8>, _ count: Int, _ to: UnsafeMutablePointer<UInt8>
    ) -> UInt64 {
        let last = unsafe load(from + (count &- 8), UInt64.self)
        unsafe store(last, to + (count &- 8))
        var seen = last, i = 0
        while i &+ 8 < count {
            let word = unsafe load(from + i, UInt64.self)
            unsafe store(word, to + i)
            seen |= word
            i &+= 8
        }
        return seen
    }

    /// Copies a name of at least one byte as ``copy(_:_:_:)`` does, and finds its class, 0 to 63: names of different
    /// classes differ.
    @inline(__always)
    static func copyKey(
        _ from: UnsafePointer<UInt8>, _ count: Int, _ to: UnsafeMutablePointer<UInt8>
    ) -> (seen: UInt64, keyClass: UInt64) {
        let first = unsafe load(from, UInt64.self)
        unsafe store(first, to)
        var seen = first &<< UInt64(truncatingIfNeeded: 0 &- count &* 8), name = seen
        if count > 8 {
            let last = unsafe load(from + (count &- 8), UInt64.self)
            unsafe store(last, to + (count &- 8))
            seen = count > 16 ? unsafe copyLong(from, count, to) : first | last
            name = first ^ last &<< 1
        }
        return (seen, (name &* 0x9e37_79b9_7f4a_7c15) &>> 58)
    }

    /// Writes a number in its shortest form; where it ends.
    @inline(__always)
    static func varint(_ value: UInt64, _ to: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
        var rest = value, q = unsafe to
        while rest >= 0x80 {
            unsafe q.pointee = UInt8(truncatingIfNeeded: rest) | 0x80
            unsafe q += 1
            rest &>>= 7
        }
        unsafe q.pointee = UInt8(truncatingIfNeeded: rest)
        return unsafe q + 1
    }
}
