/// Entries that are no fields of a type, so that every name is theirs: attributes of events and of spans.
extension EventFields {
    /// Adds a text.
    @export(implementation) @inline(__always)
    package mutating func attribute(_ key: StaticName, _ value: String) {
        var value = value
        value.withUTF8 { bytes in
            guard let p = unsafe place(key, RecordLayout.Tag.string, bytes.count &+ 4) else { return }
            unsafe p.storeBytes(of: UInt32(truncatingIfNeeded: bytes.count), as: UInt32.self)
            if let start = bytes.baseAddress { unsafe (p + 4).copyMemory(from: start, byteCount: bytes.count) }
            unsafe cursor = p + 4 + bytes.count
        }
    }

    /// Adds a number.
    @export(implementation) @inline(__always)
    package mutating func attribute(_ key: StaticName, _ value: Double) {
        guard let p = unsafe place(key, RecordLayout.Tag.double, 8) else { return }
        unsafe p.storeBytes(of: value, as: Double.self)
        unsafe cursor = p + 8
    }

    /// Adds a truth value.
    @export(implementation) @inline(__always)
    package mutating func attribute(_ key: StaticName, _ value: Bool) {
        guard let p = unsafe place(key, RecordLayout.Tag.bool, 8) else { return }
        unsafe p.storeBytes(of: value ? 1 : 0, as: UInt64.self)
        unsafe cursor = p + 8
    }

    /// Adds a list of texts.
    package mutating func attribute(_ key: StaticName, _ values: [String]) {
        let size = values.reduce(0) { $0 + 4 + $1.utf8.count }
        guard var p = unsafe place(key, RecordLayout.Tag.strings, size &+ 4) else { return }
        unsafe p.storeBytes(of: UInt32(truncatingIfNeeded: size), as: UInt32.self)
        unsafe p += 4
        for var value in values {
            value.withUTF8 { bytes in
                unsafe p.storeBytes(of: UInt32(truncatingIfNeeded: bytes.count), as: UInt32.self)
                if let start = bytes.baseAddress { unsafe (p + 4).copyMemory(from: start, byteCount: bytes.count) }
                unsafe p += 4 + bytes.count
            }
        }
        unsafe cursor = p
    }

    /// Adds attributes of any names and shapes.
    @export(implementation) @inline(__always)
    package mutating func attributes(_ all: Attributes) {
        if !all.isEmpty { slow(all) }
    }

    @inline(never) @usableFromInline
    mutating func slow(_ all: Attributes) {
        for (key, value) in all { append { $0.append(key, value) } }
    }

    /// Adds an entry that holds what `body` adds.
    @export(implementation) @inline(__always)
    package mutating func nested(_ tag: UInt8, _ body: (inout EventFields) -> Void) {
        if unsafe cursor + 6 > limit { guard grow(6) else { return } }  // counted there
        let place = unsafe cursor - base
        unsafe cursor.storeBytes(of: UInt16(tag), as: UInt16.self)
        unsafe cursor += 6
        body(&self)
        let size = unsafe cursor - base - place - 6
        unsafe (base + place + 2).storeBytes(of: UInt32(truncatingIfNeeded: size), as: UInt32.self)
    }

    /// Writes the head of a record and leaves the place of its entries open; the length is written at the end.
    ///
    /// The lowest byte of `word` is the kind, the next one the flags.
    @export(implementation) @inline(__always)
    package mutating func head(
        _ word: UInt64, _ name: UnsafePointer<UInt8>, _ count: Int, _ start: UInt64, _ end: UInt64,
        _ context: SpanContext, _ parent: SpanID
    ) {
        let p = unsafe base
        unsafe p.storeBytes(of: word &<< 32 | UInt64(truncatingIfNeeded: count) &<< 48, as: UInt64.self)
        unsafe (p + 8).storeBytes(of: start, as: UInt64.self)
        unsafe (p + 16).storeBytes(of: end, as: UInt64.self)
        unsafe (p + 24).storeBytes(of: context.spanID.value, as: UInt64.self)
        unsafe (p + 32).storeBytes(of: parent.value, as: UInt64.self)
        unsafe (p + 40).storeBytes(of: context.traceID.high, as: UInt64.self)
        unsafe (p + 48).storeBytes(of: context.traceID.low, as: UInt64.self)
        unsafe cursor = p + RecordLayout.header
        if count > Self.frameSize - RecordLayout.header { _ = grow(count) }
        unsafe cursor.copyMemory(from: name, byteCount: count)
        unsafe cursor += count
    }
}
