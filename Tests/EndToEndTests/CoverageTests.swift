import OneLoggerTestSupport
import Testing

/// One row of the tables in `Docs/coverage.md`.
private struct Row {
    var id: String
    var statement: String
    var proof: String

    /// The tests that it names: code spans with a suite before a slash.
    var tests: [String] {
        proof.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
            .filter { $0.prefix { $0 != "/" }.hasSuffix("Tests") }
    }

    static func all(in document: String) -> [Row] {
        document.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map { $0.trimmed }
            guard cells.count == 5, let first = cells[1].first, first.isLetter, cells[1].contains(where: \.isNumber)
            else {
                return nil
            }
            return Row(id: cells[1], statement: cells[2], proof: cells[3])
        }
    }
}

extension Substring {
    fileprivate var trimmed: String {
        let front = drop { $0 == " " }
        return String(front.prefix(front.count - front.reversed().prefix { $0 == " " }.count))
    }
}

@Suite struct CoverageTests {
    private let rows: [Row]

    init() throws { rows = Row.all(in: try Repository.text("Docs/coverage.md")) }

    @Test func `every test that the document names exists`() throws {
        let known = try Repository.tests()
        #expect(known.count > 300, "the tests themselves were not found")
        for row in rows {
            for test in row.tests { #expect(known.contains(test), "\(row.id) names \(test)") }
        }
    }

    @Test func `every row names a test, or says why there is none`() {
        for row in rows where row.tests.isEmpty {
            #expect(
                row.proof.hasPrefix("Not applicable: ") || row.proof.hasPrefix("Open: "), "\(row.id) says: \(row.proof)"
            )
            #expect(row.proof.hasSuffix("."), "\(row.id): a sentence ends")
        }
    }

    @Test func `no fact, finding, weakness or promise is missing or stands twice`() {
        let ids = rows.map(\.id)
        #expect(Set(ids).count == ids.count)
        let expected =
            (1...66).map { "F\($0)" } + (1...40).map { "P\($0)" } + (1...39).map { "W\($0)" } + (1...9).map { "C\($0)" }
            + (1...29).map { "TW\($0)" } + (1...59).map { "TF\($0)" }
            + (1...5).map { "E\($0)" } + (1...3).map { "K\($0)" } + (1...15).map { "D\($0)" }
            + (1...15).map { "M\($0)" }
        #expect(Set(expected).subtracting(ids).sorted() == [])
        for row in rows { #expect(!row.statement.isEmpty, "\(row.id) says nothing") }
    }

    @Test func `tests are found in the way in which they are written`() {
        let source = """
            @Suite struct FirstTests {
                @Test func `one, two`() {}
                @Test(arguments: [1])
                func `three`(number: Int) {}
            }
            struct Helper { func plain() {} }
            @Suite(.serialized)
            struct SecondTests { @MainActor @Test func `four`() async {} }
            """
        #expect(
            Repository.tests(inSource: source) == ["FirstTests/one, two", "FirstTests/three", "SecondTests/four"])
    }
}
