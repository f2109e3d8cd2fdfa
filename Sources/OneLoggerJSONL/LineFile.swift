internal import OneLoggerCore
internal import OneLoggerText

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A file that only grows by whole lines, whatever happens to it from outside.
///
/// Closed after each failure; whoever owns it calls ``ready()`` before the next lines.
struct LineFile: ~Copyable {
    let path: String
    private let permissions: UInt32
    private var descriptor: Int32 = -1
    private var identity = FileIdentity()
    /// False for a device, which has no size and cannot be renamed.
    private(set) var isRegular = true
    /// How many bytes the file holds, as far as we know.
    private(set) var size = 0
    /// The file ends within a line that could not be taken back.
    private var isTorn = false
    /// How many lines of the last ``append(_:)`` are in the file although it failed.
    private(set) var keptLines = 0

    init(path: String, permissions: UInt32) {
        self.path = path
        self.permissions = permissions
    }

    deinit { close() }

    func close() { if descriptor >= 0 { closeFile(descriptor) } }

    // MARK: opening

    /// Makes sure that lines go to the file that has this path now.
    ///
    /// - Returns: True when that is another file than before, or one that was emptied.
    /// - Throws: `ExportError.unavailable`.
    mutating func ready() throws(ExportError) -> Bool {
        guard descriptor >= 0 else {
            try open()
            return true
        }
        let now = FileStatus(path: path)
        guard let now, now.identity == identity else {
            try open()
            return true
        }
        guard isRegular else { return false }
        let wasEmptied = now.size < size
        if wasEmptied { isTorn = endsWithinLine(now.size) }
        size = now.size
        return wasEmptied
    }

    mutating func open(truncating: Bool = false) throws(ExportError) {
        release()
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (truncating ? O_TRUNC : 0)
        var result = opening(flags)
        if result < 0, errno == ENOENT {
            makeFolders()
            result = opening(flags)
        }
        guard result >= 0 else { throw failure("can't be opened") }
        guard let status = FileStatus(descriptor: result), status.isRegular || status.isDevice else {
            closeFile(result)
            throw .unavailable(destination: path, errno: 0, reason: "is neither a file nor a device")
        }
        // Not waiting mattered only for opening.
        _ = fcntl(result, F_SETFL, fcntl(result, F_GETFL) & ~O_NONBLOCK)
        descriptor = result
        identity = status.identity
        isRegular = status.isRegular
        size = status.isRegular ? status.size : 0
        isTorn = isRegular && endsWithinLine(size)
    }

    private func opening(_ flags: Int32) -> Int32 {
        while true {
            let result = aboveStandardStreams(openFile(path, flags, permissions))
            if result >= 0 || errno != EINTR { return result }
        }
    }

    private func makeFolders() {
        for (place, character) in zip(path.indices, path) where character == "/" && place > path.startIndex {
            _ = unsafe mkdir(String(path[..<place]), 0o777)
        }
    }

    /// Whether the file ends within a line that nobody is writing.
    ///
    /// Another process may be in the middle of its lines, such as the one that forked this one: then the file grows.
    private func endsWithinLine(_ size: Int) -> Bool {
        var size = size
        while lastByteIsOpen(size) {
            guard let grown = waitForGrowth(beyond: size) else { return true }
            size = grown
        }
        return false
    }

    /// The file's size, when it becomes another one soon; a writer may be kept from finishing for a while.
    private func waitForGrowth(beyond size: Int) -> Int? {
        for _ in 0..<50 {
            guard let now = FileStatus(path: path), now.size == size else { break }
            // Nobody has begun to write lately: whoever left this line is gone.
            guard now.wasChangedLately else { return nil }
            usleep(2000)
        }
        guard let now = FileStatus(path: path)?.size, now != size else { return nil }
        return now
    }

    /// Whether the last byte is something else than the end of a line; also when it cannot be read.
    private func lastByteIsOpen(_ size: Int) -> Bool {
        guard size > 0 else { return false }
        let reader = openFile(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0)
        guard reader >= 0 else { return true }
        defer { closeFile(reader) }
        var last: UInt8 = 0
        let count = unsafe pread(reader, &last, 1, off_t(size - 1))
        return count != 1 || last != 10
    }

    private mutating func release() {
        close()
        descriptor = -1
    }

    // MARK: writing

    /// Appends whole lines.
    ///
    /// - Throws: `ExportError.unavailable`; the lines that did reach the file are whole, and ``keptLines`` counts them.
    mutating func append(_ lines: borrowing JSONWriter) throws(ExportError) {
        keptLines = 0
        if isTorn {
            guard writeFile(descriptor, newline: ()) == 1 else { throw broken() }
            isTorn = false
            size += 1
        }
        let problem = unsafe lines.withBytes { bytes in unsafe append(bytes) }
        if let problem { throw problem }
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer) -> ExportError? {
        guard let base = bytes.baseAddress else { return nil }
        var done = 0
        while done < bytes.count {
            let count = unsafe writeFile(descriptor, base + done, bytes.count - done)
            if count > 0 {
                done += count
                continue
            }
            if count < 0, errno == EINTR { continue }
            let problem = failure("can't be written", count == 0 ? EIO : errno)
            let whole = unsafe wholeLines(bytes, done)
            takeBack(done - whole)
            keptLines = unsafe bytes[..<whole].count { $0 == 10 }
            release()
            return problem
        }
        size += done
        return nil
    }

    private mutating func broken() -> ExportError {
        let problem = failure("can't be written")
        release()
        return problem
    }

    private func wholeLines(_ bytes: UnsafeRawBufferPointer, _ count: Int) -> Int {
        var end = count
        while end > 0, unsafe bytes[end - 1] != 10 { end -= 1 }
        return end
    }

    /// Removes the beginning of a line that could not be finished, unless somebody has written behind it.
    private mutating func takeBack(_ count: Int) {
        guard count > 0 else { return }
        let end = lseek(descriptor, 0, SEEK_CUR)
        let status = FileStatus(descriptor: descriptor)
        if isRegular, Int(end) >= count, status?.size == Int(end), ftruncate(descriptor, end - off_t(count)) == 0 {
            return
        }
        isTorn = true
    }

    /// Waits until the machine itself may die.
    mutating func sync() throws(ExportError) {
        guard descriptor >= 0, isRegular else { return }
        while fsync(descriptor) != 0 {
            if errno == EINTR { continue }
            if errno == EINVAL || errno == ENOTSUP || errno == EROFS { return }
            throw broken()
        }
    }

    // MARK: rotation

    /// Renames the file to `FILE.1`, what was `FILE.1` to `FILE.2` and so on, and begins an empty one.
    ///
    /// Only names up to the first free one move, so that an attempt that failed halfway deletes nothing when repeated.
    mutating func rotate(keeping count: Int) throws(ExportError) {
        var free = 1
        while free < count, FileStatus(path: "\(path).\(free)") != nil { free += 1 }
        while free > 1 {
            guard unsafe rename("\(path).\(free - 1)", "\(path).\(free)") == 0 else {
                throw failure("can't be rotated")
            }
            free -= 1
        }
        guard unsafe rename(path, "\(path).1") == 0 else { throw failure("can't be rotated") }
        try open()
    }

    private func failure(_ what: String, _ code: Int32 = errno) -> ExportError {
        let words = unsafe String(cString: strerror(code))
        return .unavailable(destination: path, errno: code, reason: "\(what): \(words)")
    }
}
