import OneLoggerConsole
import Testing

@Suite struct TextTableTests {
    private var table: TextTable {
        var table = TextTable([.init("name", .left), .init("count"), .init("mean", rank: 1), .init("p95", rank: 2)])
        table.append([.init("数据_loading_and_more"), .init("1,000"), .init("1.00 ms"), .init("2.00 ms")])
        table.append([.init("x"), .init("2"), .init("3 ns"), .init("4 ns")])
        return table
    }
    private let style = Style(colored: false, ascii: false)

    @Test func `columns are aligned by what is seen`() {
        #expect(
            table.lines(style, width: nil) == [
                "name                   count     mean      p95",
                "数据_loading_and_more  1,000  1.00 ms  2.00 ms",
                "x                          2     3 ns     4 ns",
            ])
    }

    @Test func `the first column shrinks, then columns of high rank are left out`() {
        #expect(
            table.lines(style, width: 40) == [
                "name             count     mean      p95", "数据_loading_a…  1,000  1.00 ms  2.00 ms",
                "x                    2     3 ns     4 ns",
            ])
        #expect(table.lines(style, width: 30).first == "name          count     mean")
    }

    @Test func `no line is wider than the width`() {
        for width in 1...60 {
            for line in table.lines(style, width: width) {
                #expect(DisplayWidth.of(line) <= width, "\(width): \(line)")
            }
        }
    }

    @Test func `colours do not change the alignment`() {
        let painted = table.lines(Style(colored: true, ascii: false), width: nil)
        #expect(
            painted[0] == "\u{1b}[2mname\u{1b}[0m                   \u{1b}[2mcount\u{1b}[0m     "
                + "\u{1b}[2mmean\u{1b}[0m      \u{1b}[2mp95\u{1b}[0m")
        #expect(painted[2] == table.lines(style, width: nil)[2])
    }
}
