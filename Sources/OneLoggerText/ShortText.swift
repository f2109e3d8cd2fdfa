/// A text of at most 32 bytes, made once and written often.
@frozen @usableFromInline
package struct ShortText: Sendable {
    @usableFromInline var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    @usableFromInline var count: Int

    /// Keeps the first 32 bytes.
    package init(_ text: String) {
        let bytes = text.utf8.prefix(32)
        count = bytes.count
        unsafe withUnsafeMutableBytes(of: &words) { memory in unsafe memory.copyBytes(from: bytes) }
    }
}
