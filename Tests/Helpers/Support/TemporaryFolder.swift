#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The folder of the package.
package let packageFolder = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")

/// A folder that is gone, with everything in it, when the test is over.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() {
        var template = Array("\(P_tmpdir)/onelogger-end-XXXXXX".utf8CString)
        path = unsafe mkdtemp(&template).map { unsafe String(cString: $0) } ?? "/nonexistent"
    }

    deinit { _ = try? ChildProcess("rm", ["-rf", path]).end() }

    package func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file, where `FOLDER` stands for the folder; its path.
    @discardableResult
    package func write(_ text: String, to name: String) -> String {
        let parts = text.split(separator: "FOLDER", omittingEmptySubsequences: false)
        if let file = unsafe fopen(self(name), "wb") {
            _ = unsafe fputs(parts.joined(separator: path), file)
            unsafe fclose(file)
        }
        return self(name)
    }

    package func text(_ name: String) -> String {
        guard let file = unsafe fopen(self(name), "rb") else { return "" }
        defer { unsafe fclose(file) }
        var result: [UInt8] = [], bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe fread(&bytes, 1, bytes.count, file)
            if count == 0 { return String(decoding: result, as: UTF8.self) }
            result += bytes[..<count]
        }
    }
}

/// Python with the packages of `Tests/Helpers/requirements.txt`; `make test` makes it.
package let python = "\(packageFolder)/.build/venv/bin/python"
