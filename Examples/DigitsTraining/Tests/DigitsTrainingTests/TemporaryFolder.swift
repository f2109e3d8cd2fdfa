import DigitsNetwork
import Glibc
import Testing

/// Removes an empty folder.
func removeFolder(_ path: String) { _ = unsafe rmdir(path) }

/// A folder that is removed with what is in it when the test ends.
@safe final class TemporaryFolder {
    let path: String

    init() throws {
        var name = Array("/tmp/digits-training-XXXXXX".utf8CString)
        path = try #require(unsafe mkdtemp(&name).map { unsafe String(cString: $0) })
    }

    /// The names of the files in it.
    var files: [String] {
        guard let folder = unsafe opendir(path) else { return [] }
        defer { _ = unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Writes a file and tells its path.
    func write(_ text: String, to name: String) throws -> String {
        try writeFile(Array(text.utf8), to: "\(path)/\(name)")
        return "\(path)/\(name)"
    }

    deinit {
        for name in files { _ = unsafe unlink("\(path)/\(name)") }
        _ = unsafe rmdir(path)
    }
}
