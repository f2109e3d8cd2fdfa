/// Bytes of packed records while they are still being put together.
///
/// Has one owner; a ``Batch`` takes the bytes over.
@safe
package struct RecordBuffer: ~Copyable {
    /// Bytes past the end that may be overwritten, so that copies may work in whole blocks.
    package static let slack = 32

    package private(set) var base: UnsafeMutableRawPointer
    package private(set) var count = 0
    private var capacity: Int

    package init(capacity: Int) {
        self.capacity = capacity
        unsafe base = .allocate(byteCount: capacity + Self.slack, alignment: 16)
    }

    deinit { unsafe base.deallocate() }

    /// Gives the bytes away; whoever takes them frees them.
    package consuming func take() -> (base: UnsafeMutableRawPointer, count: Int) {
        let result = unsafe (base, count)
        discard self
        return unsafe result
    }

    package mutating func reserve(_ more: Int) {
        if count + more > capacity { grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        capacity = max(capacity * 2, count + more)
        let bigger = UnsafeMutableRawPointer.allocate(byteCount: capacity + Self.slack, alignment: 16)
        unsafe bigger.copyMemory(from: base, byteCount: count)
        unsafe base.deallocate()
        unsafe base = bigger
    }

    /// Forgets everything past the first `count` bytes.
    package mutating func truncate(to count: Int) { self.count = count }

    package mutating func append(_ run: UnsafeRawBufferPointer) {
        guard let start = run.baseAddress else { return }
        reserve(run.count)
        #if THREAD_SANITIZER  // it does not check the bytes of copyMemory against the producer's stores
        for i in 0..<run.count { unsafe base.storeBytes(of: run[i], toByteOffset: count + i, as: UInt8.self) }
        #else
        unsafe (base + count).copyMemory(from: start, byteCount: run.count)
        #endif
        count += run.count
    }

    package mutating func append<T: BitwiseCopyable>(_ value: T) {
        reserve(MemoryLayout<T>.size)
        unsafe (base + count).storeBytes(of: value, as: T.self)
        count += MemoryLayout<T>.size
    }

    package mutating func overwrite<T: BitwiseCopyable>(_ value: T, at offset: Int) {
        unsafe (base + offset).storeBytes(of: value, as: T.self)
    }

    package func load<T: BitwiseCopyable>(_ type: T.Type, at offset: Int) -> T {
        unsafe (base + offset).loadUnaligned(as: type)
    }

    @inline(never)
    package mutating func append(text: String, limit: Int = .max) {
        var text = text
        text.withUTF8 { bytes in
            let fitting = unsafe characterBoundary(bytes, atMost: limit)
            unsafe append(UnsafeRawBufferPointer(start: bytes.baseAddress, count: fitting))
        }
    }
}

/// The largest count of bytes, at most `limit`, that does not cut a character of valid UTF-8.
package func characterBoundary(_ bytes: UnsafeBufferPointer<UInt8>, atMost limit: Int) -> Int {
    guard bytes.count > limit else { return bytes.count }
    var end = limit
    while end > 0, unsafe bytes[end] & 0xc0 == 0x80 { end -= 1 }
    return end
}

extension RecordBuffer {
    /// A copy of the bytes.
    package var bytes: [UInt8] { unsafe Array(UnsafeRawBufferPointer(start: base, count: count)) }

    /// Forgets the records and keeps the memory.
    package mutating func removeAll() { truncate(to: 0) }

    /// Appends a copy of bytes that the buffer holds already.
    package mutating func appendCopy(of offset: Int, _ size: Int) {
        reserve(size)
        unsafe append(UnsafeRawBufferPointer(start: base + offset, count: size))
    }

    /// Reads the record at `offset`, of whatever kind.
    package func view<R>(at offset: Int, _ scale: TickScale = .unix, _ body: (borrowing RecordView) -> R) -> R {
        let view = unsafe RecordView(UnsafePointer((base + offset).assumingMemoryBound(to: UInt8.self)), scale)
        return body(view)
    }
}

extension RecordBuffer {
    /// The attributes among the entries from `offset` to the end.
    package func attributes(from offset: Int) -> Attributes {
        unsafe EntryList(
            UnsafePointer((base + offset).assumingMemoryBound(to: UInt8.self)),
            UnsafePointer((base + count).assumingMemoryBound(to: UInt8.self))
        ).attributes
    }
}
