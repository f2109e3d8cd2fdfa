internal import OneLoggerCore
internal import OneLoggerText

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Texts of what all events of a task have in common, kept from one line to the next.
///
/// Found by the packed bytes themselves, so that equal bytes alone give the same text. A task has one of 256 places.
struct HeadTexts: Sendable {
    private static let places = 256, entriesRoom = 320, textRoom = 704

    /// How long entries and text are, by the place; 0 where nothing is.
    private var sizes: [(entries: Int, text: Int)] = []
    private var memory: [UInt8] = []

    /// Appends the text of entries that were kept; false when they were not.
    @inline(__always)
    mutating func copy(_ entries: UnsafeRawBufferPointer, _ span: UInt64, to writer: inout JSONWriter) -> Bool {
        let place = Int(truncatingIfNeeded: span) & (Self.places - 1)
        guard place < sizes.count, sizes[place].entries == entries.count, entries.count > 0 else { return false }
        let size = sizes[place].text
        return unsafe memory.withUnsafeBytes { memory in
            guard let start = memory.baseAddress, let wanted = entries.baseAddress else { return false }
            let kept = unsafe start + place * (Self.entriesRoom + Self.textRoom)
            guard unsafe memcmp(kept, wanted, entries.count) == 0 else { return false }
            unsafe writer.raw(UnsafeRawBufferPointer(start: kept + Self.entriesRoom, count: size))
            return true
        }
    }

    /// Keeps what was written since `start` as the text of these entries.
    mutating func keep(
        _ entries: UnsafeRawBufferPointer, _ span: UInt64, _ writer: borrowing JSONWriter, from start: Int
    ) {
        guard entries.count <= Self.entriesRoom, writer.count - start <= Self.textRoom else { return }
        if sizes.isEmpty {
            sizes = Array(repeating: (0, 0), count: Self.places)
            memory = Array(repeating: 0, count: Self.places * (Self.entriesRoom + Self.textRoom))
        }
        let place = Int(truncatingIfNeeded: span) & (Self.places - 1), count = writer.count - start
        sizes[place] = (entries.count, count)
        unsafe memory.withUnsafeMutableBytes { memory in
            guard let base = memory.baseAddress, let from = entries.baseAddress else { return }
            let kept = unsafe base + place * (Self.entriesRoom + Self.textRoom)
            unsafe kept.copyMemory(from: from, byteCount: entries.count)
            unsafe writer.withBytes { text in
                guard let text = text.baseAddress else { return }
                unsafe (kept + Self.entriesRoom).copyMemory(from: text + start, byteCount: count)
            }
        }
    }
}
