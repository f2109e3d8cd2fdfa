import OneLoggerConfig
import OneLoggerCore
import OneLoggerTestSupport
import Testing

@Suite struct InvalidConfigTests {
    static let files = Repository.names(in: "Configs/invalid").filter { !$0.hasSuffix(".expected") }

    @Test func `there are at least thirty mistakes, each with its message`() throws {
        let expected = Repository.names(in: "Configs/invalid").filter { $0.hasSuffix(".expected") }
        #expect(Self.files.count >= 30)
        let reasons = Self.files.map { $0.split(separator: ".").dropLast().joined(separator: ".") }
        #expect(reasons.map { "\($0).expected" }.sorted() == expected)
    }

    @Test(arguments: files)
    func `a mistake gives exactly the message beside it`(name: String) throws {
        let path = "Configs/invalid/\(name)"
        let expected = try Repository.text(String(path.prefix { $0 != "." }) + ".expected")

        // when the file is read and resolved as `onelogger validate` does
        var message = ""
        do throws(SettingsError) {
            let environment = ConfigEnvironment([:])
            let document = try ConfigFile(path: "\(packageFolder)/\(path)").read(environment: environment, name: path)
            _ = try ConfigLayers(file: document, environment: environment).resolve()
        } catch {
            message = "\(error)\n"
        }

        #expect(message == expected)
        #expect(!message.contains("hunter2"), "a secret is never shown")
        for line in message.split(separator: "\n") {
            #expect(
                line.hasPrefix("\(path):") && line.contains(": error: "), "every line begins with its place: \(line)")
            #expect(line.hasSuffix("."))
        }
    }
}
