import OneLoggerTestSupport

extension Repository {
    /// `Suite/name` of every test with a raw identifier, in this package and in its examples.
    static func tests() throws -> Set<String> {
        let examples = files(below: "Examples", suffix: ".swift").filter { $0.split(separator: "/").contains("Tests") }
        var found: Set<String> = []
        for file in files(below: "Tests", suffix: ".swift") + examples {
            found.formUnion(tests(inSource: try text(file)))
        }
        return found
    }

    /// What `@Suite … struct NAME` and `func `name`` say, read line by line: a suite lasts until the next one.
    ///
    /// Texts of several lines are passed over.
    static func tests(inSource source: String) -> Set<String> {
        var suite: Substring?, isSuite = false, isText = false, found: Set<String> = []
        for line in source.split(separator: "\n") {
            if line.firstRange(of: "\"\"\"") != nil { isText.toggle() }
            guard !isText else { continue }
            isSuite = isSuite || line.firstRange(of: "@Suite") != nil
            if isSuite, let range = line.firstRange(of: "struct ") ?? line.firstRange(of: "class ") {
                suite = line[range.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                isSuite = false
            }
            guard let suite, let range = line.firstRange(of: "func `") else { continue }
            found.insert("\(suite)/\(line[range.upperBound...].prefix { $0 != "`" })")
        }
        return found
    }
}
