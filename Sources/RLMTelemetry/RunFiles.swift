internal import OneLogger
internal import OneLoggerText

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Files of a folder that only grow by whole lines.
///
/// A file is open only while lines are added to it, so whoever moves or removes it disturbs nothing.
struct RunFiles {
    private let directory: String

    init(_ directory: String) { self.directory = directory }

    /// Makes the folders; what is wrong with them, or nil.
    func prepare() -> String? {
        let folder = directory + "/steps"
        for (place, character) in zip(folder.indices, folder) where character == "/" && place > folder.startIndex {
            _ = unsafe mkdir(String(folder[..<place]), 0o777)
        }
        guard unsafe mkdir(folder, 0o777) != 0, errno != EEXIST else { return nil }
        return Self.problem(folder, "can't be made")
    }

    /// Adds whole lines at the end; what went wrong, or nil.
    ///
    /// When something does, the file holds none of the lines, unless another process has written behind them.
    func append(_ lines: borrowing JSONWriter, to name: String) -> String? {
        let path = "\(directory)/\(name)"
        var file = Self.openToAppend(path)
        if file < 0, errno == ENOENT {
            if let problem = prepare() { return problem }
            file = Self.openToAppend(path)
        }
        guard file >= 0 else { return Self.problem(path, "can't be opened") }
        defer { _ = close(file) }
        let before = lseek(file, 0, SEEK_END)
        var end: UInt8 = 10
        if before > 0, unsafe pread(file, &end, 1, before - 1) == 1, end != 10 {
            // Somebody died while writing a line: ours begin on a new one.
            end = 10
            guard unsafe write(file, &end, 1) == 1 else { return Self.problem(path, "can't be written") }
        }
        return unsafe lines.withBytes { bytes in
            var done = 0
            while done < bytes.count, let base = bytes.baseAddress {
                let count = unsafe write(file, base + done, bytes.count - done)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    let problem = Self.problem(path, "can't be written")
                    let written = lseek(file, 0, SEEK_CUR)
                    if done > 0, lseek(file, 0, SEEK_END) == written { _ = ftruncate(file, written - off_t(done)) }
                    return problem
                }
                done += count
            }
            return nil
        }
    }

    private static func openToAppend(_ path: String) -> Int32 {
        while true {
            let file = aboveStandardStreams(
                unsafe open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0o644))
            if file >= 0 || errno != EINTR { return file }
        }
    }

    private static func problem(_ path: String, _ what: String) -> String {
        let code = errno
        let words = unsafe String(cString: strerror(code))
        return "\(path): error: \(what): \(words). Make it writable, or choose another folder."
    }
}
