import OneLoggerText
import Testing

@Suite struct NumberTextTests {
    @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567")])
    func `digits stand in groups of three`(value: Int, text: String) { #expect(NumberText.grouped(value) == text) }

    @Test(
        arguments: [
            (0, "0"), (-0.0, "0"), (0.1 + 0.2, "0.3"), (2.3 / 3, "0.766667"), (12345.678, "12345.7"), (-1.5, "-1.5"),
            (123_456_789_012, "123456789012"), (1e15, "1e+15"), (1.23456789e-7, "1.23457e-07"),
            (9.999_999_9e-7, "1e-06"),
            (0.000_123_456_7, "0.000123457"), (1234567.5, "1234568"), (.nan, "nan"), (-.infinity, "-inf"),
            (0.999_999_9, "1"), (6.02214076e23, "6.02214e+23"),
        ] as [(Double, String)])
    func `numbers have at most six significant digits`(value: Double, text: String) {
        #expect(NumberText.short(value) == text)
    }

    @Test func `numbers of any size have a text`() {
        for value in [.leastNonzeroMagnitude, .greatestFiniteMagnitude, 1e-300] as [Double] {
            #expect(Double(NumberText.short(value)).map { abs($0 / value - 1) < 1e-5 } == true)
        }
    }
}
