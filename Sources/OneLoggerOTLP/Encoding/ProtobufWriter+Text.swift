internal import OneLoggerCore

/// Texts, which must be valid UTF-8, and the frame of a request.
extension ProtobufWriter {
    @inline(__always)
    mutating func text(_ number: UInt8, _ name: StaticString, _ bytes: borrowing Span<UInt8>) {
        tag(number, 2)
        content(bytes)
    }

    mutating func text(_ number: UInt8, _ name: StaticString, _ text: String) {
        var text = text
        text.withUTF8 { bytes in
            reserve(bytes.count + 1024)  // and something for the few fixed fields around it
            self.text(number, name, unsafe Span(_unsafeElements: bytes))
        }
    }

    /// A length and a text.
    @inline(__always)
    private mutating func content(_ bytes: borrowing Span<UInt8>) {
        let count = bytes.count
        if count < 128 { store(UInt8(truncatingIfNeeded: count)) } else { varint(UInt64(count)) }
        let isPlain = unsafe bytes.withUnsafeBufferPointer { unsafe Self.copy($0, p) }
        if isPlain { unsafe p += count } else { mend(bytes) }
    }

    /// What was copied is not ASCII: when it is not UTF-8 either, it is written once more with U+FFFD in it.
    @inline(never)
    private mutating func mend(_ bytes: borrowing Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { bytes in
            if unsafe Self.isUTF8(bytes) {
                unsafe p += bytes.count
                return
            }
            unsafe p -= Self.size(UInt64(bytes.count))
            let text = unsafe String(decoding: bytes, as: UTF8.self)
            varint(UInt64(text.utf8.count))
            for byte in text.utf8 { store(byte) }
        }
    }

    private static func isUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var i = 0
        while i < bytes.count {
            if unsafe bytes[i] < 0x80 {
                i += 1
                continue
            }
            let length = unsafe utf8Sequence(bytes, i)
            if length == 0 { return false }
            i += length
        }
        return true
    }

    /// Copies a text; false when it is not ASCII.
    @inline(__always)
    private static func copy(_ bytes: UnsafeBufferPointer<UInt8>, _ to: UnsafeMutablePointer<UInt8>) -> Bool {
        guard let from = bytes.baseAddress else { return true }
        let count = bytes.count
        if count &- 4 > 12 || count < 4 { return unsafe copyLongOrTiny(bytes, to) }
        if count >= 8 {
            let first = unsafe word(from, to, UInt64.self)
            let last = unsafe word(from + (count &- 8), to + (count &- 8), UInt64.self)
            return (first | last) & 0x8080_8080_8080_8080 == 0
        }
        let first = unsafe word(from, to, UInt32.self)
        let last = unsafe word(from + (count &- 4), to + (count &- 4), UInt32.self)
        return (first | last) & 0x8080_8080 == 0
    }

    @inline(never)
    private static func copyLongOrTiny(
        _ bytes: UnsafeBufferPointer<UInt8>, _ to: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        guard let from = bytes.baseAddress else { return true }
        var seen: UInt64 = 0, i = 0
        if bytes.count < 8 {
            while i < bytes.count {
                seen |= UInt64(unsafe word(from + i, to + i, UInt8.self))
                i &+= 1
            }
            return seen & 0x80 == 0
        }
        while i &+ 8 <= bytes.count {
            unsafe seen |= word(from + i, to + i, UInt64.self)
            i &+= 8
        }
        let last = bytes.count &- 8
        unsafe seen |= word(from + last, to + last, UInt64.self)
        return seen & 0x8080_8080_8080_8080 == 0
    }

    @inline(__always)
    private static func word<Word: BitwiseCopyable>(
        _ from: UnsafePointer<UInt8>, _ to: UnsafeMutablePointer<UInt8>, _ type: Word.Type
    ) -> Word {
        let word = unsafe UnsafeRawPointer(from).loadUnaligned(as: Word.self)
        unsafe UnsafeMutableRawPointer(to).storeBytes(of: word, as: Word.self)
        return word
    }

    static func request(
        _ signal: OTLPSignal, resource: borrowing Span<UInt8>, scope: borrowing Span<UInt8>,
        items: borrowing Span<UInt8>
    ) -> OTLPBody {
        let inner = scope.count + items.count, outer = resource.count + 1 + size(UInt64(inner)) + inner
        let total = 1 + size(UInt64(outer)) + outer
        return OTLPBody(capacity: total) { output in
            output.append(0x0a)
            output.append(varint: UInt64(outer))
            output.append(copying: resource)
            output.append(0x12)
            output.append(varint: UInt64(inner))
            output.append(copying: scope)
            output.append(copying: items)
        }
    }
}
