internal import COneLogger
internal import OneLoggerCore

/// The bounded memory of one recorder. Who may touch a chunk:
///
///     free ──nextChunk──► live (its thread writes; the drainer reads up to `committed`)
///                          │ nextChunk, thread exit: by its thread, under the lock
///                          ▼
///     free ◄──recycle── sealed (nobody writes; only the drainer, or a thief when not pinned, takes it)
///
/// `consumed` belongs to the drainer, and there is one drainer at a time. A live chunk that the drainer reads is pinned:
/// when its thread seals it meanwhile, nobody may steal it. Everything unsafe below is guarded by `monitor`, but for the
/// bytes between `consumed` and `committed`, which are ordered by the release of `committed`: that is why the class is
/// `Sendable`.
@safe
final class ChunkPool: Sendable {
    typealias Block = UnsafeMutablePointer<ol_thread>
    /// How many chunks the drainer takes at a time.
    private static let step = 16

    let monitor = Monitor()
    private let wakeDrainer: @Sendable () -> Void
    private let policy: BackPressure, maximumBytes: Int
    // All of these: with `monitor` held, or in a forked child that has one thread.
    nonisolated(unsafe) private var free = [Chunk]()
    nonisolated(unsafe) private var sealed = [Chunk]()
    nonisolated(unsafe) private var blocks = unsafe [Block]()
    nonisolated(unsafe) private var usedBytes = 0, sealedBytes = 0
    nonisolated(unsafe) private var dead = Counts()
    nonisolated(unsafe) private var numbers: UInt32 = 0
    nonisolated(unsafe) private var isClosed = false, isDrained = false, hasStalled = false
    /// Nobody waits for a chunk longer than this, in nanoseconds of CLOCK_MONOTONIC.
    nonisolated(unsafe) private var lastWait = UInt64.max

    init(bytes: Int, policy: BackPressure, wakeDrainer: @escaping @Sendable () -> Void) {
        maximumBytes = max(bytes, 4 * Chunk.ordinarySize)
        self.policy = policy
        self.wakeDrainer = wakeDrainer
    }

    // MARK: threads

    func add(_ block: Block) {
        monitor.withLock {
            unsafe numbers += 1
            unsafe block.pointee.number = numbers
            unsafe blocks.append(block)
        }
    }

    func remove(_ block: Block) {
        monitor.withLock {
            if let chunk = unsafe block.pointee.chunk { seal(unsafe Chunk(base: chunk)) }
            unsafe block.pointee.chunk = nil
            if let index = unsafe blocks.firstIndex(of: block) {
                unsafe blocks.swapAt(index, blocks.count - 1)
                unsafe blocks.removeLast()
            }
            unsafe dead.add(block)
        }
    }

    private func seal(_ chunk: Chunk) {
        unsafe sealed.append(chunk)
        unsafe sealedBytes += chunk.size
    }

    // MARK: producers

    /// Gives the thread a chunk with room for `need` bytes, and seals the one it has.
    ///
    /// False: the record is lost.
    @inline(never)
    func nextChunk(_ t: Block, _ need: Int) -> Bool {
        guard unsafe t.pointee.retired == 0 else { return false }
        var deadline: UInt64 = 0, mustWake = false
        monitor.lock()
        let size = Chunk.size(for: need, usual: usualSize)
        defer {
            monitor.unlock()
            if mustWake { wakeDrainer() }
        }
        if let old = unsafe t.pointee.chunk {
            seal(unsafe Chunk(base: old))
            unsafe t.pointee.chunk = nil
            unsafe t.pointee.cur = ol_empty_chunk()
            unsafe t.pointee.limit = ol_empty_chunk()
        }
        while unsafe !isClosed {
            if let chunk = take(size, need) {
                unsafe chunk.start(t)
                mustWake = unsafe sealedBytes * 2 > maximumBytes
                return true
            }
            // A thread that waited in vain shows that nothing is drained: until a pass succeeds nobody waits again.
            guard case .block(let longest) = policy, unsafe !hasStalled else { break }
            let now = ol_monotonic()
            if deadline == 0 { deadline = now &+ UInt64(clamping: longest.clampedNanoseconds) }
            guard unsafe now < min(deadline, lastWait) else {
                unsafe hasStalled = true
                break
            }
            monitor.unlock()
            wakeDrainer()
            monitor.lock()
            if unsafe free.isEmpty, unsafe usedBytes + size > maximumBytes {
                _ = unsafe monitor.wait(until: min(deadline, lastWait))
            }
        }
        if unsafe isClosed { unsafe dead.late += 1 } else { unsafe ol_add(&t.pointee.dropped, 1) }
        mustWake = unsafe !isClosed
        return false
    }

    /// What a thread gets: the ordinary size, or less where so many threads record that it would not do for all.
    ///
    /// Call with the lock held. A quarter of the pool is shared out: each time that the number of threads doubles, they
    /// take an eighth of the pool, so that there is room for one thread per 4 KiB of it.
    private var usualSize: Int {
        let share = unsafe maximumBytes / 4 / max(1, blocks.count)
        guard share < Chunk.ordinarySize else { return Chunk.ordinarySize }
        return max(Chunk.smallestSize, 1 << (Int.bitWidth - 1 - max(1, share).leadingZeroBitCount))
    }

    /// A chunk of `size` bytes from the free list, from the system, or from the oldest records.
    private func take(_ size: Int, _ need: Int) -> Chunk? {
        if size == Chunk.ordinarySize, let chunk = unsafe free.popLast() { return chunk }
        while unsafe usedBytes + size > maximumBytes, let chunk = unsafe free.popLast() { release(chunk) }
        if unsafe usedBytes + size <= maximumBytes { return make(size) }
        guard policy == .overwriteOldest,
            let index = unsafe sealed.firstIndex(where: { !$0.isPinned && $0.hasRoom(for: need) })
        else { return nil }
        let victim = unsafe sealed.remove(at: index)
        unsafe sealedBytes -= victim.size
        unsafe dead.overwritten += victim.unreadRecords
        return victim
    }

    private func make(_ size: Int) -> Chunk {
        unsafe usedBytes += size
        return Chunk(size: size)
    }

    private func release(_ chunk: Chunk) {
        unsafe usedBytes -= chunk.size
        chunk.free()
    }

    // MARK: the drainer

    /// Hands committed, unread bytes to `body`, a mebibyte at a time, each thread's in order, and recycles what is sealed.
    ///
    /// One caller at a time. Sealed and live chunks are taken in one step, which keeps each thread's order; what is
    /// sealed later belongs to the next pass, so a pass ends though threads are faster.
    func drain(_ body: ([UnsafeRawBufferPointer]) -> Void) {
        monitor.lock()
        let full = unsafe sealed
        unsafe sealed = []
        unsafe sealedBytes = 0
        let live = liveChunks
        for chunk in live { chunk.isPinned = true }
        monitor.unlock()

        for start in stride(from: 0, to: full.count, by: Self.step) {
            let some = full[start..<min(start + Self.step, full.count)]
            unsafe hand(some, to: body)
            monitor.lock()
            for chunk in some { if chunk.isOrdinary { unsafe free.append(chunk) } else { release(chunk) } }
            unsafe hasStalled = false
            monitor.signal()
            monitor.unlock()
        }
        for start in stride(from: 0, to: live.count, by: Self.step) {
            unsafe hand(live[start..<min(start + Self.step, live.count)], to: body)
        }
        monitor.lock()
        for chunk in live { chunk.isPinned = false }
        unsafe hasStalled = false
        monitor.unlock()
    }

    /// Whether there are records to take, or more than `losses` were lost.
    func hasNews(beyond losses: UInt64) -> Bool {
        monitor.withLock {
            guard unsafe sealed.isEmpty else { return true }
            var lost = unsafe dead.dropped + dead.overwritten
            for place in unsafe blocks.indices {
                let block = unsafe blocks[place]
                if let chunk = unsafe block.pointee.chunk, unsafe !Chunk(base: chunk).unread.isEmpty { return true }
                lost += unsafe ol_read(&block.pointee.dropped)
            }
            return lost > losses
        }
    }

    /// The chunks that threads are filling.
    ///
    /// Call with the lock held.
    private var liveChunks: [Chunk] {
        unsafe blocks.compactMap { unsafe $0.pointee.chunk.map { unsafe Chunk(base: $0) } }
    }

    private func hand(_ chunks: ArraySlice<Chunk>, to body: ([UnsafeRawBufferPointer]) -> Void) {
        let runs = unsafe chunks.map { unsafe $0.take() }.filter { $0.count > 0 }
        if unsafe !runs.isEmpty { unsafe body(runs) }
    }

    /// Makes chunks ahead, on the drainer's time, so that a thread that fills one finds the next one ready.
    func makeAhead() {
        while monitor.withLock({ wantsMore }) {
            // Made outside the lock, for which a thread may wait: the first touch of its pages takes some 20 us.
            let chunk = Chunk(size: Chunk.ordinarySize)
            monitor.lock()
            let isWanted = wantsMore
            if isWanted {
                unsafe usedBytes += Chunk.ordinarySize
                unsafe free.insert(chunk, at: 0)
            }
            monitor.unlock()
            if !isWanted { return chunk.free() }
        }
    }

    /// Whether fewer chunks are ready than there should be: one in a program that records little, else four.
    ///
    /// Call with the lock held. Half of the pool is made on demand only.
    private var wantsMore: Bool {
        let isLittle = unsafe usedBytes <= 2 * Chunk.ordinarySize
        return unsafe !isClosed && free.count < (isLittle ? 1 : 4)
            && usedBytes + Chunk.ordinarySize <= maximumBytes / 2
    }

    /// Whether nothing more is recorded.
    var isOver: Bool { monitor.withLock { unsafe isClosed } }

    /// Who waits for a chunk gives up at `deadline`, however long the policy lets it wait: a shutdown waits for it.
    func limitWaits(until deadline: UInt64) {
        monitor.withLock {
            unsafe lastWait = deadline
            monitor.signal()
        }
    }

    /// No chunk is given out any more.
    ///
    /// What threads still write into theirs is counted as late.
    func close() {
        monitor.withLock {
            unsafe isClosed = true
            monitor.signal()
        }
    }

    /// Frees what nobody can touch any more.
    ///
    /// Call after the last drain.
    func releaseFree() {
        monitor.withLock {
            for chunk in unsafe free { release(chunk) }
            unsafe free = []
            unsafe isDrained = true
        }
    }

    var counts: Counts {
        monitor.withLock {
            var counts = unsafe dead
            unsafe blocks.forEach { unsafe counts.add($0) }
            // What is unread before the last drain is the drainer's.
            if unsafe isDrained {
                for chunk in unsafe liveChunks + sealed { counts.lateWritten += chunk.unreadRecords }
            }
            return counts
        }
    }

    /// What is allocated now, and how many threads hold a block.
    var usage: (bytes: Int, threads: Int) { monitor.withLock { unsafe (usedBytes, blocks.count) } }

    // MARK: fork

    /// In a forked child: the parent's chunks stay what they are, copy-on-write; nothing of them is written.
    func childAfterFork() {
        monitor.reset()
        unsafe free = []
        unsafe sealed = []
        unsafe blocks = []
        unsafe usedBytes = 0
        unsafe sealedBytes = 0
        unsafe dead = Counts()
        unsafe hasStalled = false
    }
}
