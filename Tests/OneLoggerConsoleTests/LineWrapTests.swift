import OneLoggerConsole
import Testing

@Suite struct LineWrapTests {
    @Test func `long lines are broken at spaces and indented`() {
        let text = LineWrap.wrap("12:00 name  key=1 other=2 third=3", hanging: 6, width: 20)
        #expect(text == "12:00 name  key=1\n      other=2\n      third=3")
    }

    @Test func `no line is wider than the width, colours not counted`() {
        let words = "\u{1b}[31m数据数据\u{1b}[0m " + String(repeating: "x", count: 50) + " end"
        for width in 4...30 {
            for line in LineWrap.wrap(words, hanging: 40, width: width).split(separator: "\n") {
                let visible = line.replacing("\u{1b}[31m", with: "").replacing("\u{1b}[0m", with: "")
                #expect(DisplayWidth.of(String(visible)) <= width)
            }
        }
    }

    @Test func `a value cannot begin a line of the terminal`() {
        let forged = "12:00 a  v=\"" + String(repeating: " ", count: 60) + "12:00 forged\""
        let lines = LineWrap.wrap(forged, hanging: 8, width: 24).split(separator: "\n")
        #expect(lines.count > 1)
        #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("        ") })
    }
}
