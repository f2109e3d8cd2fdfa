internal import COneLogger
public import OneLoggerCore

/// Attributes given with a value, packed on the caller's stack: what the series of an instrument are looked up by.
///
/// Entries as `RecordLayout` has them, so that a series can give its attributes back. What is longer than the frame
/// goes to the heap.
@frozen @safe @usableFromInline
struct SeriesKey: ~Copyable {
    @usableFromInline var base, cursor, limit: UnsafeMutableRawPointer
    @usableFromInline var isOnHeap = false

    /// What the caller gives: room for 256 bytes, and 32 more because copies work in whole blocks.
    @usableFromInline static var frame: Int { @inlinable @inline(__always) get { 288 } }

    @inlinable @inline(__always)
    init(_ frame: UnsafeMutableRawPointer) {
        unsafe base = frame
        unsafe cursor = frame
        unsafe limit = frame + 256
    }

    @inlinable @inline(__always)
    deinit { if isOnHeap { unsafe base.deallocate() } }

    var count: Int { unsafe cursor - base }
    var first: UnsafePointer<UInt8> { unsafe UnsafePointer(base.assumingMemoryBound(to: UInt8.self)) }

    /// Writes tag and name, and gives the place of the value.
    @inlinable @inline(__always)
    mutating func reserve(
        _ name: UnsafePointer<UInt8>, _ count: Int, _ tag: UInt8, _ extra: Int
    ) -> UnsafeMutableRawPointer {
        if unsafe cursor + (count &+ 2 &+ extra) > limit { grow(count &+ 2 &+ extra) }
        let count = count <= 255 ? count : unsafe Self.cut(name, count), p = unsafe cursor
        unsafe p.storeBytes(of: UInt16(tag) | UInt16(truncatingIfNeeded: count) &<< 8, as: UInt16.self)
        unsafe shortCopy(p + 2, name, count)
        return unsafe p + 2 + count
    }

    @inlinable @inline(__always)
    mutating func append<T: BitwiseCopyable>(_ name: UnsafePointer<UInt8>, _ count: Int, _ tag: UInt8, _ value: T) {
        let p = unsafe reserve(name, count, tag, 8)
        unsafe p.storeBytes(of: value, as: T.self)
        unsafe cursor = p + 8
    }

    @inlinable @inline(__always)
    mutating func append(_ name: UnsafePointer<UInt8>, _ count: Int, text: String) {
        var text = text
        text.withUTF8 { bytes in
            let p = unsafe reserve(name, count, 4, bytes.count &+ 4)
            unsafe p.storeBytes(of: UInt32(truncatingIfNeeded: bytes.count), as: UInt32.self)
            if let start = bytes.baseAddress { unsafe shortCopy(p + 4, start, bytes.count) }
            unsafe cursor = p + 4 + bytes.count
        }
    }

    @inlinable @inline(__always)
    mutating func append(_ name: StaticName, _ value: OwnedValue) {
        let start = unsafe name.text.utf8Start, count = name.text.utf8CodeUnitCount
        switch value {
        case .int(let value): unsafe append(start, count, 1, value)
        case .double(let value): unsafe append(start, count, 2, value)
        case .bool(let value): unsafe append(start, count, 3, value ? 1 : 0)
        case .string(let value): unsafe append(start, count, text: value)
        }
    }

    @inline(never)
    mutating func append(_ name: String, _ value: AttributeValue) {
        var name = name
        let isDone = name.withUTF8 { bytes in
            guard let start = bytes.baseAddress else { return false }
            switch value {
            case .int(let value): unsafe append(start, bytes.count, 1, value)
            case .double(let value): unsafe append(start, bytes.count, 2, value)
            case .bool(let value): unsafe append(start, bytes.count, 3, value ? 1 : 0)
            case .string(let value): unsafe append(start, bytes.count, text: value)
            default: return false
            }
            return true
        }
        if !isDone { appendPacked(name, value) }
    }

    /// Lists, which are rare; allocates.
    private mutating func appendPacked(_ name: String, _ value: AttributeValue) {
        var buffer = RecordBuffer(capacity: 64)
        buffer.append(name, value)
        if unsafe cursor + buffer.count > limit { grow(buffer.count) }
        unsafe cursor.copyMemory(from: buffer.base, byteCount: buffer.count)
        unsafe cursor += buffer.count
    }

    /// A name that is too long is cut at a character boundary.
    @inline(never) @usableFromInline
    static func cut(_ name: UnsafePointer<UInt8>, _ count: Int) -> Int {
        unsafe characterBoundary(UnsafeBufferPointer(start: name, count: count), atMost: RecordLayout.maximumKey)
    }

    @inline(never) @usableFromInline
    mutating func grow(_ need: Int) {
        let count = count, capacity = unsafe max((limit - base) * 4, count + need)
        let bigger = UnsafeMutableRawPointer.allocate(byteCount: capacity + 32, alignment: 16)
        unsafe bigger.copyMemory(from: base, byteCount: count)
        if isOnHeap { unsafe base.deallocate() }
        isOnHeap = true
        unsafe base = bigger
        unsafe cursor = bigger + count
        unsafe limit = bigger + capacity
    }
}

@available(*, unavailable) extension SeriesKey: Sendable {}

/// The order of entries in a key: shorter names first, then by their bytes, because lengths differ soonest.
///
/// Two sets of attributes are the same series in whatever order they were written.
extension SeriesKey {
    private typealias Entry = UnsafePointer<UInt8>

    /// Below zero when `a`'s name comes first, zero when the names are the same.
    private static func order(_ a: Entry, _ b: Entry) -> Int {
        let count = unsafe a[1].int, difference = unsafe count - b[1].int
        guard difference == 0 else { return difference }
        for i in 0..<count {
            let difference = unsafe a[2 + i].int - b[2 + i].int
            if difference != 0 { return difference }
        }
        return 0
    }

    private static func length(_ entry: Entry) -> Int {
        let name = unsafe 2 + entry[1].int
        guard unsafe entry[0] > 3 else { return name + 8 }
        return unsafe name + 4 + UnsafeRawPointer(entry + name).loadUnaligned(as: UInt32.self).int
    }

    /// Puts the entries in order; of those with one name the last stays.
    mutating func sort() {
        let start = unsafe first, end = unsafe start + count
        var previous = unsafe start, next = unsafe start + Self.length(start)
        while unsafe next < end {
            guard unsafe Self.order(previous, next) < 0 else { return sortEntries() }
            unsafe previous = next
            unsafe next += Self.length(next)
        }
    }

    /// An insertion sort over a copy.
    @inline(never)
    private mutating func sortEntries() {
        let count = count
        // The shortest entry has 10 bytes.
        unsafe withUnsafeTemporaryAllocation(of: Entry.self, capacity: count / 10 + 1) { entries in
            unsafe withUnsafeTemporaryAllocation(byteCount: count, alignment: 16) { copy in
                let from = unsafe copy.baseAddress.unsafelyUnwrapped
                unsafe from.copyMemory(from: base, byteCount: count)
                var entry = unsafe Entry(from.assumingMemoryBound(to: UInt8.self)), known = 0
                let end = unsafe entry + count
                while unsafe entry < end {
                    var place = known
                    while place > 0, unsafe Self.order(entry, entries[place - 1]) < 0 { place -= 1 }
                    if place > 0, unsafe Self.order(entry, entries[place - 1]) == 0 {
                        unsafe entries[place - 1] = entry
                    } else {
                        var i = known
                        while i > place {
                            unsafe entries[i] = entries[i - 1]
                            i -= 1
                        }
                        unsafe entries[place] = entry
                        known += 1
                    }
                    unsafe entry += Self.length(entry)
                }
                unsafe cursor = base
                for i in 0..<known {
                    let length = unsafe Self.length(entries[i])
                    unsafe cursor.copyMemory(from: entries[i], byteCount: length)
                    unsafe cursor += length
                }
            }
        }
    }
}
