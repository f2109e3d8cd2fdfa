#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Removes what processes left behind that are gone.
enum Sweep {
    /// Removes regular files that match the pattern and whose process does not exist.
    ///
    /// What cannot be read or removed stays: sweeping is a favour.
    static func run(_ pattern: borrowing PathPattern) {
        for name in names(in: pattern.folder) {
            guard let pid = pattern.pid(in: name), isGone(pid) else { continue }
            let path = "\(pattern.folder)/\(name)"
            var status = stat()
            guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            _ = unsafe unlink(path)
        }
    }

    private static func isGone(_ pid: Int) -> Bool {
        guard pid > 0, let pid = Int32(exactly: pid) else { return false }
        return kill(pid, 0) != 0 && errno == ESRCH
    }

    private static func names(in folder: String) -> [String] {
        guard let directory = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let name { names.append(name) }
        }
        return names
    }
}
