/// How the parts of a request are put together in the array that is handed out, without growing it.
extension OutputSpan<UInt8> {
    mutating func append(copying bytes: borrowing Span<UInt8>) {
        unsafe bytes.withUnsafeBytes { source in
            unsafe withUnsafeMutableBufferPointer { target, used in
                let free = unsafe UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(target)[used...])
                unsafe free.copyMemory(from: source)
                used += source.count
            }
        }
    }

    mutating func append(_ text: StaticString) {
        for place in 0..<text.utf8CodeUnitCount { unsafe append(text.utf8Start[place]) }
    }

    mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }
}
