import Glibc
import OneLoggerConsole
import OneLoggerCore
import Testing

@Suite struct TerminalTests {
    /// A terminal of some width, and what was written to it.
    private struct PseudoTerminal: ~Copyable {
        let master: Int32
        let slave: Int32

        init(columns: UInt16) {
            // What grantpt, unlockpt and ptsname do: glibc declares them for X/Open programs only.
            master = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
            var number: Int32 = 0, unlocked: Int32 = 0
            let isUnlocked = unsafe ioctl(master, 0x4004_5431, &unlocked) == 0  // TIOCSPTLCK
            let isNumbered = unsafe ioctl(master, 0x8004_5430, &number) == 0  // TIOCGPTN
            slave = unsafe open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
            var settings = termios()
            unsafe tcgetattr(slave, &settings)
            settings.c_oflag &= ~tcflag_t(OPOST)
            unsafe tcsetattr(slave, TCSANOW, &settings)
            var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
            let isSized = unsafe ioctl(slave, UInt(TIOCSWINSZ), &size) == 0
            precondition(isUnlocked && isNumbered && isSized, "no terminal")
        }

        deinit {
            close(master)
            close(slave)
        }

        /// Everything up to a mark that is written now: the terminal passes bytes on in its own time.
        func text() -> String {
            var bytes: [UInt8] = [], buffer = [UInt8](repeating: 0, count: 1 << 16), mark: UInt8 = 4
            unsafe write(slave, &mark, 1)
            while bytes.last != mark {
                let count = unsafe read(master, &buffer, buffer.count)
                guard count > 0 else { break }
                bytes += buffer.prefix(count)
            }
            return String(decoding: bytes.dropLast(), as: UTF8.self)
        }

        func output(
            _ color: ConsoleExporter.Options.Color, _ environment: [String: String], summary: Bool = false
        ) throws -> String {
            var all = environment
            all["LANG"] = "C.UTF-8"
            var exporter = ConsoleExporter(.init(color: color, summary: summary), ExporterContext(), .test(slave, all))
            let name = "a_long_name_of_a_span_that_does_not_fit"
            try exporter.export(Batch([.span(span(name, 1, 0, 1, .error("bad"), ["key": "some words"]))]))
            try exporter.close()
            return text()
        }
    }

    @Test func `auto means colours on a terminal`() throws {
        let terminal = PseudoTerminal(columns: 100)
        #expect(try terminal.output(.auto, [:]).contains("\u{1b}[31m"))
        #expect(try terminal.output(.auto, ["NO_COLOR": ""]).contains("\u{1b}[31m"), "empty counts as not set")
    }

    @Test(arguments: [["NO_COLOR": "1"], ["NO_COLOR": "0"], ["TERM": "dumb"]])
    func `auto means no colours when the environment asks for none`(environment: [String: String]) throws {
        let terminal = PseudoTerminal(columns: 100)
        #expect(try !terminal.output(.auto, environment).contains("\u{1b}"))
        let isForbidden = environment["NO_COLOR"] != nil
        #expect(try terminal.output(.always, environment).contains("\u{1b}[31m") == !isForbidden)
    }

    @Test func `never means never and auto means no colours in a file`() throws {
        let terminal = PseudoTerminal(columns: 100)
        #expect(try !terminal.output(.never, [:]).contains("\u{1b}"))
        let batch = Batch([.span(span("x", 1, 0, 1, .error("bad")))])
        #expect(try !output([batch], .init()).contains("\u{1b}"))
        #expect(try output([batch], .init(color: .always)).contains("\u{1b}[31m"))
    }

    @Test(arguments: [30, 50, 80, 120] as [UInt16])
    func `nothing is wider than the terminal`(columns: UInt16) throws {
        let terminal = PseudoTerminal(columns: columns)
        let text = try terminal.output(.never, [:], summary: true)
        for line in text.split(separator: "\n") { #expect(DisplayWidth.of(String(line)) <= Int(columns), "\(line)") }
        #expect(text.contains("failed") && text.contains("summary"))
        let isCut = text.split(separator: "\n").contains { $0.contains("…") && $0.contains("1.00 s") }
        #expect(isCut == (columns < 100), "the table gives way, not more than it must")
    }

    @Test func `a file has no width and is not a terminal`() {
        let capture = Capture()
        let terminal = Terminal.test(capture.descriptor)
        #expect(terminal.columns == nil && !terminal.isTerminal && !terminal.allowsColor)
    }

    @Test(
        arguments: [
            (["LC_ALL": "C", "LANG": "C.UTF-8"], false), (["LC_CTYPE": "de_DE.utf8", "LANG": "C"], true), ([:], false),
            (["LC_ALL": "", "LANG": "en_US.UTF-8"], true), (["LANG": "de_DE.UTF-8@euro"], true),
            (["LANG": "de_DE.ISO-8859-1"], false),
        ] as [([String: String], Bool)])
    func `the first locale variable that is not empty says whether UTF-8 can be shown`(
        environment: [String: String], isUTF8: Bool
    ) {
        #expect(Terminal.test(1, environment).isUTF8 == isUTF8)
    }
}
