import OneLoggerCore
import OneLoggerTestSupport
import OneLoggerText
import Testing

@Suite struct JSONNumberTests {
    /// Sign, digits without trailing zeros, and the exponent of the last digit: what two spellings have in common.
    private struct Decimal: Equatable {
        var negative = false, digits: [UInt8] = [], exponent = 0

        init(_ text: some Sequence<UInt8>) {
            var shift = 0, inFraction = false, inExponent = false, exponentIsNegative = false
            for byte in text {
                switch byte {
                case UInt8(ascii: "-"): if inExponent { exponentIsNegative = true } else { negative = true }
                case UInt8(ascii: "+"): break
                case UInt8(ascii: "."): inFraction = true
                case UInt8(ascii: "e"): inExponent = true
                default:
                    let digit = byte - UInt8(ascii: "0")
                    if inExponent {
                        exponent = exponent * 10 + Int(digit)
                    } else {
                        if inFraction { shift -= 1 }
                        if digit != 0 || !digits.isEmpty { digits.append(digit) }
                    }
                }
            }
            exponent = (exponentIsNegative ? -exponent : exponent) + shift
            while digits.last == 0 {
                digits.removeLast()
                exponent += 1
            }
            if digits.isEmpty { exponent = 0 }
        }
    }

    private func written(_ value: Double) -> String {
        var writer = JSONWriter(capacity: 1)
        writer.value(.double(value))
        return writer.string
    }

    private static func random(_ count: Int, seed: UInt64, _ make: (inout SeededRandom) -> Double) -> [Double] {
        var random = SeededRandom(seed: seed)
        return (0..<count).map { _ in make(&random) }.filter(\.isFinite)
    }

    @Test(
        arguments: [
            (0, "0.0"), (-0.0, "-0.0"), (1, "1.0"), (-1, "-1.0"), (0.1, "0.1"), (0.5, "0.5"), (100, "100.0"),
            (0.001, "0.001"), (0.0001, "0.0001"), (0.00001, "1e-5"), (0.00012345, "0.00012345"), (1.5e-7, "1.5e-7"),
            (123_456.789, "123456.789"), (1e15, "1000000000000000.0"), (1e16, "1e16"), (1.25e16, "1.25e16"),
            (1e22, "1e22"),
            (1e23, "1e23"), (9_007_199_254_740_992, "9007199254740992.0"), (.leastNonzeroMagnitude, "5e-324"),
            (2.2250738585072014e-308, "2.2250738585072014e-308"),
            (1.7976931348623157e308, "1.7976931348623157e308"), (0.1 + 0.2, "0.30000000000000004"),
            (1.0 / 3, "0.3333333333333333"),
            (.nan, #""NaN""#), (-.nan, #""NaN""#), (.infinity, #""Infinity""#), (-.infinity, #""-Infinity""#),
        ] as [(Double, String)])
    func `a number has the shortest text that is still JSON`(value: Double, text: String) {
        #expect(written(value) == text)
    }

    /// The standard library finds the shortest digits by another algorithm.
    @Test(arguments: 0..<8 as Range<UInt64>)
    func `random bit patterns have the digits of the standard library, in at most 24 bytes`(seed: UInt64) {
        check(Self.random(28_000, seed: seed) { Double(bitPattern: $0.next()) })
    }

    @Test func `numbers as programs write them have the digits of the standard library`() {
        check(Self.random(15_000, seed: 1) { Double(Int.random(in: -1_000_000...1_000_000, using: &$0)) / 1_000 })
        check(Self.random(15_000, seed: 2) { Double(Int.random(in: 0...1 << 62, using: &$0)) })
        check(Self.random(15_000, seed: 3) { Double.random(in: 0...1, using: &$0) })
        check((0..<20_000).flatMap { [Double($0), Double($0) / 100] })
    }

    @Test func `powers of two and ten and their neighbours have the digits of the standard library`() {
        var values: [Double] = []
        for exponent in -1074...1023 { values.append(Double(sign: .plus, exponent: exponent, significand: 1)) }
        for exponent in -323...308 { values.append(Double("1e\(exponent)") ?? 0) }
        values += [.leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, .pi, .ulpOfOne]
        check(values.flatMap { [$0, $0.nextUp, $0.nextDown, -$0] }.filter(\.isFinite))
    }

    private func check(_ values: [Double]) {
        var writer = JSONWriter(capacity: 1), wrong: [String] = []
        for value in values {
            writer.removeAll()
            writer.value(.double(value))
            let bytes = unsafe writer.withBytes { unsafe Array($0) }
            let text = String(decoding: bytes, as: UTF8.self)
            if bytes.count > 24 || Double(text) != value || Decimal(bytes) != Decimal(value.description.utf8) {
                wrong.append("\(value) is written \(text)")
            }
        }
        #expect(values.count > 1_000)
        #expect(wrong.isEmpty, "\(wrong.count) of \(values.count): \(wrong.prefix(5))")
    }

    @Test func `integers of every length and the extremes are exact`() {
        var values: [Int] = [.min, .min + 1, .max, .max - 1, 0, -1]
        var power = 1
        for _ in 0..<18 {
            values += [power - 1, power, power + 1, -power, power * 5 + 4, 1 - power]
            power *= 10
        }
        values += [power - 1, power, power + 1, -power]
        var random = SeededRandom(seed: 5)
        for _ in 0..<20_000 {
            values.append(Int(truncatingIfNeeded: random.next()) >> Int.random(in: 0..<64, using: &random))
        }
        var writer = JSONWriter(capacity: 1), wrong: [Int] = []
        for value in values {
            writer.removeAll()
            writer.value(.int(value))
            if writer.string != "\(value)" { wrong.append(value) }
        }
        #expect(wrong.isEmpty)
    }

    @Test func `unsigned integers reach to their largest`() {
        let values: [UInt64] = [
            .max, .max - 1, 10_000_000_000_000_000_000, 9_999_999_999_999_999_999, 1 << 63, 99, 100, 9, 10,
        ]
        for value in values {
            var writer = JSONWriter(capacity: 1)
            writer.reserve(20)
            writer.decimal(value)
            #expect(writer.string == "\(value)")
        }
    }

    @Test func `hexadecimal numbers have sixteen lower-case digits`() {
        var random = SeededRandom(seed: 6)
        let fixed: [UInt64] = [0, 1, 0x9a, .max, 0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210]
        for value in fixed + (0..<2_000).map({ _ in random.next() }) {
            var writer = JSONWriter(capacity: 1)
            writer.reserve(16)
            writer.hexadecimal(value)
            #expect(writer.string == SpanID(value).description)
        }
    }
}
