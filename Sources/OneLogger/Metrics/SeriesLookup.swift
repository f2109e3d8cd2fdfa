internal import COneLogger
public import OneLoggerCore

/// From attributes to the address of a series.
extension MetricCells {
    /// The series without attributes.
    @inline(__always)
    static func base(_ instrument: UInt) -> UInt {
        let core = unsafe Instrument.at(instrument)
        if let known = unsafe ol_base(core) { return UInt(bitPattern: known) }
        return makeBase(instrument)
    }

    @inline(never)
    private static func makeBase(_ instrument: UInt) -> UInt {
        let none: UInt8 = 0
        return unsafe withUnsafePointer(to: none) { none in
            unsafe UInt(bitPattern: Instrument.of(Instrument.at(instrument)).make(none, 0, 0))
        }
    }

    /// The series with attributes that are known where they are written.
    @inlinable @inline(__always)
    static func find(_ instrument: UInt, _ attributes: AttributeLiteral) -> UInt {
        unsafe withUnsafeTemporaryAllocation(byteCount: SeriesKey.frame, alignment: 16) { frame in
            var key = unsafe SeriesKey(frame.baseAddress.unsafelyUnwrapped)
            for (name, value) in attributes.elements { key.append(name, value) }
            return find(instrument, &key)
        }
    }

    /// The series with attributes made at run time.
    @usableFromInline
    static func find(_ instrument: UInt, _ attributes: Attributes) -> UInt {
        unsafe withUnsafeTemporaryAllocation(byteCount: SeriesKey.frame, alignment: 16) { frame in
            var key = unsafe SeriesKey(frame.baseAddress.unsafelyUnwrapped)
            for (name, value) in attributes { key.append(name, value) }
            return find(instrument, &key)
        }
    }

    @inline(never) @usableFromInline
    static func find(_ instrument: UInt, _ key: inout SeriesKey) -> UInt {
        guard key.count > 0 else { return base(instrument) }
        key.sort()
        let core = unsafe Instrument.at(instrument), count = key.count
        let hash = unsafe ol_hash(key.first, count)
        if let known = unsafe ol_find(core, key.first, count, hash) {
            return UInt(bitPattern: known)
        }
        return unsafe UInt(bitPattern: Instrument.of(core).make(key.first, count, hash))
    }

    // MARK: values without attributes

    @usableFromInline
    static func countUnbound(_ instrument: UInt, _ value: Double) { count(base(instrument), value) }

    @usableFromInline
    static func changeUnbound(_ instrument: UInt, _ value: Double) { change(base(instrument), value) }

    @usableFromInline
    static func setUnbound(_ instrument: UInt, _ value: Double) { set(base(instrument), value) }

    @usableFromInline
    static func recordUnbound(_ instrument: UInt, _ value: Double) { record(base(instrument), value) }
}
