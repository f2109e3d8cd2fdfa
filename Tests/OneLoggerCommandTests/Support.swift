import OneLoggerCommand

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The folder of the package.
let packageFolder = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

/// The names in a folder of the package, in order.
func names(in folder: String) -> [String] {
    guard let directory = unsafe opendir("\(packageFolder)/\(folder)") else { return [] }
    defer { unsafe closedir(directory) }
    var result: [String] = []
    while let entry = unsafe readdir(directory) {
        let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if !name.hasPrefix(".") { result.append(name) }
    }
    return result.sorted()
}

/// The text of a file; empty when there is none.
func text(of path: String) -> String {
    guard let file = unsafe fopen(path, "rb") else { return "" }
    defer { unsafe fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = unsafe fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
}

/// A folder that is gone, with the files in it, when the test is over.
final class TemporaryFolder: Sendable {
    let path: String

    init() {
        var template = Array("\(P_tmpdir)/onelogger-command-XXXXXX".utf8CString)
        path = unsafe mkdtemp(&template).map { unsafe String(cString: $0) } ?? "/nonexistent"
    }

    deinit {
        for name in ["a.yaml", "b.yaml", "stamp"] { _ = unsafe unlink("\(path)/\(name)") }
        _ = unsafe rmdir(path)
    }

    /// Writes a file; its path.
    func write(_ text: String, to name: String) -> String {
        if let file = unsafe fopen("\(path)/\(name)", "wb") {
            _ = unsafe fputs(text, file)
            unsafe fclose(file)
        }
        return "\(path)/\(name)"
    }
}
