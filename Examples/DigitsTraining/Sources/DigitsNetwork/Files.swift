#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

/// No file of ours is larger: a device that never ends is refused instead of filling the memory.
private let largestFile = 64 << 20

/// Reads a whole file of at most 64 MiB.
package func readFile(_ path: String, advice: String) throws(ProblemReport) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw ProblemReport(path, "can't be opened: \(reason())", advice: advice) }
    defer { _ = close(descriptor) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = unsafe read(descriptor, &block, block.count)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw ProblemReport(path, "can't be read: \(reason())", advice: advice) }
        if count == 0 { return bytes }
        bytes += block.prefix(count)
        guard bytes.count <= largestFile else {
            throw ProblemReport(path, "there are more than \(largestFile >> 20) MiB in it", advice: advice)
        }
    }
}

/// Writes a file so that a reader sees the old one or the new one and never a part, even after a power cut.
///
/// The bytes go to `PATH.tmp`, reach the disk, and only then take the name.
package func writeFile(_ bytes: [UInt8], to path: String) throws(ProblemReport) {
    let advice = "Free some space or pass another --output."
    let temporary = path + ".tmp"
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw ProblemReport(temporary, "can't be created: \(reason())", advice: advice) }
    var problem: String?
    var written = 0
    while written < bytes.count, problem == nil {
        let count = unsafe bytes.withUnsafeBytes { all in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: all[written...])
            return unsafe write(descriptor, rest.baseAddress, rest.count)
        }
        if count >= 0 { written += count } else if errno != EINTR { problem = "can't be written: \(reason())" }
    }
    if problem == nil, fsync(descriptor) != 0 { problem = "can't be brought to disk: \(reason())" }
    if close(descriptor) != 0, problem == nil { problem = "can't be closed: \(reason())" }
    if problem == nil, unsafe rename(temporary, path) != 0 { problem = "can't be renamed: \(reason())" }
    if let problem {
        _ = unsafe unlink(temporary)
        throw ProblemReport(temporary, problem, advice: advice)
    }
}

/// Makes a folder and those above it; one that exists is fine.
package func makeFolder(_ path: String) throws(ProblemReport) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
        made += (made.isEmpty || made.hasSuffix("/") ? "" : "/") + part
        guard unsafe mkdir(made, 0o755) != 0, errno != EEXIST else { continue }
        throw ProblemReport(made, "can't be made: \(reason())", advice: "Pass another --output.")
    }
}

/// The files in a folder, not those below it, that were written at this second or later.
package func files(in folder: String, changedSince second: Int) -> [String] {
    guard let directory = unsafe opendir(folder) else { return [] }
    defer { _ = unsafe closedir(directory) }
    var paths: [String] = []
    while let entry = unsafe readdir(directory) {
        let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        let path = "\(folder)/\(name)"
        var status = stat()
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
        #if canImport(Darwin)
        let changed = status.st_mtimespec.tv_sec
        #else
        let changed = status.st_mtim.tv_sec
        #endif
        if changed >= second { paths.append(path) }
    }
    return paths.sorted()
}

/// Now.
package func secondsSince1970() -> Int { time(nil) }

/// What the last system call complained about.
private func reason() -> String { unsafe String(cString: strerror(errno)) }
