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
    typealias Chunk = UnsafeMutablePointer<UInt8>
    static let chunkSize = 64 << 10
    static let headerSize = 64
    /// The end of a chunk may be overwritten, because copies work in whole blocks.
    static let slack = 32
    /// How many chunks the drainer takes at a time.
    private static let step = 16

    /// Counts of records, since the recorder was made.
    struct Counts: Sendable {
        var written: UInt64 = 0, filtered: UInt64 = 0, dropped: UInt64 = 0, overwritten: UInt64 = 0
        /// Refused after the shutdown, and written after it into a chunk that a thread still had.
        var late: UInt64 = 0, lateWritten: UInt64 = 0
    }

    let monitor = Monitor()
    private let wakeDrainer: @Sendable () -> Void
    private let policy: BackPressure, maximumBytes: Int
    nonisolated(unsafe) private var free = unsafe [Chunk]()
    nonisolated(unsafe) private var sealed = unsafe [Chunk]()
    nonisolated(unsafe) private var blocks = unsafe [Block]()
    nonisolated(unsafe) private var usedBytes = 0, sealedBytes = 0
    nonisolated(unsafe) private var dead = Counts()
    nonisolated(unsafe) private var numbers: UInt32 = 0
    nonisolated(unsafe) private var isClosed = false, hasStalled = false

    init(bytes: Int, policy: BackPressure, wakeDrainer: @escaping @Sendable () -> Void) {
        maximumBytes = max(bytes, 4 * Self.chunkSize)
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
            if let chunk = unsafe block.pointee.chunk { unsafe seal(chunk) }
            unsafe block.pointee.chunk = nil
            if let index = unsafe blocks.firstIndex(of: block) {
                unsafe blocks.swapAt(index, blocks.count - 1)
                unsafe blocks.removeLast()
            }
            unsafe Self.add(block, to: &dead)
        }
    }

    private static func add(_ block: Block, to counts: inout Counts) {
        counts.written += unsafe ol_read(&block.pointee.recorded)
        counts.filtered += unsafe ol_read(&block.pointee.filtered)
        counts.dropped += unsafe ol_read(&block.pointee.dropped)
    }

    // MARK: chunk headers

    private static func field(_ chunk: Chunk, _ offset: Int) -> UnsafeMutablePointer<UInt32> {
        unsafe UnsafeMutableRawPointer(chunk + offset).assumingMemoryBound(to: UInt32.self)
    }
    private static func consumed(_ chunk: Chunk) -> UnsafeMutablePointer<UInt32> { unsafe field(chunk, 12) }
    private static func pinned(_ chunk: Chunk) -> UnsafeMutablePointer<UInt32> { unsafe field(chunk, 16) }
    private static func size(_ chunk: Chunk) -> Int { unsafe Int(field(chunk, 20).pointee) }

    private func seal(_ chunk: Chunk) {
        unsafe sealed.append(chunk)
        unsafe sealedBytes += Self.size(chunk)
    }

    // MARK: producers

    /// Gives the thread a chunk with room for `need` bytes, and seals the one it has. False: the record is lost.
    @inline(never)
    func nextChunk(_ t: Block, _ need: Int) -> Bool {
        guard unsafe t.pointee.retired == 0 else { return false }
        let payload = Self.chunkSize - Self.headerSize - Self.slack
        let size = need <= payload ? Self.chunkSize : (need + Self.headerSize + Self.slack + 4095) & ~4095
        var deadline: UInt64 = 0, mustWake = false
        monitor.lock()
        defer {
            monitor.unlock()
            if mustWake { wakeDrainer() }
        }
        if let old = unsafe t.pointee.chunk {
            unsafe seal(old)
            unsafe t.pointee.chunk = nil
            unsafe t.pointee.cur = ol_empty_chunk()
            unsafe t.pointee.limit = ol_empty_chunk()
        }
        while unsafe !isClosed {
            if let chunk = unsafe take(size) {
                unsafe start(chunk, size, t)
                mustWake = unsafe sealedBytes * 2 > maximumBytes
                return true
            }
            // A thread that waited in vain shows that nothing is drained: until a pass succeeds nobody waits again.
            guard case .block(let longest) = policy, unsafe !hasStalled else { break }
            let now = ol_monotonic()
            if deadline == 0 { deadline = now &+ UInt64(max(0, longest.clampedNanoseconds)) }
            guard now < deadline else {
                unsafe hasStalled = true
                break
            }
            monitor.unlock()
            wakeDrainer()
            monitor.lock()
            if unsafe free.isEmpty, unsafe usedBytes + size > maximumBytes { _ = monitor.wait(until: deadline) }
        }
        if unsafe isClosed { unsafe dead.late += 1 } else { unsafe ol_add(&t.pointee.dropped, 1) }
        mustWake = unsafe !isClosed
        return false
    }

    private func start(_ chunk: Chunk, _ size: Int, _ t: Block) {
        unsafe Self.field(chunk, 0).pointee = 0x6c6f_6731
        unsafe Self.field(chunk, 4).pointee = t.pointee.number
        unsafe Self.consumed(chunk).pointee = UInt32(Self.headerSize)
        unsafe Self.pinned(chunk).pointee = 0
        unsafe Self.field(chunk, 20).pointee = UInt32(size)
        unsafe ol_publish(chunk, UInt32(Self.headerSize))
        unsafe t.pointee.chunk = chunk
        unsafe t.pointee.cur = chunk + Self.headerSize
        unsafe t.pointee.limit = chunk + (size - Self.slack)
    }

    /// A chunk of `size` bytes from the free list, from the system, or from the oldest records.
    private func take(_ size: Int) -> Chunk? {
        if size == Self.chunkSize, let chunk = unsafe free.popLast() { return unsafe chunk }
        while unsafe usedBytes + size > maximumBytes, let chunk = unsafe free.popLast() { unsafe release(chunk) }
        if unsafe usedBytes + size <= maximumBytes { return unsafe make(size) }
        guard policy == .overwriteOldest, size == Self.chunkSize,
            let index = unsafe sealed.firstIndex(where: {
                unsafe Self.pinned($0).pointee == 0 && Self.size($0) == Self.chunkSize
            })
        else { return nil }
        let victim = unsafe sealed.remove(at: index)
        unsafe sealedBytes -= Self.chunkSize
        unsafe dead.overwritten += Self.records(victim)
        return unsafe victim
    }

    private func make(_ size: Int) -> Chunk {
        unsafe usedBytes += size
        let raw = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 4096)
        // First touches cost a microsecond a page: better all now than one by one under spans.
        for page in stride(from: 0, to: size, by: 4096) { unsafe raw.storeBytes(of: 0, toByteOffset: page, as: UInt8.self) }
        let chunk = unsafe raw.assumingMemoryBound(to: UInt8.self)
        unsafe Self.field(chunk, 20).pointee = UInt32(size)
        return unsafe chunk
    }

    private func release(_ chunk: Chunk) {
        unsafe usedBytes -= Self.size(chunk)
        unsafe chunk.deallocate()
    }

    /// The records of a chunk that were not read yet.
    private static func records(_ chunk: Chunk) -> UInt64 {
        var at = unsafe Int(consumed(chunk).pointee), count: UInt64 = 0
        let end = unsafe Int(ol_committed(chunk))
        while at < end {
            at += unsafe Int(UnsafeRawPointer(chunk + at).loadUnaligned(as: UInt32.self))
            count += 1
        }
        return count
    }

    // MARK: the drainer

    /// Hands committed, unread bytes to `body`, a few chunks at a time, each thread's in order, and recycles what is
    /// sealed. One caller at a time.
    func drain(_ body: ([UnsafeRawBufferPointer]) -> Void) {
        // A mebibyte of sealed chunks at a time, so that they are free again soon; but no more of them than there were,
        // else a pass would not end while threads are faster. The last step takes what is sealed then and the live
        // chunks together, which keeps each thread's order.
        var steps = monitor.withLock { unsafe sealed.count } / Self.step, isLast = false
        repeat {
            monitor.lock()
            isLast = unsafe steps == 0 || sealed.count <= Self.step
            steps -= 1
            let full = unsafe Array(sealed.prefix(isLast ? sealed.count : Self.step))
            unsafe sealed.removeFirst(full.count)
            unsafe sealedBytes -= full.reduce(0) { unsafe $0 + Self.size($1) }
            let live = unsafe isLast ? blocks.compactMap { unsafe $0.pointee.chunk } : []
            for unsafe chunk in unsafe live { unsafe Self.pinned(chunk).pointee = 1 }
            monitor.unlock()

            var runs = unsafe [UnsafeRawBufferPointer]()
            for unsafe chunk in unsafe full + live {
                let committed = unsafe ol_committed(chunk), consumed = unsafe Self.consumed(chunk).pointee
                guard committed > consumed else { continue }
                unsafe runs.append(
                    UnsafeRawBufferPointer(start: chunk + Int(consumed), count: Int(committed - consumed)))
                unsafe Self.consumed(chunk).pointee = committed
            }
            if unsafe !runs.isEmpty { unsafe body(runs) }

            monitor.lock()
            for unsafe chunk in unsafe live { unsafe Self.pinned(chunk).pointee = 0 }
            for unsafe chunk in unsafe full {
                if unsafe Self.size(chunk) == Self.chunkSize { unsafe free.append(chunk) } else { unsafe release(chunk) }
            }
            unsafe hasStalled = false
            if unsafe !full.isEmpty { monitor.signal() }
            monitor.unlock()
        } while !isLast
    }

    /// Makes chunks ahead, on the drainer's time, so that a thread that fills one finds the next one ready.
    func makeAhead(_ count: Int) {
        for _ in 0..<count {
            monitor.lock()
            let wanted = unsafe !isClosed && free.count < count && usedBytes + Self.chunkSize <= maximumBytes / 2
            monitor.unlock()
            guard wanted else { return }
            // Made outside the lock; `usedBytes` may pass the limit by one chunk at the very most, so it is checked again.
            monitor.withLock { unsafe free.insert(make(Self.chunkSize), at: 0) }
        }
    }

    /// No chunk is given out any more. What threads still write into theirs is counted as late.
    func close() { monitor.withLock { unsafe isClosed = true; monitor.signal() } }

    /// Frees what nobody can touch any more. Call after the last drain.
    func releaseFree() {
        monitor.withLock {
            for unsafe chunk in unsafe free { unsafe release(chunk) }
            unsafe free = []
        }
    }

    var counts: Counts {
        monitor.withLock {
            var counts = unsafe dead
            for unsafe block in unsafe blocks {
                unsafe Self.add(block, to: &counts)
                if unsafe isClosed, let chunk = unsafe block.pointee.chunk { counts.lateWritten += unsafe Self.records(chunk) }
            }
            if unsafe isClosed { for unsafe chunk in unsafe sealed { counts.lateWritten += unsafe Self.records(chunk) } }
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
