import OneLoggerConsole
import Testing

@Suite struct SafeTextTests {
    private let safe = SafeText(limit: 12, ascii: false)

    @Test(arguments: [
        ("plain", "plain"), ("two words", "\"two words\""), ("", "\"\""), ("a\"b", "\"a\\\"b\""), ("a=b", "a=b"),
        ("\u{1b}[31m", "\"\\u{1b}[31m\""), ("a\r\nb\tc", "\"a\\r\\nb\\tc\""), ("C:\\x", "\"C:\\\\x\""),
        ("größe", "größe"),
        ("\u{9b}2J", "\"\\u{9b}2J\""), ("a\u{202e}b", "\"a\\u{202e}b\""), ("a\u{2028}b", "\"a\\u{2028}b\""),
        ("\u{7f}", "\"\\u{7f}\""), ("\u{e0041}", "\"\\u{e0041}\""), ("a\u{a0}b", "\"a\u{a0}b\""), ("👩‍🔬", "👩‍🔬"),
    ])
    func `a value is quoted and escaped when it could be misread`(text: String, shown: String) {
        #expect(safe.value(text) == shown)
    }

    @Test func `a name is escaped and never quoted`() {
        #expect(safe.plain("a b\n\\") == "a b\\n\\\\")
        #expect(safe.plain("\u{1b}]0;x\u{7}") == "\\u{1b}]0;x\\u{7}")
    }

    @Test func `what is too long is cut and says so, behind the quotes`() {
        #expect(safe.value("abcdefghijkl") == "abcdefghijkl")
        #expect(safe.value("abcdefghijklm") == "abcdefghijkl…")
        #expect(safe.value("abc defghijklm") == "\"abc defghijk\"…")
        #expect(safe.plain("abc defghijklm") == "abc defghijk…")
    }

    @Test func `a character is not cut in two, unless it alone is too long`() {
        #expect(safe.plain("abcdefghijke\u{301}x") == "abcdefghijk…")
        let stacked = "a" + String(repeating: "\u{301}", count: 1000)
        #expect(safe.plain(stacked).unicodeScalars.count == 13)
    }

    @Test func `ASCII shows nothing else`() {
        let ascii = SafeText(limit: 12, ascii: true)
        #expect(ascii.value("größe") == "\"gr\\u{f6}\\u{df}e\"")
        #expect(ascii.plain("abcdefghijklm") == "abcdefghijkl...")
    }
}
