import OneLoggerCore
import OneLoggerJSONL
import Testing

@Suite struct JSONLOptionsTests {
    private func options(_ node: SettingsNode) throws(SettingsError) -> JSONLExporter.Options {
        var settings = Settings(node)
        return try JSONLExporter.Options(&settings)
    }

    @Test func `only the path must be given`() throws {
        #expect(try options(["path": "f"]) == JSONLExporter.Options(path: "f"))
    }

    @Test func `every key reaches its property`() throws {
        let read = try options([
            "path": "f", "mode": "truncate", "max_bytes": 4096, "max_files": 3, "fsync_interval_s": 0.5,
            "file_mode": "0600",
        ])
        #expect(
            read
                == JSONLExporter.Options(
                    path: "f", mode: .truncate, maxBytes: 4096, maxFiles: 3, syncInterval: .milliseconds(500),
                    fileMode: 0o600))
    }

    @Test(
        arguments: [
            ([:], "'path' is required here. Add 'path'."),
            (["path": " "], "'path' is blank. Write some text."),
            (
                ["path": "f", "mode": "w"],
                "'mode' is \"w\", which is not allowed. Write one of append, truncate."
            ),
            (
                ["path": "f", "max_bytes": 100],
                "'max_bytes' is 100, which is less than a few lines. Write 0 for no rotation, or at least 1024."
            ),
            (
                ["path": "f", "max_files": 3],
                "'max_files' means nothing without 'max_bytes'. Add 'max_bytes', or remove this key."
            ),
            (
                ["path": "f", "max_bytes": 5000, "max_files": 0],
                "'max_files' is 0, which is not allowed. Write an integer from 1 to 1000."
            ),
            (
                ["path": "f", "file_mode": 644],
                "'file_mode' must be a text, but is the integer 644. Write three octal digits in quotes, such as \"0640\"."
            ),
            (
                ["path": "f", "file_mode": "0444"],
                "'file_mode' is \"0444\", which is no file mode that lets its owner write. "
                    + "Write three octal digits in quotes, such as \"0640\"."
            ),
            (
                ["path": "f", "fsync_interval_s": -1],
                "'fsync_interval_s' is -1, which is not allowed. Write a number from 0 to 3600."
            ),
        ] as [(SettingsNode, String)])
    func `a mistake is named with what to write instead`(node: SettingsNode, message: String) {
        let error = #expect(throws: SettingsError.self) { try options(node) }
        #expect(error?.description.components(after: "error: ") == message)
    }

    @Test func `an unknown key is refused`() {
        let error = #expect(throws: SettingsError.self) { try options(["path": "f", "max_byte": 0]) }
        #expect(error?.description.contains("Did you mean 'max_bytes'?") == true)
    }
}

extension String {
    fileprivate func components(after part: String) -> String {
        firstRange(of: part).map { String(self[$0.upperBound...]) } ?? self
    }
}
