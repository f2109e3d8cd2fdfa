/// Durations as people read them.
package enum DurationText: Sendable {
    /// Three significant digits and the unit that fits: `850 ns`, `12.3 µs`, `4.10 ms`, `1.50 s`, `2.05 min`, `26.5 h`.
    ///
    /// Never longer than eight characters below a million hours.
    ///
    /// - Parameters:
    ///   - nanoseconds: The duration. Unit: nanoseconds.
    ///   - ascii: Write `us` for `µs`.
    /// - Returns: A number, a space and a unit.
    package static func short(_ nanoseconds: UInt64, ascii: Bool = false) -> String {
        guard nanoseconds >= 1000 else { return "\(nanoseconds) ns" }
        for unit in units {
            let (whole, fraction) = threeDigits(nanoseconds, unit.length)
            if whole >= unit.limit { continue }
            return "\(whole)\(fraction) \(ascii && unit.name == "µs" ? "us" : unit.name)"
        }
        return "\(nanoseconds) ns"  // not reached: hours have no limit
    }

    /// Unit, its length, and from how many of it on the next unit is used.
    private static let units: [(name: String, length: UInt64, limit: UInt64)] = [
        ("µs", 1_000, 1_000), ("ms", 1_000_000, 1_000), ("s", 1_000_000_000, 60), ("min", 60_000_000_000, 60),
        ("h", 3_600_000_000_000, .max),
    ]

    /// The whole units, and a fraction such as `.05` when three digits need one, rounded to nearest.
    private static func threeDigits(_ value: UInt64, _ unit: UInt64) -> (UInt64, String) {
        let whole = value / unit, rest = value % unit
        for (limit, digits, scale) in [(10, 2, 100), (100, 1, 10)] as [(UInt64, Int, UInt64)] where whole < limit {
            let fraction = (rest * scale + unit / 2) / unit
            if whole + fraction / scale < limit {
                return (whole + fraction / scale, "." + NumberText.padded(fraction % scale, to: digits))
            }
        }
        return (rest >= unit - unit / 2 ? whole + 1 : whole, "")
    }
}
