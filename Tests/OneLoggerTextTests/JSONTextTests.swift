import OneLoggerCore
import OneLoggerTestSupport
import OneLoggerText
import Testing

@Suite struct JSONTextTests {
    private func escaped(_ bytes: [UInt8], into writer: inout JSONWriter) -> [UInt8] {
        writer.removeAll()
        writer.reserve(bytes.count * 6 + 2)
        writer.text(bytes.span)
        return unsafe writer.withBytes { unsafe Array($0) }
    }

    /// What RFC 8259 asks for, byte by byte; nil for a byte that is not ASCII.
    private func expected(_ byte: UInt8) -> String? {
        switch byte {
        case 0x22: #"\""#
        case 0x5c: #"\\"#
        case 0x0a: #"\n"#
        case 0x0d: #"\r"#
        case 0x09: #"\t"#
        case 0..<16: #"\u000"# + String(byte, radix: 16)
        case 16..<32: #"\u00"# + String(byte, radix: 16)
        case 32..<128: String(UnicodeScalar(byte))
        default: nil
        }
    }

    /// 16 and 8 bytes are copied at a time, so each place within a block and each length of the rest matters.
    @Test(arguments: [1, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33, 41])
    func `every byte at every place is escaped when it must be, and only then`(length: Int) {
        var writer = JSONWriter(capacity: 1), wrong: [String] = []
        for place in 0..<length {
            for byte in UInt8.min ... .max {
                var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: length)
                bytes[place] = byte
                let text =
                    String(repeating: "x", count: place) + (expected(byte) ?? "\u{FFFD}")
                    + String(repeating: "x", count: length - place - 1)
                if escaped(bytes, into: &writer) != Array("\"\(text)\"".utf8) { wrong.append("\(byte) at \(place)") }
            }
        }
        #expect(wrong.isEmpty)
    }

    @Test func `texts of 0 to 200 bytes come out whole`() {
        var writer = JSONWriter(capacity: 1)
        for length in 0...200 {
            let bytes = (0..<length).map { UInt8(ascii: "a") + UInt8($0 % 26) }
            #expect(escaped(bytes, into: &writer) == [0x22] + bytes + [0x22])
            let special = (0..<length).map { $0 % 13 == 12 ? UInt8(ascii: "\n") : UInt8(ascii: "b") }
            let text = special.map { $0 == 10 ? #"\n"# : "b" }.joined()
            #expect(escaped(special, into: &writer) == Array("\"\(text)\"".utf8))
        }
    }

    @Test func `two special bytes in one block are both escaped`() {
        var writer = JSONWriter(capacity: 1)
        for first in 0..<24 {
            for second in first + 1..<25 {
                var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 25)
                bytes[first] = 0x22
                bytes[second] = 0x01
                let text =
                    String(repeating: "x", count: first) + #"\""# + String(repeating: "x", count: second - first - 1)
                    + #"\u0001"# + String(repeating: "x", count: 24 - second)
                #expect(escaped(bytes, into: &writer) == Array("\"\(text)\"".utf8))
            }
        }
    }

    @Test(arguments: [
        "é", "ß漢字", "🐢🐢", "\u{7f}", "\u{80}", "\u{7ff}", "\u{800}", "\u{d7ff}", "\u{e000}", "\u{ffff}", "\u{10000}",
        "\u{10ffff}", "e\u{301}", "\u{2028}",
    ])
    func `valid text that is not ASCII is unchanged at every place`(text: String) {
        var writer = JSONWriter(capacity: 1)
        for before in 0...34 {
            let bytes = Array(String(repeating: "y", count: before).utf8) + Array(text.utf8) + Array("z".utf8)
            #expect(escaped(bytes, into: &writer) == [0x22] + bytes + [0x22])
        }
    }

    @Test(
        arguments: [
            ("a lone continuation", [0x80]), ("another", [0xbf]), ("an overlong slash", [0xc0, 0xaf]),
            ("an overlong", [0xc1, 0xbf]),
            ("an overlong of three", [0xe0, 0x9f, 0xbf]), ("an overlong of four", [0xf0, 0x8f, 0xbf, 0xbf]),
            ("a first surrogate", [0xed, 0xa0, 0x80]), ("a last surrogate", [0xed, 0xbf, 0xbf]),
            ("beyond Unicode", [0xf4, 0x90, 0x80, 0x80]), ("far beyond", [0xf5, 0x80, 0x80, 0x80]),
            ("five bytes", [0xf8, 0x88, 0x80, 0x80, 0x80]),
            ("no first byte", [0xfe]), ("no first byte either", [0xff]), ("a cut character of two", [0xc3]),
            ("a cut character of three", [0xe6, 0xbc]), ("a cut character of four", [0xf0, 0x9f, 0x90]),
            ("a character in a character", [0xe6, 0xc3, 0xa9]),
        ] as [(String, [UInt8])])
    func `invalid text becomes U+FFFD, and what surrounds it stays`(what: String, bytes: [UInt8]) throws {
        var writer = JSONWriter(capacity: 1)
        for count in 0...20 {
            let around = [UInt8](repeating: UInt8(ascii: "q"), count: count)
            for behind in [around, []] {
                let json = escaped(around + bytes + behind, into: &writer)
                let text = try #require(String(validating: json, as: UTF8.self), "\(what) is still invalid")
                #expect(text.hasPrefix("\"" + String(decoding: around, as: UTF8.self) + "\u{FFFD}"))
                #expect(text.hasSuffix(String(decoding: behind, as: UTF8.self) + "\""))
            }
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `random bytes become valid text, and valid bytes stay as the standard library reads them`(seed: UInt64) {
        var random = SeededRandom(seed: seed), writer = JSONWriter(capacity: 1), wrong: [[UInt8]] = []
        // Bytes around the borders of the rules; none that needs an escape.
        let borders: [UInt8] = [
            0x41, 0x7e, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xee, 0xef,
            0xf0,
            0xf1, 0xf4, 0xf5, 0xff,
        ]
        for _ in 0..<12_000 {
            let bytes = (0..<Int.random(in: 0...9, using: &random)).map { _ in
                borders.randomElement(using: &random) ?? 0
            }
            let json = escaped(bytes, into: &writer)
            let inside = Array(json.dropFirst().dropLast())
            guard let text = String(validating: json, as: UTF8.self) else {
                wrong.append(bytes)
                continue
            }
            if String(validating: bytes, as: UTF8.self) != nil {
                if inside != bytes { wrong.append(bytes) }
            } else if !text.unicodeScalars.contains("\u{FFFD}")
                || kept(inside) != kept(Array(String(decoding: bytes, as: UTF8.self).utf8))
            {
                wrong.append(bytes)
            }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(3))")
    }

    /// The characters that are not U+FFFD: how many of those stand for a run of invalid bytes is a matter of taste.
    private func kept(_ bytes: [UInt8]) -> [UnicodeScalar] {
        String(decoding: bytes, as: UTF8.self).unicodeScalars.filter { $0 != "\u{FFFD}" }
    }
}
