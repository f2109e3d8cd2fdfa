/// What exporters of this package need besides attributes, found without a pass of its own.
extension RecordView {
    /// How the span ended, as ``SpanStatus/code``.
    @export(implementation) package var statusCode: UInt8 { @inline(__always) get { flags & 3 } }

    /// Calls `body` per attribute as it was set, in one pass.
    ///
    /// - Returns: In one bit per tag, what else the record holds; and whether a name may have come twice, in which case
    ///   what `body` did must be undone and done again with ``forEachAttribute(_:)``.
    @export(implementation) @inline(__always)
    package func forEachSetAttribute(
        _ body: (borrowing AttributeView) -> Void
    ) -> (otherParts: UInt32, mayRepeat: Bool) {
        var parts: UInt32 = 0, seen: UInt64 = 0, repeated: UInt64 = 0
        entries.forEachSplit { entry in
            let bit: UInt64 = 1 << (entry.keyClass & 63)
            repeated |= seen & bit
            seen |= bit
            body(entry)
        } others: { entry in
            parts |= 1 << UInt32(entry.tag & 31)
        }
        return (parts, repeated != 0 && entries.repeatsName)
    }

    /// Whether a name stands twice among the attributes; with very many, whether that may be.
    package var repeatsName: Bool { entries.repeatsName }

    /// Whether it is a span that ended, announced or not; costs less to ask than ``kind``.
    @inlinable package var isEndedSpan: Bool {
        @inline(__always)
        get {
            // 1 and 4 are; 2, 3 and 6 have this bit.
            load(4, UInt8.self) & 2 == 0
        }
    }

    /// Start and end, with one conversion less than one by one.
    @inlinable package var times: (start: Timestamp, end: Timestamp) {
        @inline(__always)
        get {
            // Usually both lie shortly before the anchor, and plain arithmetic gives the same.
            let before = clock.ticks &- load(8, UInt64.self), endBefore = clock.ticks &- load(16, UInt64.self)
            if (before | endBefore) &>> 30 | clock.multiplier &>> 33 == 0, clock.nanoseconds &>> 33 != 0 {
                let up: UInt64 = 1 &<< 32 - 1
                let start = clock.nanoseconds &- (before &* clock.multiplier &+ up) &>> 32
                let end = clock.nanoseconds &- (endBefore &* clock.multiplier &+ up) &>> 32
                return (Timestamp(nanoseconds: start), Timestamp(nanoseconds: max(start, end)))
            }
            let start = start
            return (start, max(clock.utc(load(16, UInt64.self)), start))
        }
    }

    /// Where the entries lie, for an encoder that reads them by ``RecordLayout`` itself.
    ///
    /// As in every batch, ``RecordBuffer/slack`` bytes behind them may be read.
    @inlinable package var packedEntries: UnsafeBufferPointer<UInt8> {
        @inline(__always) get { unsafe UnsafeBufferPointer(start: p + 56 + nameCount, count: length - 56 - nameCount) }
    }

    /// Calls `body` per entry of one kind that is no attribute.
    package func forEachPart(_ tag: UInt8, _ body: (borrowing AttributeView) -> Void) {
        entries.forEach { entry in if entry.tag == tag { body(entry) } }
    }
}

extension AttributeView {
    /// Calls `body` per attribute of an entry that holds some itself.
    package func forEachNested(_ body: (borrowing AttributeView) -> Void) { nested.forEachAttribute(body) }
}

/// Bits of ``RecordView/forEachSetAttribute(_:)``.
@frozen @usableFromInline
package enum RecordPart: Sendable {
    @inlinable package static var events: UInt32 { 1 &<< 9 | 1 &<< 10 }
    @inlinable package static var links: UInt32 { 1 &<< 11 }
    @inlinable package static var startAttributes: UInt32 { 1 &<< 13 }
    @inlinable package static var stopAttributes: UInt32 { 1 &<< 14 }
    @inlinable package static var kind: UInt32 { 1 &<< 15 }
    @inlinable package static var dropped: UInt32 { 1 &<< 16 }
    @inlinable package static var rare: UInt32 { events | links | kind | dropped }
}

/// Whether a name is `text`.
package func spells(_ name: borrowing Span<UInt8>, _ text: StaticString) -> Bool {
    guard name.count == text.utf8CodeUnitCount else { return false }
    for place in 0..<name.count where unsafe text.utf8Start[place] != name[place] { return false }
    return true
}
