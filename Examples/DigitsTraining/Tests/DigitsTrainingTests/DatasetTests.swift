import DigitsNetwork
import Testing

@Suite struct DatasetTests {
    /// The file in this package.
    static let digits = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/Data/digits.csv"
    /// One good line.
    private let line = [String](repeating: "16", count: 63).joined(separator: ",") + ",8,7"

    @Test func `the digits are 1,797 images of 64 pixels with every digit among them`() throws {
        let dataset = try Dataset(contentsOf: Self.digits)
        #expect(dataset.count == 1_797)
        #expect(dataset.images.count == 1_797 * 64)
        #expect(dataset.images.allSatisfy { (0...1).contains($0) })
        for digit in 0...9 { #expect((174...183).contains(dataset.labels.count { $0 == digit })) }
    }

    @Test func `pixels become numbers from 0 to 1, and line ends may be those of Windows`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(String(repeating: line + "\r\n", count: 100), to: "a.csv")
        let dataset = try Dataset(contentsOf: path)
        #expect(dataset.images[62...64] == [1, 0.5, 1])
        #expect(dataset.labels == [Int](repeating: 7, count: 100))
    }

    @Test(arguments: [
        ("1,2,3", ":2: error: 3 fields instead of 65."),
        ("", ":2: error: the file ends after 1 images."),
        ("LINE,", ":2: error: 66 fields instead of 65."),
        ("17LINE", ":2: error: field 1 is \"1716\". Write a pixel, 0 to 16."),
        ("-LINE", ":2: error: field 1 is \"-16\"."),
        ("xLINE", ":2: error: field 1 is \"x16\"."),
        ("LINE0", ":2: error: field 65 is \"70\". Write the digit, 0 to 9."),
    ])
    func `a bad line is named with its file and number`(bad: String, message: String) throws {
        let folder = try TemporaryFolder()
        let text = line + "\n" + bad.split(separator: "LINE", omittingEmptySubsequences: false).joined(separator: line)
        let path = try folder.write(text, to: "a.csv")
        let problem = #expect(throws: ProblemReport.self) { try Dataset(contentsOf: path) }
        #expect(problem?.description.hasPrefix(path + message) == true, "\(String(describing: problem))")
    }

    @Test func `a missing file is named and says what to pass`() {
        let problem = #expect(throws: ProblemReport.self) { try Dataset(contentsOf: "/nowhere/digits.csv") }
        #expect(problem?.description.hasPrefix("/nowhere/digits.csv: error: can't be opened: No such file") == true)
        #expect(problem?.description.contains("--data FILE") == true)
    }

    @Test func `a device without an end is refused`() {
        let problem = #expect(throws: ProblemReport.self) { try Dataset(contentsOf: "/dev/zero") }
        #expect(problem?.description.hasPrefix("/dev/zero: error: there are more than 64 MiB in it.") == true)
    }

    @Test func `a split keeps every image once and has a fifth of each digit in validation`() throws {
        let dataset = try Dataset(contentsOf: Self.digits)
        var generator = SeededGenerator(seed: 1)
        let (training, validation) = dataset.split(validation: 0.2, using: &generator)
        func images(_ parts: Dataset...) -> [[Double]: Int] {
            var counts: [[Double]: Int] = [:]
            for part in parts {
                for place in 0..<part.count {
                    counts[part.images[place * 64..<place * 64 + 64] + [Double(part.labels[place])], default: 0] += 1
                }
            }
            return counts
        }
        #expect(images(training, validation) == images(dataset))
        for digit in 0...9 {
            let all = dataset.labels.count { $0 == digit }
            let share = Double(validation.labels.count { $0 == digit }) / Double(all)
            #expect(abs(share - 0.2) < 0.01)
        }
    }

    @Test func `the same seed gives the same split and another one another`() throws {
        let dataset = try Dataset(contentsOf: Self.digits)
        func validation(_ seed: UInt64) -> Dataset {
            var generator = SeededGenerator(seed: seed)
            return dataset.split(validation: 0.2, using: &generator).validation
        }
        #expect(validation(1) == validation(1))
        #expect(validation(1) != validation(2))
    }
}
