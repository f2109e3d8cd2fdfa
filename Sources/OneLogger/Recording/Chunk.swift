internal import COneLogger

/// A run of memory that one thread fills with records.
///
/// Its header: u32 magic, u32 thread, u32 committed (written by the thread, released), u32 consumed (the drainer's),
/// u32 pinned, u32 size. Safe to hold and to pass on; who may touch what lies in it is ``ChunkPool``'s matter.
@safe
struct Chunk: Sendable {
    static let ordinarySize = 64 << 10
    static let headerSize = 64
    /// The end of a chunk may be overwritten, because copies work in whole blocks.
    static let slack = 32

    /// The smallest chunk that threads get.
    static let smallestSize = 1 << 10

    /// What a chunk of its own for a record of `need` bytes occupies, or the usual size where the record fits.
    static func size(for need: Int, usual: Int) -> Int {
        let payload = usual - headerSize - slack
        return need <= payload ? usual : (need + headerSize + slack + 4095) & ~4095
    }

    // Never changes, and is never read through but by whom ``ChunkPool`` lets.
    nonisolated(unsafe) let base: UnsafeMutablePointer<UInt8>

    init(base: UnsafeMutablePointer<UInt8>) { unsafe self.base = base }

    /// Allocates a chunk, and touches all of it: first touches cost microseconds a page, better all now than under spans.
    init(size: Int) {
        let raw = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: min(size, 4096))
        unsafe ol_touch(raw, size)
        unsafe base = raw.assumingMemoryBound(to: UInt8.self)
        unsafe field(20).pointee = UInt32(size)
    }

    func free() { unsafe base.deallocate() }

    private func field(_ offset: Int) -> UnsafeMutablePointer<UInt32> {
        unsafe UnsafeMutableRawPointer(base + offset).assumingMemoryBound(to: UInt32.self)
    }

    var size: Int { unsafe field(20).pointee.int }
    var isOrdinary: Bool { size == Self.ordinarySize }
    func hasRoom(for need: Int) -> Bool { need <= size - Self.headerSize - Self.slack }

    /// The drainer reads it while its thread may still write: nobody may steal it.
    var isPinned: Bool {
        get { unsafe field(16).pointee != 0 }
        nonmutating set { unsafe field(16).pointee = newValue ? 1 : 0 }
    }

    /// Gives the chunk to a thread.
    func start(_ t: UnsafeMutablePointer<ol_thread>) {
        unsafe field(0).pointee = 0x6c6f_6731
        unsafe field(4).pointee = t.pointee.number
        unsafe field(12).pointee = UInt32(Self.headerSize)
        isPinned = false
        unsafe ol_publish(base, UInt32(Self.headerSize))
        unsafe t.pointee.chunk = base
        unsafe t.pointee.cur = base + Self.headerSize
        unsafe t.pointee.limit = base + (size - Self.slack)
    }

    /// What is committed and was not read yet.
    var unread: Range<Int> {
        let committed = unsafe ol_committed(base).int, consumed = unsafe field(12).pointee.int
        return consumed..<max(consumed, committed)
    }

    /// Takes the bytes that are committed and were not read yet.
    ///
    /// For the drainer.
    func take() -> UnsafeRawBufferPointer {
        let range = unread
        unsafe field(12).pointee = UInt32(range.upperBound)
        return unsafe UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
    }

    /// How many records are committed and were not read yet.
    var unreadRecords: UInt64 {
        var at = unread.lowerBound, count: UInt64 = 0
        let end = unread.upperBound
        while at < end {
            at += unsafe UnsafeRawPointer(base + at).loadUnaligned(as: UInt32.self).int
            count += 1
        }
        return count
    }
}
