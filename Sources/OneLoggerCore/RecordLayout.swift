internal import COneLogger

/// How a record lies in memory, from the moment it is written by a hot path until an exporter has read it.
///
///      0  u32 length of the whole record        24  u64 span id
///      4  u8  kind (``RecordKind``)             32  u64 parent id, 0 for a root
///      5  u8  flags (below)                     40  u64 trace id, high half
///      6  u16 length of the name                48  u64 trace id, low half
///      8  u64 start, a stamp                    56  the name, then entries
///     16  u64 end, a stamp
///
/// An entry is `u8 tag, u8 key length, key` and then 8 bytes (tags 1 to 3, 15 to 19) or `u32 size` and that many bytes.
/// A typed event has its type as name, the event's time as start and the time of its emission as end; its own fields
/// are ordinary entries, or null.
/// A stamp is a reading of the processor's counter; with bit 63 it is nanoseconds of CLOCK_MONOTONIC, with bits 63 and
/// 62 nanoseconds since 1970. Nothing is aligned. Byte order is the machine's own: records never leave the process.
package enum RecordLayout: Sendable {
    package static let header = Int(OL_RECORD_HEADER)
    package static let maximumKey = 255
    package static let maximumName = 65_535
    /// What a record may hold at most; longer values are cut, and what does not fit is counted.
    ///
    /// Unit: bytes.
    package static let maximumRecord = 1 << 20
    /// What a record made by hand may hold, so that its length always fits its field.
    ///
    /// Unit: bytes.
    package static let maximumLength = Int(UInt32.max) - 64

    package static let statusMask: UInt8 = 3
    package static let remoteParent: UInt8 = 4
    /// A root that announces itself only when it is still open at the next drain.
    package static let lazy: UInt8 = 8
    /// An event that is an application's error.
    package static let isError = UInt8(OL_FLAG_ERROR)

    package static let monotonicBit: UInt64 = 1 << 63
    package static let unixBits: UInt64 = 3 << 62

    /// A stamp that says nanoseconds since 1970.
    package static func stamp(_ time: Timestamp) -> UInt64 { unixBits | min(time.nanoseconds, (1 << 62) - 1) }

    package enum Tag: Sendable {
        package static let int: UInt8 = 1
        package static let double: UInt8 = 2
        package static let bool: UInt8 = 3
        package static let string: UInt8 = 4
        package static let strings: UInt8 = 5
        package static let bools: UInt8 = 6
        package static let ints: UInt8 = 7
        package static let doubles: UInt8 = 8
        /// Key: the name, so at most 255 bytes.
        ///
        /// Value: u64 stamp, entries.
        package static let event = UInt8(OL_TAG_EVENT)
        package static let error = UInt8(OL_TAG_ERROR)
        /// No key.
        ///
        /// Value: trace high, trace low, span id, u8 flags (1 sampled, 2 remote), entries.
        package static let link: UInt8 = 11
        package static let statusMessage: UInt8 = 12
        package static let startAttributes: UInt8 = 13
        package static let stopAttributes: UInt8 = 14
        package static let kind: UInt8 = 15
        package static let dropped: UInt8 = 16
        /// A field of a typed event that says nothing; eight bytes without a meaning.
        package static let null: UInt8 = 17
        /// Both halves of a typed event's id.
        package static let eventID: UInt8 = 20
        package static let session: UInt8 = 21
        package static let backend: UInt8 = 22
        package static let task: UInt8 = 23
        package static let node: UInt8 = 24
        /// The attributes of a typed event, beside its fields.
        package static let eventAttributes: UInt8 = 25
    }
}

/// What a packed record is.
@nonexhaustive
public enum RecordKind: UInt8, Sendable, Hashable {
    /// A span that began and ended.
    case span = 1
    /// A span has begun.
    case start = 2
    /// An event, or an application's error, of a span that announced itself.
    case event = 3
    /// A span that announced itself has ended.
    case stop = 4
    /// An event of a declared type, see ``TelemetryEvent``.
    case typedEvent = 6
}

extension RecordKind {
    /// Not a record: taken out by the drainer.
    package static let void: UInt8 = 0
    /// A span that is timed but not exported; the drainer adds it to the metrics.
    package static let summary = UInt8(OL_KIND_SUMMARY)
}
