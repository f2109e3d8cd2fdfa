internal import COneLogger
internal import OneLoggerCore

/// Relates the counter's ticks to nanoseconds since 1970.
///
/// Used by the drainer alone, one pass at a time.
///
/// All ticks of a batch lie between two anchors, so the error is that of an anchor, some tens of nanoseconds, and no
/// time is spent on calibration at the start. REALTIME is asked only for its distance to MONOTONIC; a step of the wall
/// clock therefore never bends a duration.
struct TickClock {
    struct Anchor: Sendable {
        var ticks: UInt64, monotonic: UInt64

        /// The narrowest of a few readings of both clocks.
        static func take() -> Anchor {
            var best = Anchor(ticks: 0, monotonic: 0), width = UInt64.max
            for _ in 0..<8 {
                let before = ol_counter(), monotonic = ol_monotonic(), after = ol_counter()
                if after &- before < width {
                    width = after &- before
                    best = Anchor(ticks: before &+ width / 2, monotonic: monotonic)
                }
            }
            return best
        }
    }

    /// Taken when the process makes its first recorder.
    static let origin = Anchor.take()

    private let base = Self.origin
    private var window = Self.origin
    private var offset = ol_realtime() &- ol_monotonic()
    private var rate = 0.0  // nanoseconds per tick in the window before this one
    /// How often the wall clock stepped away from MONOTONIC by more than a tenth of a second.
    private(set) var steps = 0

    /// The scale for stamps up to now.
    ///
    /// `isTrusted` becomes false when the counter does not keep its rate.
    ///
    /// The rate is that from the first anchor to now: exact at both ends, and at a span's end however long ago it began.
    mutating func scale(isTrusted: inout Bool) -> TickScale {
        let now = Anchor.take(), elapsed = now.monotonic &- base.monotonic, ticks = now.ticks &- base.ticks
        guard elapsed > 0, ticks > 0, now.ticks > base.ticks else {
            return TickScale(
                ticks: now.ticks, nanoseconds: now.monotonic &+ offset, multiplier: 1 &<< 32, monotonicOffset: offset)
        }
        let seen = now.monotonic &- window.monotonic
        if seen > 1_000_000_000 {
            let measured = Double(seen) / Double(now.ticks &- window.ticks)
            if rate != 0, abs(measured / rate - 1) > 500e-6 { isTrusted = false }
            rate = measured
            window = now
            let distance = ol_realtime() &- ol_monotonic(), change = Int64(bitPattern: distance &- offset)
            if change.magnitude > 100_000_000 {
                offset = distance
                steps += 1
            }
        }
        return TickScale(
            ticks: now.ticks, nanoseconds: now.monotonic &+ offset,
            multiplier: UInt64(Double(elapsed) / Double(ticks) * 0x1p32), monotonicOffset: offset)
    }

    /// The scale of a clock that is nanoseconds already.
    func monotonicScale() -> TickScale {
        TickScale(ticks: 0, nanoseconds: offset, multiplier: 1 &<< 32, monotonicOffset: offset)
    }
}
