import OneLoggerConsole
import Testing

@Suite struct DisplayWidthTests {
    @Test(arguments: [
        ("abc", 3), ("数据", 4), ("e\u{301}", 1), ("👩‍🔬", 2), ("❤️", 2), ("ｱ", 1), ("Ａ", 2), ("🇫🇷", 2), ("µs", 2),
    ])
    func `wide characters take two columns and combining ones none`(text: String, columns: Int) {
        #expect(DisplayWidth.of(text) == columns)
    }

    @Test func `a cut text never exceeds its columns`() {
        for columns in 0...8 {
            let cut = DisplayWidth.cut("数a据b数", to: columns, mark: "…")
            #expect(DisplayWidth.of(cut) <= columns)
        }
        #expect(DisplayWidth.cut("数a据b数", to: 5, mark: "…") == "数a…")
        #expect(DisplayWidth.cut("数a据b数", to: 8, mark: "…") == "数a据b数")
    }
}
