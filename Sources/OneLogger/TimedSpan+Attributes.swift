public import OneLoggerCore

extension TimedSpan {
    /// Room for an entry: writes tag and key, and gives the place of the value.
    ///
    /// Nil when the record is full.
    @export(implementation) @inline(__always)
    mutating func reserve(
        _ key: UnsafePointer<UInt8>, _ count: Int, _ tag: UInt8, _ extra: Int
    ) -> UnsafeMutableRawPointer? {
        if unsafe cursor + (count &+ 2 &+ extra) > limit {
            guard unsafe block != nil, grow(count + 2 + extra) else { return nil }
        }
        let p = unsafe cursor
        unsafe p.storeBytes(of: UInt16(tag) | UInt16(truncatingIfNeeded: count) &<< 8, as: UInt16.self)
        unsafe shortCopy(p + 2, key, count)
        return unsafe p + 2 + count
    }

    @export(implementation) @inline(__always)
    mutating func reserve(_ key: StaticName, _ tag: UInt8, _ extra: Int) -> UnsafeMutableRawPointer? {
        let count = key.text.utf8CodeUnitCount
        guard count <= 255 else { return unsafe reserveCut(key, tag, extra) }
        return unsafe reserve(key.text.utf8Start, count, tag, extra)
    }

    /// A key that is too long is cut at a character boundary.
    @inline(never) @usableFromInline
    mutating func reserveCut(_ key: StaticName, _ tag: UInt8, _ extra: Int) -> UnsafeMutableRawPointer? {
        let bytes = unsafe UnsafeBufferPointer(start: key.text.utf8Start, count: key.text.utf8CodeUnitCount)
        let count = unsafe characterBoundary(bytes, atMost: RecordLayout.maximumKey)
        return unsafe reserve(key.text.utf8Start, count, tag, extra)
    }

    @export(implementation) @inline(__always)
    mutating func store<T: BitwiseCopyable>(_ key: StaticName, _ tag: UInt8, _ value: T) {
        guard let p = unsafe reserve(key, tag, 8) else { return }
        unsafe p.storeBytes(of: value, as: T.self)
        unsafe cursor = p + 8
    }

    @export(implementation) @inline(__always)
    mutating func store(_ key: StaticName, _ text: UnsafePointer<UInt8>, _ count: Int) {
        guard let p = unsafe reserve(key, 4, count &+ 4) else { return unsafe storeCut(key, text, count) }
        unsafe p.storeBytes(of: UInt32(truncatingIfNeeded: count), as: UInt32.self)
        unsafe shortCopy(p + 4, text, count)
        unsafe cursor = p + 4 + count
    }

    @export(implementation) @inline(__always)
    mutating func store(_ key: StaticName, _ value: String) {
        guard unsafe block != nil else { return }
        storeText(key, value)
    }

    /// Out of line: the many shapes of a `String` would keep the body of a span from being inlined.
    @inline(never) @usableFromInline
    mutating func storeText(_ key: StaticName, _ value: String) {
        let stored: Void? = unsafe value.utf8.withContiguousStorageIfAvailable { bytes in
            if let start = bytes.baseAddress {
                unsafe store(key, start, bytes.count)
            } else {
                unsafe store(key, key.text.utf8Start, 0)
            }
        }
        guard stored == nil else { return }
        var copy = value
        copy.makeContiguousUTF8()
        storeText(key, copy)
    }

    @export(implementation) @inline(__always)
    mutating func store(_ key: StaticName, _ value: PlainValue) {
        switch value {
        case .int(let value): store(key, 1, value)
        case .double(let value): store(key, 2, value)
        case .bool(let value): store(key, 3, value ? 1 : 0)
        case .text(let value):
            unsafe store(key, value.text.utf8Start, value.text.utf8CodeUnitCount)
        }
    }

    @export(implementation) @inline(__always)
    mutating func store(_ key: StaticName, _ value: OwnedValue) {
        switch value {
        case .int(let value): store(key, 1, value)
        case .double(let value): store(key, 2, value)
        case .bool(let value): store(key, 3, value ? 1 : 0)
        case .string(let value): store(key, value)
        }
    }

    @inlinable
    mutating func store(_ key: StaticName, _ value: AttributeValue) {
        switch value {
        case .int(let value): store(key, 1, value)
        case .double(let value): store(key, 2, value)
        case .bool(let value): store(key, 3, value ? 1 : 0)
        case .string(let value): store(key, value)
        default: storeList(key, value)
        }
    }

    @export(implementation) @inline(__always)
    mutating func store(_ attributes: PlainAttributes) {
        for (key, value) in attributes.elements { store(key, value) }
    }

    @export(implementation) @inline(__always)
    mutating func store(_ attributes: AttributeLiteral) {
        for (key, value) in attributes.elements { store(key, value) }
    }

    /// Sets an attribute; the last value of a key counts.
    ///
    /// - Parameters:
    ///   - key: Made at run time; its bytes are copied, cut to 255.
    ///   - value: A value of any shape; a list allocates.
    public mutating func set(_ key: String, _ value: AttributeValue) {
        guard isRecording else { return }
        HotPath.append(&self) { $0.append(key, value) }
    }

    /// Sets all of them; the last value of a key counts.
    public mutating func set(_ attributes: Attributes) {
        guard isRecording, !attributes.isEmpty else { return }
        for (key, value) in attributes { set(key, value) }
    }

    @inline(never) @usableFromInline
    mutating func storeList(_ key: StaticName, _ value: AttributeValue) { set(key.text.description, value) }

    /// The record is full: a text is cut to what fits.
    @inline(never) @usableFromInline
    mutating func storeCut(_ key: StaticName, _ text: UnsafePointer<UInt8>, _ count: Int) {
        let rest = unsafe RecordLayout.maximumRecord - (cursor - base) - key.text.utf8CodeUnitCount - 1024
        guard rest > 0 else { return }
        let bytes = unsafe UnsafeBufferPointer(start: text, count: count)
        let fitting = unsafe characterBoundary(bytes, atMost: min(rest, count))
        guard fitting < count, let p = unsafe reserve(key, 4, fitting + 4) else { return }
        unsafe p.storeBytes(of: UInt32(fitting), as: UInt32.self)
        unsafe (p + 4).copyMemory(from: text, byteCount: fitting)
        unsafe cursor = p + 4 + fitting
    }

    /// Makes room for `need` bytes more; false when nothing is recorded, and, counted, when the record would be too large.
    @inline(never) @usableFromInline
    mutating func grow(_ need: Int) -> Bool {
        guard isRecording else { return false }
        guard unsafe cursor - base + need <= RecordLayout.maximumRecord - 512 else {
            dropped &+= 1
            flags |= Self.full
            return false
        }
        moveToHeap(need)
        return true
    }

    /// Gives the frame the room that a span has which is recorded.
    @inline(__always)
    mutating func openFrame() {
        if flags & Self.onHeap == 0 { unsafe limit = base + Self.frameSize }
    }

    /// Moves the frame to the heap, four times as large.
    mutating func moveToHeap(_ need: Int) {
        let used = unsafe cursor - base
        let capacity = unsafe max((limit - base) * 4, used + need + 64)
        let bigger = UnsafeMutableRawPointer.allocate(byteCount: capacity + 32, alignment: 16)
        unsafe bigger.copyMemory(from: base, byteCount: used)
        // A frame on the caller's stack frees itself; an asynchronous span's frame is on the heap to begin with.
        if flags & (Self.onHeap | Self.asynchronous) != 0 { unsafe base.deallocate() }
        flags |= Self.onHeap
        unsafe base = bigger
        unsafe cursor = bigger + used
        unsafe limit = bigger + capacity
    }
}

/// Copies a short run of bytes without a call: at most 16 bytes as two overlapping words.
@export(implementation) @inline(__always)
func shortCopy(_ to: UnsafeMutableRawPointer, _ from: UnsafePointer<UInt8>, _ n: Int) {
    let from = unsafe UnsafeRawPointer(from)
    if n >= 8 {
        if n > 16 {
            unsafe to.copyMemory(from: from, byteCount: n)
            return
        }
        let a = unsafe from.loadUnaligned(as: UInt64.self), b = unsafe (from + (n - 8)).loadUnaligned(as: UInt64.self)
        unsafe to.storeBytes(of: a, as: UInt64.self)
        unsafe (to + (n - 8)).storeBytes(of: b, as: UInt64.self)
    } else if n >= 4 {
        let a = unsafe from.loadUnaligned(as: UInt32.self), b = unsafe (from + (n - 4)).loadUnaligned(as: UInt32.self)
        unsafe to.storeBytes(of: a, as: UInt32.self)
        unsafe (to + (n - 4)).storeBytes(of: b, as: UInt32.self)
    } else if n > 0 {
        let a = unsafe from.load(as: UInt8.self), b = unsafe (from + n / 2).load(as: UInt8.self)
        let c = unsafe (from + (n - 1)).load(as: UInt8.self)
        unsafe to.storeBytes(of: a, as: UInt8.self)
        unsafe (to + n / 2).storeBytes(of: b, as: UInt8.self)
        unsafe (to + (n - 1)).storeBytes(of: c, as: UInt8.self)
    }
}
