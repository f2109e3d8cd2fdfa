internal import COneLogger

extension ChunkPool {
    /// Counts of records, since the recorder was made.
    struct Counts: Sendable {
        var written: UInt64 = 0, filtered: UInt64 = 0, dropped: UInt64 = 0, overwritten: UInt64 = 0
        /// Refused after the shutdown, and written after it into a chunk that a thread still had.
        var late: UInt64 = 0, lateWritten: UInt64 = 0

        /// Adds those of one thread.
        mutating func add(_ block: Block) {
            written += unsafe ol_read(&block.pointee.recorded)
            filtered += unsafe ol_read(&block.pointee.filtered)
            dropped += unsafe ol_read(&block.pointee.dropped)
        }
    }
}
