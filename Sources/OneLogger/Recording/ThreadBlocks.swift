internal import COneLogger

/// The slow side of the hot path: a thread's first span, a full chunk, a thread's end, a forked child.
enum ThreadBlocks {
    typealias Core = UnsafeMutablePointer<ol_core>
    typealias Block = UnsafeMutablePointer<ol_thread>

    /// The recorder behind a core.
    ///
    /// Never freed: a thread may hold a block of a recorder that is gone.
    static func engine(_ core: Core) -> Engine {
        unsafe Unmanaged<Engine>.fromOpaque(core.pointee.storage.unsafelyUnwrapped).takeUnretainedValue()
    }

    /// This thread's block for `core`, moved to the front, made when missing; nil on our own threads.
    @inline(never)
    static func attach(_ core: Core) -> Block? {
        guard ol_is_muted() == 0 else { return nil }
        let head = unsafe ol_current()
        var previous = unsafe head
        while let p = unsafe previous {
            guard let candidate = unsafe p.pointee.next else { break }
            if unsafe candidate.pointee.core == core {
                unsafe p.pointee.next = candidate.pointee.next
                unsafe candidate.pointee.next = head
                unsafe ol_set_current(candidate)
                return unsafe candidate
            }
            unsafe previous = candidate
        }
        let block = unsafe make(core)
        unsafe block.pointee.next = head
        unsafe ol_set_current(block)
        unsafe ol_on_thread_exit(block)
        return unsafe block
    }

    /// Runs `body` as one of our own threads would: whatever it times is not recorded.
    static func muted(_ body: () -> Void) {
        let blocks = unsafe ol_current(), before = ol_is_muted()
        ol_set_current(nil)
        ol_set_muted(1)
        body()
        ol_set_muted(before)
        unsafe ol_set_current(blocks)
    }

    /// Runs `body`, perhaps on one of our own threads, so that what it times is recorded.
    static func unmuted(_ body: () -> Void) {
        let before = ol_is_muted()
        ol_set_muted(0)
        body()
        ol_set_muted(before)
    }

    private static func make(_ core: Core) -> Block {
        let block = Block.allocate(capacity: 1)
        unsafe block.initialize(to: ol_thread())
        unsafe block.pointee.rng = ol_random()
        unsafe block.pointee.cur = ol_empty_chunk()
        unsafe block.pointee.limit = ol_empty_chunk()
        unsafe block.pointee.core = core
        unsafe engine(core).pool.add(block)
        return unsafe block
    }

    @inline(never)
    static func nextChunk(_ t: Block, _ need: Int) -> Bool {
        let engine = unsafe engine(t.pointee.core.unsafelyUnwrapped)
        engine.restartIfForked()
        return unsafe engine.pool.nextChunk(t, need)
    }

    static let install: Void = unsafe ol_install(
        { _ in ThreadBlocks.threadEnds() },
        { Registry.shared.prepareFork() }, { Registry.shared.parentAfterFork() }, { Registry.shared.childAfterFork() })

    static func threadEnds() {
        var next = unsafe ol_current()
        ol_set_current(nil)
        while let block = unsafe next {
            unsafe next = block.pointee.next
            if unsafe block.pointee.retired == 0 {
                unsafe engine(block.pointee.core.unsafelyUnwrapped).pool.remove(block)
            }
            while let frame = unsafe block.pointee.frames {
                unsafe block.pointee.frames = frame.load(as: UnsafeMutableRawPointer?.self)
                unsafe frame.deallocate()
            }
            unsafe block.deallocate()
        }
    }

    /// The child's only thread gets new blocks: new ids, no chunks.
    ///
    /// Its first spans hang under the span that forked.
    ///
    /// Spans that were open belong to the parent process, which will write them: their blocks are retired, so that
    /// ending them here writes nothing.
    static func childAfterFork() {
        var next = unsafe ol_current(), head: Block?
        while let old = unsafe next {
            unsafe next = old.pointee.next
            unsafe old.pointee.retired = 1
            unsafe old.pointee.chunk = nil
            unsafe old.pointee.cur = ol_empty_chunk()
            unsafe old.pointee.limit = ol_empty_chunk()
            unsafe old.pointee.next = nil
            let block = unsafe make(old.pointee.core.unsafelyUnwrapped)
            unsafe block.pointee.span = old.pointee.span
            unsafe block.pointee.trace_hi = old.pointee.trace_hi
            unsafe block.pointee.trace_lo = old.pointee.trace_lo
            unsafe block.pointee.task = old.pointee.task
            unsafe block.pointee.scope = old.pointee.scope
            unsafe block.pointee.next = head
            unsafe head = block
        }
        unsafe ol_set_current(head)
        if let head = unsafe head { unsafe ol_on_thread_exit(head) }
    }
}
