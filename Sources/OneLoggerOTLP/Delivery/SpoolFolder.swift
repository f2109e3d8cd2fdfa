internal import OneLoggerCore
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A folder of the spool, which belongs to one exporter of one process as long as that lives.
///
/// A lock says whose it is: the kernel lets go of it when the process ends, however it ends. It is a lock of POSIX
/// because a forked child does not inherit that.
struct SpoolFolder {
    let path: String
    private let lock: Int32

    /// The folders of this process, which its own locks would not keep it from.
    private static let own = Locked<Set<String>>([])
    private static let lockName = "lock"

    /// Makes a folder of its own below `parent`; the system's number when that cannot be.
    static func make(in parent: String) -> Result<SpoolFolder, SystemError> {
        if let error = makeParents(parent) { return .failure(error) }
        let name = "\(getpid())-\(String(UInt64.random(in: 0 ... .max), radix: 16))"
        // Nobody may find it before it is locked.
        let hidden = "\(parent)/.new-\(name)", path = "\(parent)/\(name)"
        guard unsafe mkdir(hidden, 0o700) == 0 else { return .failure(SystemError(errno)) }
        guard let lock = takeLock(of: hidden, creating: true) else { return .failure(SystemError(errno)) }
        _ = own.withLock { $0.insert(path) }
        guard unsafe rename(hidden, path) == 0 else { return .failure(SystemError(errno)) }
        return .success(SpoolFolder(path: path, lock: lock))
    }

    /// The folders below `parent` whose owners are gone; they belong to the caller now.
    static func orphans(in parent: String) -> [SpoolFolder] {
        names(in: parent).filter { !$0.hasPrefix(".") }.compactMap { name in
            let path = "\(parent)/\(name)"
            let isFree = own.withLock { $0.insert(path).inserted }
            guard isFree else { return nil }
            guard let lock = takeLock(of: path, creating: false) else {
                _ = own.withLock { $0.remove(path) }
                return nil
            }
            return SpoolFolder(path: path, lock: lock)
        }
    }

    private static func takeLock(of path: String, creating: Bool) -> Int32? {
        let flags = O_RDWR | O_CLOEXEC | (creating ? O_CREAT : 0)
        let file = aboveStandardStreams(unsafe open("\(path)/\(lockName)", flags, 0o600))
        guard file >= 0 else { return nil }
        var request = flock()
        request.l_type = Int16(F_WRLCK)
        request.l_whence = Int16(SEEK_SET)
        guard unsafe fcntl(file, F_SETLK, &request) == 0 else {
            close(file)
            return nil
        }
        return file
    }

    /// The names of the files that hold messages, in order.
    var files: [String] { Self.names(in: path).filter { $0 != Self.lockName } }

    /// Removes the folder if it is empty, and lets go of it.
    func leave() {
        if files.isEmpty {
            unsafe unlink("\(path)/\(Self.lockName)")
            unsafe rmdir(path)
        }
        close(lock)
        _ = Self.own.withLock { $0.remove(path) }
    }

    private static func makeParents(_ path: String) -> SystemError? {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/\(part)"
            if unsafe mkdir(made, 0o700) != 0, errno != EEXIST { return SystemError(errno) }
        }
        return nil
    }

    static func names(in path: String) -> [String] {
        guard let directory = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(directory) }
        var result: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { result.append(name) }
        }
        return result.sorted()
    }
}
