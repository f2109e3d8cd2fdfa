internal import OneLoggerCore
internal import OneLoggerText

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A file that is replaced as a whole: whoever reads it sees the old text or the new one, never a part.
struct ReplacedFile: Sendable {
    let path: String
    /// Beside the file, because renaming works within one file system only; by a name that no reader looks for.
    let temporaryPath: String

    /// `pid` keeps the temporary files of two processes apart.
    init(path: String, pid: Int) {
        self.path = path
        temporaryPath = "\(path).\(pid).tmp"
    }

    /// Makes the folders, and finds out now what would fail later.
    ///
    /// - Throws: `ExportError.unavailable`.
    func prepare() throws(ExportError) {
        for (place, byte) in zip(path.utf8.indices, path.utf8) where byte == 47 && place > path.startIndex {
            _ = unsafe mkdir(String(path[..<place]), 0o777)
        }
        var status = stat()
        if unsafe stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            let isFolder = status.st_mode & S_IFMT == S_IFDIR
            throw failure(isFolder ? "is a directory, not a file" : "is not a regular file", isFolder ? EISDIR : 0)
        }
        guard unsafe access("\(folder)/.", W_OK | X_OK) == 0 else {
            throw failure("can't be written in its directory", errno)
        }
    }

    private var folder: String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Puts `text` in the place of what the file holds.
    ///
    /// - Throws: `ExportError.unavailable`; the file is then as it was.
    func replace(by text: borrowing JSONWriter) throws(ExportError) {
        let descriptor = try create()
        var problem = unsafe text.withBytes { bytes in unsafe System.write(bytes, to: descriptor) }
        // What scrapes it is often another user; no umask may keep that from reading.
        if problem == 0, fchmod(descriptor, 0o644) != 0 { problem = errno }
        if problem == 0 { problem = sync(descriptor) }
        System.close(descriptor)
        if problem == 0, unsafe rename(temporaryPath, path) != 0 { problem = errno }
        guard problem != 0 else { return }
        _ = unsafe unlink(temporaryPath)
        throw failure("can't be written", problem)
    }

    /// Removes the file; one that is gone already is fine.
    ///
    /// - Throws: `ExportError.unavailable`.
    func remove() throws(ExportError) {
        guard unsafe unlink(path) != 0, errno != ENOENT else { return }
        throw failure("can't be removed", errno)
    }

    /// Never opens what somebody else put there: a link of this name could lead anywhere.
    private func create() throws(ExportError) -> Int32 {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
        for attempt in 0..<3 {
            let descriptor = aboveStandardStreams(unsafe open(temporaryPath, flags, mode_t(0o644)))
            if descriptor >= 0 { return descriptor }
            switch errno {
            case EINTR: continue
            case EEXIST where attempt < 2: _ = unsafe unlink(temporaryPath)
            case ENOENT where attempt < 2: try prepare()
            default: throw failure("can't be written", errno)
            }
        }
        throw failure("can't be written", EEXIST)
    }

    private func sync(_ descriptor: Int32) -> Int32 {
        while fsync(descriptor) != 0 {
            if errno == EINTR { continue }
            return errno == EINVAL || errno == ENOTSUP || errno == EROFS ? 0 : errno
        }
        return 0
    }

    private func failure(_ what: String, _ code: Int32) -> ExportError {
        .unavailable(destination: path, errno: code, reason: code == 0 ? what : "\(what): \(System.words(code))")
    }
}
