/// A text of at most 32 bytes, made once and written often.
@frozen @usableFromInline
package struct ShortText: Sendable {
    @usableFromInline var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    @usableFromInline var count: Int

    /// Keeps the first 32 bytes of what was written.
    package init(_ writer: borrowing JSONWriter) {
        count = min(writer.count, 32)
        let length = count
        unsafe withUnsafeMutableBytes(of: &words) { memory in
            unsafe writer.withBytes { unsafe memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<length])) }
        }
    }
}
