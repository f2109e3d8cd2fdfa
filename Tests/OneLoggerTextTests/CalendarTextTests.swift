import OneLoggerCore
import OneLoggerText
import Testing

@Suite struct CalendarTextTests {
    @Test(
        arguments: [
            (0, "1970-01-01 00:00:00.000"), (951_782_399, "2000-02-28 23:59:59.000"),
            (951_782_400, "2000-02-29 00:00:00.000"), (1_767_225_599, "2025-12-31 23:59:59.000"),
            (4_107_542_400, "2100-03-01 00:00:00.000"), (1_709_164_800, "2024-02-29 00:00:00.000"),
        ] as [(UInt64, String)])
    func `dates are those of the Gregorian calendar in UTC`(seconds: UInt64, text: String) {
        let time = Timestamp(nanoseconds: seconds * 1_000_000_000)
        #expect(CalendarText.date(time) + " " + CalendarText.timeOfDay(time) == text)
    }

    @Test func `milliseconds are cut, not rounded`() {
        #expect(CalendarText.timeOfDay(Timestamp(nanoseconds: 86_399_999_999_999)) == "23:59:59.999")
    }
}
