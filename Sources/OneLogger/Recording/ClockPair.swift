internal import COneLogger
package import OneLoggerCore
internal import Synchronization

/// The time since 1970 and a clock that never jumps, by one reading of the latter.
///
/// How far they are apart is looked at again after a millisecond, so that a time which was set is noticed.
package final class ClockPair: Sendable {
    private let distance = Atomic<UInt64>(0), dueAt = Atomic<UInt64>(0)
    private static let interval: UInt64 = 1_000_000
    /// Two readings that lie further apart say too little about the distance.
    ///
    /// Unit: nanoseconds.
    private static let tolerance: UInt64 = 200

    package init() {}

    package var now: (time: Timestamp, steady: UInt64) {
        let steady = ol_monotonic()
        guard steady >= dueAt.load(ordering: .acquiring) else {
            return (Timestamp(nanoseconds: distance.load(ordering: .relaxed) &+ steady), steady)
        }
        let time = ol_realtime(), after = ol_monotonic()
        if after &- steady < Self.tolerance {
            distance.store(time &- steady, ordering: .relaxed)
            dueAt.store(after &+ Self.interval, ordering: .releasing)
        }
        return (Timestamp(nanoseconds: time), steady)
    }
}
