import Testing

@testable import AgentRun

@Suite struct OptionsTests {
    @Test func `every argument sets its option`() throws {
        var expected = Options()
        expected.config = "a.json"
        expected.runs = 3
        expected.seed = 7
        expected.size = 9
        expected.output = "c"
        let arguments = ["--config", "a.json", "--runs", "3", "--seed", "7", "--size", "9", "--output", "c"]
        #expect(try Options.parse(arguments) == expected)
        #expect(try Options.parse([]) == Options() && Options.parse(["--runs", "3", "-h", "--nonsense"]) == nil)
    }

    @Test(arguments: [
        (["--run", "3"], "--run: error: this argument is unknown."),
        (["--runs"], "--runs: error: \"\" is not a number"),
        (["--size", "1"], "--size: error: \"1\" is not a number that fits. Write an integer, 2 to 100."),
        (["--config", "--runs"], "--config: error: a value must follow. Write --config PATH."),
    ])
    func `a mistake is named, with what to write instead`(arguments: [String], start: String) {
        let error = #expect(throws: ProblemReport.self) { try Options.parse(arguments) }
        #expect(error?.description.hasPrefix(start) == true)
    }
}
