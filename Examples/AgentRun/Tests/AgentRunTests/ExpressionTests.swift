import AgentWorld
import Testing

@Suite struct ExpressionTests {
    @Test(arguments: [
        ("1", 1), ("1+2*3", 7), ("(1 + 2) * 3", 9), ("-4 / 2", -2), ("7 - 2 - 1", 4), ("--3", 3), (" ( ( 12 ) ) ", 12),
        ("7 / 2", 3),
    ])
    func `a program has the value of its arithmetic`(text: String, value: Int) throws {
        #expect(try Expression.value(of: text) == value)
    }

    @Test(arguments: [
        ("", Expression.Problem.incomplete), ("1 +", .incomplete), ("(1", .incomplete),
        ("1 / (2 - 2)", .divisionByZero),
        ("1 2", .unexpected("2", place: 3)), ("x", .unexpected("x", place: 1)), ("1 + )", .unexpected(")", place: 5)),
        ("9223372036854775807 + 1", .overflow), ("99999999999999999999", .overflow),
        ("٣", .unexpected("٣", place: 1)),
    ])
    func `a program without a value says why`(text: String, problem: Expression.Problem) {
        #expect(throws: problem) { try Expression.value(of: text) }
    }

    @Test func `a program that is nested too deeply is refused`() {
        let text = String(repeating: "(", count: 100_000)
        #expect(throws: Expression.Problem.unexpected("(", place: 101)) { try Expression.value(of: text) }
    }
}
