import DigitsNetwork
import Testing

@testable import DigitsTraining

@Suite struct OptionsTests {
    @Test func `every argument sets its option`() throws {
        let options = try Options.parse([
            "--config", "a.json", "--epochs", "3", "--seed", "7", "--data", "b.csv", "--output", "c",
        ])
        var expected = Options()
        expected.config = "a.json"
        expected.epochs = 3
        expected.seed = 7
        expected.data = "b.csv"
        expected.output = "c"
        #expect(options == expected)
        #expect(try Options.parse([]) == Options())
    }

    @Test(arguments: ["--help", "-h"])
    func `help wins over what stands around it`(argument: String) throws {
        #expect(try Options.parse(["--epochs", "3", argument, "--nonsense"]) == nil)
    }

    @Test(arguments: [
        (["--epoch", "3"], "--epoch: error: this argument is unknown. Allowed: --config,"),
        (["--epochs"], "--epochs: error: \"\" is not a number that fits. Write an integer, 1 to 10000."),
        (["--epochs", "0"], "--epochs: error: \"0\" is not a number that fits."),
        (["--seed", "-1"], "--seed: error: \"-1\" is not a number that fits. Write an integer, 0 or more."),
        (["--data"], "--data: error: a value must follow. Write --data PATH."),
        (["--output", "--seed", "1"], "--output: error: a value must follow."),
    ])
    func `a mistake is named with what to write instead`(arguments: [String], message: String) {
        let problem = #expect(throws: ProblemReport.self) { try Options.parse(arguments) }
        #expect(problem?.description.hasPrefix(message) == true, "\(String(describing: problem))")
    }

    @Test(arguments: [
        (97.25, 1, "97.3"), (0.005, 2, "0.01"), (-0.04, 1, "0.0"), (-1.26, 1, "-1.3"), (9.999, 2, "10.00"),
        (12, 0, "12"), (.infinity, 1, "inf"), (0.1 + 0.2, 3, "0.300"),
    ])
    func `numbers are rounded to the digits asked for`(value: Double, digits: Int, text: String) {
        #expect(value.text(digits) == text)
    }
}
