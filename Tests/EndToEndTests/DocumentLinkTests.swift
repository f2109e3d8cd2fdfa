import OneLoggerTestSupport
import Testing

@Suite struct DocumentLinkTests {
    private static let documents =
        ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Benchmarks/README.md", "Examples/README.md"]
        + Repository.files(below: "Docs", suffix: ".md")

    @Test(arguments: ["first-span", "workflow-session"])
    func `the README shows the snippet that is compiled`(name: String) throws {
        let snippet = try Repository.text("Snippets/\(name).swift")
        #expect(try Repository.text("README.md").contains("```swift\n\(snippet)```\n"))
    }

    @Test(arguments: ["training-closures", "training-callbacks"])
    func `the guide for training shows the snippets that are compiled`(name: String) throws {
        let snippet = try Repository.text("Snippets/\(name).swift")
        #expect(try Repository.text("Docs/training.md").contains("```swift\n\(snippet)```\n"))
    }

    @Test func `the README is one page`() throws {
        #expect(try Repository.text("README.md").split(separator: "\n", omittingEmptySubsequences: false).count <= 90)
    }

    @Test(arguments: documents)
    func `every file that a document links to exists`(document: String) throws {
        let folder = document.split(separator: "/").dropLast().map { $0 + "/" }.joined()
        for part in try Repository.text(document).split(separator: "](").dropFirst() {
            let target = part.prefix { $0 != ")" && $0 != "#" && $0 != "\n" }
            guard !target.isEmpty, !target.hasPrefix("http") else { continue }
            #expect(Repository.exists(folder + target), "\(document) links to \(target)")
        }
    }

    @Test(arguments: ["README.md", "CONTRIBUTING.md"])
    func `every make target that a document names exists`(document: String) throws {
        let targets = try Repository.text("Makefile").split(separator: "\n")
            .filter { $0.contains(": ##") }.map { $0.prefix { $0 != ":" } }
        for part in try Repository.text(document).split(separator: "`make ").dropFirst() {
            let target = part.prefix { $0.isLetter || $0 == "-" }
            #expect(targets.contains(target), "\(document) names make \(target)")
        }
    }
}
