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
///
/// The numbers are inlinable getters: a stored constant of another module is a call with a lock behind it.
@usableFromInline
package enum RecordLayout: Sendable {
    @export(implementation) package static var header: Int { @inline(__always) get { 56 } }
    @export(implementation) package static var maximumKey: Int { @inline(__always) get { 255 } }
    @export(implementation) package static var maximumName: Int { @inline(__always) get { 65_535 } }
    /// What a record may hold at most; longer values are cut, and what does not fit is counted.
    ///
    /// Unit: bytes.
    @export(implementation) package static var maximumRecord: Int { @inline(__always) get { 1 << 20 } }
    /// What a record made by hand may hold, so that its length always fits its field.
    ///
    /// Unit: bytes.
    @export(implementation) package static var maximumLength: Int { @inline(__always) get { Int(UInt32.max) - 64 } }

    @export(implementation) package static var statusMask: UInt8 { @inline(__always) get { 3 } }
    @export(implementation) package static var remoteParent: UInt8 { @inline(__always) get { 4 } }
    /// A root that announces itself only when it is still open at the next drain.
    @export(implementation) package static var lazy: UInt8 { @inline(__always) get { 8 } }
    /// An event that is an application's error.
    @export(implementation) package static var isError: UInt8 { @inline(__always) get { 16 } }

    @export(implementation) package static var monotonicBit: UInt64 { @inline(__always) get { 1 &<< 63 } }
    @export(implementation) package static var unixBits: UInt64 { @inline(__always) get { 3 &<< 62 } }

    /// A stamp that says nanoseconds since 1970.
    package static func stamp(_ time: Timestamp) -> UInt64 { unixBits | min(time.nanoseconds, (1 &<< 62) - 1) }

    @usableFromInline
    package enum Tag: Sendable {
        @export(implementation) package static var int: UInt8 { @inline(__always) get { 1 } }
        @export(implementation) package static var double: UInt8 { @inline(__always) get { 2 } }
        @export(implementation) package static var bool: UInt8 { @inline(__always) get { 3 } }
        @export(implementation) package static var string: UInt8 { @inline(__always) get { 4 } }
        @export(implementation) package static var strings: UInt8 { @inline(__always) get { 5 } }
        @export(implementation) package static var bools: UInt8 { @inline(__always) get { 6 } }
        @export(implementation) package static var ints: UInt8 { @inline(__always) get { 7 } }
        @export(implementation) package static var doubles: UInt8 { @inline(__always) get { 8 } }
        /// Key: the name, so at most 255 bytes.
        ///
        /// Value: u64 stamp, entries.
        @export(implementation) package static var event: UInt8 { @inline(__always) get { 9 } }
        @export(implementation) package static var error: UInt8 { @inline(__always) get { 10 } }
        /// No key.
        ///
        /// Value: trace high, trace low, span id, u8 flags (1 sampled, 2 remote), entries.
        @export(implementation) package static var link: UInt8 { @inline(__always) get { 11 } }
        @export(implementation) package static var statusMessage: UInt8 { @inline(__always) get { 12 } }
        @export(implementation) package static var startAttributes: UInt8 { @inline(__always) get { 13 } }
        @export(implementation) package static var stopAttributes: UInt8 { @inline(__always) get { 14 } }
        @export(implementation) package static var kind: UInt8 { @inline(__always) get { 15 } }
        @export(implementation) package static var dropped: UInt8 { @inline(__always) get { 16 } }
        /// A field of a typed event that says nothing; eight bytes without a meaning.
        @export(implementation) package static var null: UInt8 { @inline(__always) get { 17 } }
        /// Both halves of a typed event's id.
        @export(implementation) package static var eventID: UInt8 { @inline(__always) get { 20 } }
        @export(implementation) package static var session: UInt8 { @inline(__always) get { 21 } }
        @export(implementation) package static var backend: UInt8 { @inline(__always) get { 22 } }
        @export(implementation) package static var task: UInt8 { @inline(__always) get { 23 } }
        @export(implementation) package static var node: UInt8 { @inline(__always) get { 24 } }
        /// The attributes of a typed event, beside its fields.
        @export(implementation) package static var eventAttributes: UInt8 { @inline(__always) get { 25 } }
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
    @export(implementation) package static var void: UInt8 { @inline(__always) get { 0 } }
    /// A span that is timed but not exported; the drainer adds it to the metrics.
    @export(implementation) package static var summary: UInt8 { @inline(__always) get { 5 } }
}
