/// Evaluates arithmetic: integers, `+ - * /`, parentheses and blanks.
public struct Expression: Sendable {
    /// Why a program has no value.
    public enum Problem: Error, Hashable, Sendable {
        /// Something stands where it must not; the place counts characters from 1.
        case unexpected(String, place: Int)
        /// The program ends too early.
        case incomplete
        /// A division by zero.
        case divisionByZero
        /// A number beyond 64 bits.
        case overflow
    }

    private let characters: [Character]
    private var place = 0

    private init(_ text: String) { characters = Array(text) }

    /// The value of a program.
    public static func value(of text: String) throws(Problem) -> Int {
        var expression = Expression(text)
        let value = try expression.sum(depth: 0)
        if let rest = expression.next { throw .unexpected(String(rest), place: expression.place + 1) }
        return value
    }

    /// The next character that is no blank.
    private var next: Character? {
        mutating get {
            while place < characters.count, characters[place] == " " { place += 1 }
            return place < characters.count ? characters[place] : nil
        }
    }

    private mutating func sum(depth: Int) throws(Problem) -> Int {
        var value = try product(depth: depth)
        while let sign = next, sign == "+" || sign == "-" {
            place += 1
            let other = try product(depth: depth)
            value = try checked(
                sign == "+" ? value.addingReportingOverflow(other) : value.subtractingReportingOverflow(other))
        }
        return value
    }

    private mutating func product(depth: Int) throws(Problem) -> Int {
        var value = try factor(depth: depth)
        while let sign = next, sign == "*" || sign == "/" {
            place += 1
            let other = try factor(depth: depth)
            if sign == "/", other == 0 { throw .divisionByZero }
            value = try checked(
                sign == "*" ? value.multipliedReportingOverflow(by: other) : value.dividedReportingOverflow(by: other))
        }
        return value
    }

    private mutating func factor(depth: Int) throws(Problem) -> Int {
        guard let character = next else { throw .incomplete }
        // A program may come from anywhere, and each level costs stack.
        if "(-".contains(character), depth == 100 { throw .unexpected(String(character), place: place + 1) }
        if character == "-" {
            place += 1
            return try checked(0.subtractingReportingOverflow(try factor(depth: depth + 1)))
        }
        if character == "(" {
            place += 1
            let value = try sum(depth: depth + 1)
            guard let end = next else { throw .incomplete }
            guard end == ")" else { throw .unexpected(String(end), place: place + 1) }
            place += 1
            return value
        }
        return try number(from: character)
    }

    private mutating func number(from first: Character) throws(Problem) -> Int {
        guard first.isASCII, first.isNumber else { throw .unexpected(String(first), place: place + 1) }
        var value = 0
        while place < characters.count, characters[place].isASCII, let digit = characters[place].wholeNumberValue {
            value = try checked(value.multipliedReportingOverflow(by: 10))
            value = try checked(value.addingReportingOverflow(digit))
            place += 1
        }
        return value
    }

    private func checked(_ result: (partialValue: Int, overflow: Bool)) throws(Problem) -> Int {
        guard !result.overflow else { throw .overflow }
        return result.partialValue
    }
}
