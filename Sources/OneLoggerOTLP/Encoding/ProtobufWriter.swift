internal import OneLoggerCore

/// Writes protobuf into memory that it grows, in one pass: a length gets as many bytes as it likely needs, and what
/// follows is moved when the guess was wrong, so that every number has its shortest form.
///
/// Requests are handed out where they were written. The memory is used again once nobody holds one any more.
@safe
struct ProtobufWriter: ~Copyable, MessageWriter, @unchecked Sendable {  // writes alone, see RequestMemory
    private var memory: RequestMemory
    /// Where the items of the next request begin; before them is ``room`` for what stands around them.
    private(set) var base: UnsafeMutablePointer<UInt8>
    private var room = 0
    private var limit: UnsafeMutablePointer<UInt8>
    /// Where the next byte goes.
    var p: UnsafeMutablePointer<UInt8>

    init() {
        memory = RequestMemory(capacity: 1 << 12)
        unsafe base = memory.base
        unsafe limit = base + memory.capacity
        unsafe p = base
    }

    var count: Int {
        @inline(__always)
        get {
            unsafe assert(p <= limit, "something was written that nobody reserved")
            return unsafe p - base
        }
    }

    mutating func truncate(to count: Int) { unsafe p = base + count }

    borrowing func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        unsafe body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// The most that a packed byte becomes is four (a truth value in a list); the rest is for names and numbers.
    @inline(__always)
    mutating func reserve(record bytes: Int) { reserve(bytes * 4 + 1024) }

    @inline(__always)
    mutating func reserve(_ more: Int) {
        unsafe assert(p <= limit, "something was written that nobody reserved")
        if unsafe p + more > limit { grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        let used = count
        unsafe move(
            UnsafeRawBufferPointer(start: base, count: used),
            to: RequestMemory(capacity: max(memory.capacity * 2, room + used + more)), at: 0)
    }

    /// Goes on in other memory, or elsewhere in this one, with some bytes that are written already.
    private mutating func move(_ bytes: UnsafeRawBufferPointer, to memory: RequestMemory, at place: Int) {
        unsafe base = memory.base + place + room
        if let start = bytes.baseAddress {
            unsafe UnsafeMutableRawPointer(base).copyMemory(from: start, byteCount: bytes.count)
        }
        unsafe limit = memory.base + memory.capacity
        unsafe p = base + bytes.count
        self.memory = memory
    }

    // MARK: requests

    mutating func open(_ frame: borrowing RequestFrame) {
        room = frame.overhead
        // What one large batch needed is not kept for ever.
        let used = unsafe p - memory.base, isTooLarge = memory.capacity > Self.usual && used < memory.capacity / 8
        if !isKnownUniquelyReferenced(&memory) || isTooLarge || memory.capacity < room {
            memory = RequestMemory(capacity: max(isTooLarge ? memory.capacity / 2 : memory.capacity, room))
        }
        unsafe move(UnsafeRawBufferPointer(start: nil, count: 0), to: memory, at: 0)
    }

    /// More than a batch of the recorder becomes.
    ///
    /// Unit: bytes.
    private static var usual: Int { 2 << 20 }

    mutating func cut(_ signal: OTLPSignal, _ frame: borrowing RequestFrame, at end: Int) -> OTLPBody {
        let inner = frame.scope.count + end, rest = count - end
        let outer = frame.resource.count + 1 + Self.size(UInt64(inner)) + inner
        let head = 1 + Self.size(UInt64(outer)) + outer - end
        precondition(head <= room, "room was made for another frame")
        let start = unsafe base - memory.base - head, next = start + head + end
        unsafe p = base - head
        store(0x0a as UInt8)
        varint(UInt64(outer))
        append(frame.resource)
        store(0x12 as UInt8)
        varint(UInt64(inner))
        append(frame.scope)
        let body = OTLPBody(memory, start..<next)
        let tail = unsafe UnsafeRawBufferPointer(start: base + end, count: rest)
        if next + room + rest <= memory.capacity {
            unsafe move(tail, to: memory, at: next)
        } else {
            unsafe move(tail, to: RequestMemory(capacity: max(memory.capacity, room + rest)), at: 0)
        }
        return body
    }

    private mutating func append(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress {
                unsafe UnsafeMutableRawPointer(p).copyMemory(from: start, byteCount: bytes.count)
            }
        }
        unsafe p += bytes.count
    }

    // MARK: parts of fields

    @inline(__always)
    mutating func store<T: BitwiseCopyable>(_ value: T) {
        unsafe UnsafeMutableRawPointer(p).storeBytes(of: value, as: T.self)
        unsafe p += MemoryLayout<T>.size
    }

    /// A field's number and wire type: 0 varint, 1 eight bytes, 2 a length, 5 four bytes.
    @inline(__always)
    mutating func tag(_ number: UInt8, _ type: UInt8) {
        if number < 16 {
            store(number << 3 | type)
        } else {
            store(UInt8(number << 3 | type) | 0x80)
            store(number >> 4)
        }
    }

    @inline(__always)
    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            store(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        store(UInt8(truncatingIfNeeded: rest))
    }

    /// How many bytes a number takes.
    @inline(__always)
    static func size(_ value: UInt64) -> Int { ((70 &- (value | 1).leadingZeroBitCount) &* 37) >> 8 }

    // MARK: messages

    @inline(__always)
    mutating func begin(_ number: UInt8, _ name: StaticString) -> MessageMark { beginItem(number, isLong: false) }

    @inline(__always)
    mutating func beginItem(_ number: UInt8, isLong: Bool) -> MessageMark {
        let place = count
        tag(number, 2)
        unsafe p += isLong ? 2 : 1
        return MessageMark(place: place, content: place &+ (isLong ? 3 : 2))
    }

    @inline(__always)
    mutating func end(_ mark: MessageMark) {
        let size = UInt64(truncatingIfNeeded: count &- mark.content), wide = size >= 128
        // Only one byte of a tag was written when its number is below 16, as all numbers of messages here are.
        let room = mark.content &- mark.place &- 1
        if room == (wide ? 2 : 1), size < 1 << 14 {
            let slot = unsafe base + mark.place + 1
            unsafe slot[0] = UInt8(truncatingIfNeeded: size) | (wide ? 0x80 : 0)
            if wide { unsafe slot[1] = UInt8(truncatingIfNeeded: size >> 7) }
        } else {
            move(mark)
        }
    }

    /// Gives the length the room that it needs.
    @inline(never)
    private mutating func move(_ mark: MessageMark) {
        let size = count - mark.content, needed = Self.size(UInt64(size)), target = mark.place + 1 + needed
        if needed > mark.content - mark.place - 1 { reserve(8) }
        unsafe UnsafeMutableRawPointer(base + target).copyMemory(from: base + mark.content, byteCount: size)
        unsafe p = base + mark.place + 1
        varint(UInt64(size))
        unsafe p = base + target + size
    }

    func nothing(_ name: StaticString, isList: Bool) {}

    func beginList(_ name: StaticString) -> MessageMark { MessageMark(place: 0, content: 0) }
    func endList(_ mark: MessageMark) {}

    // MARK: fields

    @inline(__always)
    mutating func fixed64(_ number: UInt8, _ name: StaticString, _ value: UInt64) {
        guard value != 0 else { return }
        tag(number, 1)
        store(value)
    }

    @inline(__always)
    mutating func fixed32(_ number: UInt8, _ name: StaticString, _ value: UInt32) {
        guard value != 0 else { return }
        tag(number, 5)
        store(value)
    }

    @inline(__always)
    mutating func small(_ number: UInt8, _ name: StaticString, _ value: UInt32) {
        guard value != 0 else { return }
        tag(number, 0)
        varint(UInt64(value))
    }

    mutating func zigzag(_ number: UInt8, _ name: StaticString, _ value: Int32) {
        small(number, name, UInt32(bitPattern: value << 1 ^ value >> 31))
    }

    mutating func int(_ number: UInt8, _ name: StaticString, _ value: Int) {
        tag(number, 0)
        varint(UInt64(bitPattern: Int64(value)))
    }

    mutating func double(_ number: UInt8, _ name: StaticString, _ value: Double) {
        tag(number, 1)
        store(value)
    }

    mutating func bool(_ number: UInt8, _ name: StaticString, _ value: Bool) {
        tag(number, 0)
        store(UInt8(value ? 1 : 0))
    }

    @inline(__always)
    mutating func id(_ number: UInt8, _ name: StaticString, _ value: UInt64) {
        tag(number, 2)
        store(UInt8(8))
        store(value.bigEndian)
    }

    @inline(__always)
    mutating func id(_ number: UInt8, _ name: StaticString, _ high: UInt64, _ low: UInt64) {
        tag(number, 2)
        store(UInt8(16))
        store(high.bigEndian)
        store(low.bigEndian)
    }

    mutating func counts(_ number: UInt8, _ name: StaticString, _ values: [Int], isFixed: Bool) {
        packed(number, values) { writer, value in
            let bits = UInt64(bitPattern: Int64(value))
            if isFixed { writer.store(bits) } else { writer.varint(bits) }
        }
    }

    mutating func doubles(_ number: UInt8, _ name: StaticString, _ values: [Double]) {
        packed(number, values) { $0.store($1) }
    }

    private mutating func packed<T>(_ number: UInt8, _ values: [T], _ write: (inout Self, T) -> Void) {
        guard !values.isEmpty else { return }
        reserve(values.count * 10 + 16)
        let list = beginItem(number, isLong: false)
        for value in values { write(&self, value) }
        end(list)
    }

    @inline(__always)
    mutating func digit(_ number: UInt8, _ name: StaticString, _ value: UInt8) -> Int {
        tag(number, 0)
        store(value)
        return count - 1
    }

    mutating func setDigit(at place: Int, _ value: UInt8) { unsafe base[place] = value }
}
