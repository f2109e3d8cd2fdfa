/// Memory that requests are written into, one behind the other.
///
/// One writer alone writes, and never again where a request lies that it has handed out: that is why it is `Sendable`.
@safe
final class RequestMemory: Sendable {
    nonisolated(unsafe) let base: UnsafeMutablePointer<UInt8>
    /// How much may be written.
    ///
    /// Unit: bytes.
    let capacity: Int
    /// Bytes behind the capacity that may be overwritten, so that copies may work in whole blocks.
    private static let slack = 64

    init(capacity: Int) {
        self.capacity = capacity
        unsafe base = .allocate(capacity: capacity + Self.slack)
    }

    deinit { unsafe base.deallocate() }
}

/// The bytes of one request, which nobody changes any more; copies share them, and requests of one batch their memory.
struct OTLPBody: Sendable {
    private let memory: RequestMemory
    private let range: Range<Int>

    /// What lies in `range` of the memory.
    init(_ memory: RequestMemory, _ range: Range<Int>) {
        self.memory = memory
        self.range = range
    }

    /// What `write` appends, at most `capacity` bytes.
    init(capacity: Int, _ write: (inout OutputSpan<UInt8>) -> Void) {
        memory = RequestMemory(capacity: capacity)
        let buffer = unsafe UnsafeMutableBufferPointer(start: memory.base, count: capacity)
        var output = unsafe OutputSpan(buffer: buffer, initializedCount: 0)
        write(&output)
        range = unsafe 0..<output.finalize(for: buffer)
    }

    /// A copy of bytes.
    init(copying bytes: [UInt8]) { self.init(capacity: bytes.count) { $0.append(copying: bytes.span) } }

    var count: Int { range.count }

    func withBytes<R, E: Error>(_ body: (borrowing Span<UInt8>) throws(E) -> R) throws(E) -> R {
        defer { extendLifetime(memory) }
        let bytes = unsafe UnsafeBufferPointer(start: memory.base + range.lowerBound, count: range.count)
        return try body(unsafe Span(_unsafeElements: bytes))
    }

    /// A copy of the bytes.
    var array: [UInt8] { withBytes { bytes in [UInt8](capacity: bytes.count) { $0.append(copying: bytes) } } }
}

extension OTLPBody: Hashable {
    static func == (a: OTLPBody, b: OTLPBody) -> Bool { a.array == b.array }
    func hash(into hasher: inout Hasher) { hasher.combine(array) }
}
