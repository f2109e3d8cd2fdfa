import OneLoggerText
import Testing

@Suite struct DurationTextTests {
    @Test(
        arguments: [
            (0, "0 ns"), (999, "999 ns"), (1000, "1.00 µs"), (12_345, "12.3 µs"), (999_499, "999 µs"),
            (999_500, "1.00 ms"), (9_995_000, "10.0 ms"), (99_950_000, "100 ms"), (1_500_000_000, "1.50 s"),
            (59_949_999_999, "59.9 s"), (59_950_000_000, "1.00 min"), (123_000_000_000, "2.05 min"),
            (3_599_000_000_000, "1.00 h"), (5_400_000_000_000, "1.50 h"), (360_000_000_000_000, "100 h"),
        ] as [(UInt64, String)])
    func `three significant digits and the unit that fits`(nanoseconds: UInt64, text: String) {
        #expect(DurationText.short(nanoseconds) == text)
    }

    @Test func `ASCII writes us`() { #expect(DurationText.short(1500, ascii: true) == "1.50 us") }

    @Test func `no duration of any size is longer than its column`() {
        for power in 0..<52 { #expect(DurationText.short(1 << UInt64(power), ascii: true).count <= 8) }
        #expect(DurationText.short(.max) == "5124096 h")
    }
}
