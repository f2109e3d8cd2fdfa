/// Takes the fields of a typed event, in their order.
///
/// Given to ``TelemetryEvent/encode(to:)``. Numbers, truth values and texts go straight into the record: no allocation
/// unless all of it is longer than about 400 bytes. Nil is kept, as null. A name that is set twice keeps its first place
/// and its last value.
@frozen @safe
public struct EventFields: ~Copyable {
    // A packed record under construction, as `RecordLayout` has it; first in a frame on the caller's stack.
    @usableFromInline package var base, cursor, limit: UnsafeMutableRawPointer
    @usableFromInline var isOnHeap = false
    /// How many fields and attributes did not fit.
    package private(set) var dropped = 0
    /// The first field whose name belongs to every event.
    package private(set) var refused: StaticName?
    /// The thread's block; opaque here.
    @usableFromInline package var block: UnsafeMutableRawPointer?

    /// What fits without going to the heap.
    ///
    /// The frame has 32 bytes more.
    @export(implementation) package static var frameSize: Int { @inline(__always) get { 512 } }

    @export(implementation) @inline(__always)
    package init(_ frame: UnsafeMutableRawPointer) {
        unsafe base = frame
        unsafe cursor = frame
        unsafe limit = frame + Self.frameSize
        unsafe block = nil
    }

    deinit {
        if isOnHeap { unsafe base.deallocate() }
    }

    /// The names that no type can give to a field, because every event has them.
    public static let protectedNames = [
        "attributes", "backend", "emit_time", "event_id", "event_time", "event_type", "name", "node_id", "section",
        "session_id", "span_id", "task_id", "trace_id",
    ]

    /// One bit per length that a protected name has.
    @usableFromInline static var protectedLengths: Int {
        @inlinable @inline(__always) get { 1 &<< 4 | 1 &<< 7 | 1 &<< 8 | 1 &<< 9 | 1 &<< 10 }
    }

    @inline(never) @usableFromInline
    mutating func isProtected(_ name: StaticName) -> Bool {
        let count = name.text.utf8CodeUnitCount
        let text = name.text.description
        guard Self.protectedNames.contains(where: { $0.utf8.count == count && $0 == text }) else { return false }
        refused = refused ?? name
        return true
    }

    /// Counts what was left out elsewhere.
    package mutating func note(dropped more: Int) { dropped += more }

    // MARK: entries

    /// Room for an entry: writes tag and key, and gives the place of the value.
    @export(implementation) @inline(__always)
    mutating func reserve(_ key: StaticName, _ tag: UInt8, _ extra: Int) -> UnsafeMutableRawPointer? {
        let count = key.text.utf8CodeUnitCount
        if count <= 10, Self.protectedLengths & (1 << count) != 0, mayBeProtected(key), isProtected(key) { return nil }
        return unsafe place(key, tag, extra)
    }

    /// The same for an entry that may have every name.
    @export(implementation) @inline(__always)
    mutating func place(_ key: StaticName, _ tag: UInt8, _ extra: Int) -> UnsafeMutableRawPointer? {
        let count = key.text.utf8CodeUnitCount
        guard count <= 255 else { return unsafe drop() }
        if unsafe cursor + (count &+ 2 &+ extra) > limit { guard grow(count &+ 2 &+ extra) else { return nil } }
        let p = unsafe cursor
        unsafe p.storeBytes(of: UInt16(tag) | UInt16(truncatingIfNeeded: count) &<< 8, as: UInt16.self)
        unsafe (p + 2).copyMemory(from: key.text.utf8Start, byteCount: count)
        return unsafe p + 2 + count
    }

    /// A look at two letters spares most names the comparison.
    @export(implementation) @inline(__always)
    func mayBeProtected(_ key: StaticName) -> Bool {
        let text = unsafe key.text.utf8Start, count = key.text.utf8CodeUnitCount
        switch unsafe (text[0], text[count &- 1]) {
        case (97, 115), (98, 100), (101, 101), (101, 100), (110, 101), (110, 100), (115, 110), (115, 100), (116, 100):
            return true  // first and last letters of the names above
        default: return false
        }
    }

    @inline(never) @usableFromInline
    mutating func drop() -> UnsafeMutableRawPointer? {
        dropped += 1
        return nil
    }

    /// Makes room for `need` bytes more; false, and counted, when the record would be too large.
    @inline(never) @usableFromInline
    package mutating func grow(_ need: Int) -> Bool {
        let used = unsafe cursor - base
        guard used + need <= RecordLayout.maximumRecord - 512 else {
            dropped += 1
            return false
        }
        let capacity = unsafe max((limit - base) * 4, used + need + 64)
        let bigger = UnsafeMutableRawPointer.allocate(byteCount: capacity + 32, alignment: 16)
        unsafe bigger.copyMemory(from: base, byteCount: used)
        if isOnHeap { unsafe base.deallocate() }
        isOnHeap = true
        unsafe base = bigger
        unsafe cursor = bigger + used
        unsafe limit = bigger + capacity
        return true
    }

    @export(implementation) @inline(__always)
    mutating func store<T: BitwiseCopyable>(_ key: StaticName, _ tag: UInt8, _ value: T) {
        guard let p = unsafe reserve(key, tag, 8) else { return }
        unsafe p.storeBytes(of: value, as: T.self)
        unsafe cursor = p + 8
    }

    @export(implementation) @inline(__always)
    mutating func store(_ key: StaticName, _ value: String) {
        var value = value
        value.withUTF8 { bytes in
            guard let p = unsafe reserve(key, 4, bytes.count &+ 4) else { return }
            unsafe p.storeBytes(of: UInt32(truncatingIfNeeded: bytes.count), as: UInt32.self)
            if let start = bytes.baseAddress { unsafe (p + 4).copyMemory(from: start, byteCount: bytes.count) }
            unsafe cursor = p + 4 + bytes.count
        }
    }

    /// Null: a field that says nothing.
    @export(implementation) @inline(__always)
    mutating func store(null key: StaticName) { store(key, 17, UInt64(0)) }

    /// A text that every event may have, under its tag.
    @export(implementation) @inline(__always)
    package mutating func store(_ tag: UInt8, _ text: UnsafePointer<UInt8>, _ count: Int) {
        if unsafe cursor + (count &+ 6) > limit { guard grow(count &+ 6) else { return } }
        let p = unsafe cursor
        unsafe p.storeBytes(of: UInt16(tag), as: UInt16.self)
        unsafe (p + 2).storeBytes(of: UInt32(truncatingIfNeeded: count), as: UInt32.self)
        unsafe (p + 6).copyMemory(from: text, byteCount: count)
        unsafe cursor = p + 6 + count
    }

    /// A text that every event may have, under its tag.
    @export(implementation) @inline(__always)
    package mutating func store(_ tag: UInt8, _ text: String) {
        var text = text
        text.withUTF8 { bytes in
            if let start = bytes.baseAddress { unsafe store(tag, start, bytes.count) }
        }
    }

    /// Entries that are packed already.
    @export(implementation) @inline(__always)
    package mutating func store(packed bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        if unsafe cursor + bytes.count > limit { guard grow(bytes.count) else { return } }
        unsafe cursor.copyMemory(from: start, byteCount: bytes.count)
        unsafe cursor += bytes.count
    }

    /// Entries of any shape, packed by the slow writer.
    @discardableResult
    package mutating func append(_ body: (inout RecordBuffer) -> Void) -> Bool {
        var buffer = RecordBuffer(capacity: 128)
        body(&buffer)
        if unsafe cursor + buffer.count > limit { guard grow(buffer.count) else { return false } }
        unsafe cursor.copyMemory(from: buffer.base, byteCount: buffer.count)
        unsafe cursor += buffer.count
        return true
    }

    @inline(never) @usableFromInline
    mutating func store(any key: StaticName, _ value: AttributeValue?) {
        let count = key.text.utf8CodeUnitCount
        if count <= 10, Self.protectedLengths & (1 << count) != 0, isProtected(key) { return }
        let name = key.text.description
        append { buffer in if let value { buffer.append(name, value) } else { buffer.append(null: name) } }
    }
}

@available(*, unavailable) extension EventFields: Sendable {}
