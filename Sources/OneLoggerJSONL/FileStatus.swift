#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Tells two files with the same path apart.
struct FileIdentity: Equatable {
    var device: UInt64 = 0
    var node: UInt64 = 0
}

/// What the system says about a file.
struct FileStatus {
    let identity: FileIdentity
    let size: Int
    let isRegular: Bool
    let isDevice: Bool
    /// Whether somebody began to write within the last two seconds.
    let wasChangedLately: Bool

    /// Nil when there is no such file.
    init?(path: String) {
        var status = stat()
        guard unsafe path.withCString({ unsafe stat($0, &status) }) == 0 else { return nil }
        self.init(status)
    }

    init?(descriptor: Int32) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: stat) {
        identity = FileIdentity(
            device: UInt64(truncatingIfNeeded: status.st_dev), node: UInt64(truncatingIfNeeded: status.st_ino))
        size = Int(status.st_size)
        isRegular = status.st_mode & S_IFMT == S_IFREG
        isDevice = status.st_mode & S_IFMT == S_IFCHR
        #if canImport(Darwin)
        let changed = status.st_mtimespec.tv_sec
        #else
        let changed = status.st_mtim.tv_sec
        #endif
        wasChangedLately = abs(time(nil) - changed) <= 2
    }
}

/// `open(2)` and `write(2)` under names that no method hides.
func openFile(_ path: String, _ flags: Int32, _ permissions: UInt32) -> Int32 {
    unsafe path.withCString { unsafe open($0, flags, mode_t(truncatingIfNeeded: permissions)) }
}

func writeFile(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    unsafe write(descriptor, bytes, count)
}

/// Writes the end of a line; 1 when it worked.
func writeFile(_ descriptor: Int32, newline: Void) -> Int {
    var byte: UInt8 = 10
    return unsafe write(descriptor, &byte, 1)
}

func readFile(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int {
    unsafe read(descriptor, bytes, count)
}

func closeFile(_ descriptor: Int32) { _ = close(descriptor) }
