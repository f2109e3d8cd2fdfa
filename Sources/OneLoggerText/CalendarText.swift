package import OneLoggerCore

/// Moments as people read them, in UTC.
package enum CalendarText: Sendable {
    /// `2026-01-31`.
    package static func date(_ time: Timestamp) -> String {
        let (year, month, day) = civil(day(of: time))
        return "\(year)-\(NumberText.padded(month, to: 2))-\(NumberText.padded(day, to: 2))"
    }

    /// `23:59:59.999`, cut to whole milliseconds.
    package static func timeOfDay(_ time: Timestamp) -> String {
        let milliseconds = time.milliseconds % 86_400_000
        let parts = (
            milliseconds / 3_600_000, milliseconds / 60_000 % 60, milliseconds / 1000 % 60, milliseconds % 1000
        )
        // Every line has one: written digit by digit, in a text that is short enough to need no memory.
        return unsafe String(unsafeUninitializedCapacity: 12) { bytes in
            unsafe put(parts.0, 2, bytes, 0, then: ":")
            unsafe put(parts.1, 2, bytes, 3, then: ":")
            unsafe put(parts.2, 2, bytes, 6, then: ".")
            unsafe put(parts.3, 3, bytes, 9, then: nil)
            return 12
        }
    }

    /// Writes `digits` digits at `place`, and a character behind them.
    private static func put(
        _ value: Int, _ digits: Int, _ bytes: UnsafeMutableBufferPointer<UInt8>, _ place: Int,
        then mark: Unicode.Scalar?
    ) {
        var rest = value
        for digit in (place..<place + digits).reversed() {
            unsafe bytes[digit] = 48 + UInt8(rest % 10)
            rest /= 10
        }
        if let mark { unsafe bytes[place + digits] = UInt8(ascii: mark) }
    }

    /// Days since 1970-01-01.
    package static func day(of time: Timestamp) -> Int { time.milliseconds / 86_400_000 }

    /// The proleptic Gregorian date of a day, counted from 1970-01-01.
    ///
    /// Years begin in March here, so that the leap day is the last one and each month's first day is a linear formula.
    private static func civil(_ day: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468  // days since 0000-03-01
        let era = shifted / 146_097, dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let isNextYear = month >= 10
        return (
            era * 400 + yearOfEra + (isNextYear ? 1 : 0), month + (isNextYear ? -9 : 3),
            dayOfYear - (153 * month + 2) / 5 + 1
        )
    }
}
