import OneLoggerCore
import OneLoggerText
import Testing

@Suite struct NumberTextTests {
    private func text(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter(capacity: 256)
        body(&writer)
        return writer.string
    }

    @Test func `whole numbers of every length are right`() {
        var random = SplitMix(seed: 1), values: [UInt64] = [0, .max], power: UInt64 = 1
        while power < 10_000_000_000_000_000_000 {
            values += [power - 1, power, power + 1]
            power *= 10
        }
        for _ in 0..<20_000 { values.append(random.next() >> (random.next() % 64)) }
        for value in values {
            #expect(text { $0.decimal(value) } == String(value))
            #expect(text { $0.decimal(DecimalText(value)) } == String(value))
            #expect(text { $0.integer(Int(truncatingIfNeeded: value)) } == String(Int(truncatingIfNeeded: value)))
        }
    }

    @Test func `moments are right, near and far from the one before`() {
        var random = SplitMix(seed: 2), cache = MomentCache()
        for round in 0..<20_000 {
            let value: UInt64 =
                switch round % 4 {
                case 0: 1_795_220_211_000_000_000 + random.next() % 3_000_000_000
                case 1: random.next() >> (random.next() % 64)
                case 2: 1_000_000_000_000_000_000 &- 2 &+ random.next() % 4
                default: 9_999_999_999_999_999_998 &+ random.next() % 4
                }
            let moment = cache.text(Timestamp(nanoseconds: value))
            #expect(text { $0.nanoseconds(moment) } == String(value))
            #expect(text { $0.milliseconds(moment) } == String(value / 1_000_000))
        }
    }

    @Test func `a millionth is the double next to the quotient`() {
        var random = SplitMix(seed: 3)
        for _ in 0..<20_000 {
            let value = random.next() >> (random.next() % 64)
            let written = text { $0.millionths(DecimalText(value)) }
            #expect(Double(written) == Double(value) / 1e6)
            #expect(written.contains(".") || written.contains("e"))
        }
    }

    @Test func `doubles come back bit for bit`() {
        var random = SplitMix(seed: 4)
        for round in 0..<40_000 {
            let value = round % 2 == 0 ? Double(bitPattern: random.next()) : Double(random.next() % 1_000_000) / 1000
            guard value.isFinite else { continue }
            #expect(Double(text { $0.number(value) })?.bitPattern == value.bitPattern)
        }
    }

    @Test func `hexadecimal digits are lower-case, and the last number is remembered rightly`() {
        var random = SplitMix(seed: 5), last = HexadecimalText()
        for value in [0, .max, 0x0123_4567_89ab_cdef] + (0..<1000).map({ _ in random.next() }) {
            let digits = String(value, radix: 16), padded = String(repeating: "0", count: 16 - digits.count) + digits
            #expect(text { $0.hexadecimal(value) } == padded)
            #expect(text { $0.hexadecimal(value, &last) } == padded)
            #expect(text { $0.hexadecimal(value, &last) } == padded)
        }
    }
}

/// A generator whose numbers are the same in every run.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
