/// Reads words and numbers, line by line, and allocates nothing.
struct TextScanner: ~Escapable {
    private let bytes: Span<UInt8>
    private var place = 0

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>) { self.bytes = bytes }

    var isAtEnd: Bool { place >= bytes.count }

    /// Where the next word of this line is, which a blank, a tab or one byte `end` ends; nil at the line's end.
    mutating func word(endedBy end: UInt8 = 32) -> Range<Int>? {
        while place < bytes.count, bytes[place] == 32 || bytes[place] == 9 { place += 1 }
        let start = place
        while place < bytes.count, bytes[place] > 32 || bytes[place] < 9, bytes[place] != end { place += 1 }
        return place > start ? start..<place : nil
    }

    /// The next word of this line as a number; nil at its end, and when the word is none.
    mutating func number() -> Int? { word().flatMap { number($0) } }

    /// The next word of this line as a number of things, which is never negative; nil when the word is none.
    mutating func amount() -> Int? { number().map { max(0, $0) } }

    mutating func skipWords(_ count: Int) {
        for _ in 0..<count { _ = word() }
    }

    /// Passes over one byte, if it is the next.
    mutating func skip(_ byte: UInt8) {
        if place < bytes.count, bytes[place] == byte { place += 1 }
    }

    /// Goes on with the next line.
    mutating func endLine() {
        while place < bytes.count, bytes[place] != 10 { place += 1 }
        place += 1
    }

    /// Goes on behind the last byte of that value; false when there is none.
    mutating func skip(behindLast byte: UInt8) -> Bool {
        var last = bytes.count - 1
        while last >= place, bytes[last] != byte { last -= 1 }
        guard last >= place else { return false }
        place = last + 1
        return true
    }

    /// Decimal digits with an optional sign as a number; too large ones are clamped.
    func number(_ word: Range<Int>) -> Int? {
        let isNegative = bytes[word.lowerBound] == 45
        let digits = isNegative ? word.dropFirst() : word[...]
        guard !digits.isEmpty else { return nil }
        var value = 0
        for place in digits {
            guard 48...57 ~= bytes[place] else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(bytes[place] - 48))
            value = overflow || carry ? .max : sum
            if value == .max { break }
        }
        if value == .max { return digits.allSatisfy { 48...57 ~= bytes[$0] } ? (isNegative ? .min : .max) : nil }
        return isNegative ? -value : value
    }

    func `is`(_ word: Range<Int>, _ text: StaticString) -> Bool {
        guard word.count == text.utf8CodeUnitCount else { return false }
        for place in 0..<word.count {
            if unsafe text.utf8Start[place] != bytes[word.lowerBound + place] { return false }
        }
        return true
    }

    func `is`(_ word: Range<Int>, _ name: [UInt8]) -> Bool {
        guard word.count == name.count else { return false }
        for place in 0..<word.count where name[place] != bytes[word.lowerBound + place] { return false }
        return true
    }

    /// A copy of a word.
    func bytes(_ word: Range<Int>) -> [UInt8] { word.map { bytes[$0] } }
}

extension Int {
    /// The sum, or the largest number where that is too small: a file may say anything.
    func plus(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
