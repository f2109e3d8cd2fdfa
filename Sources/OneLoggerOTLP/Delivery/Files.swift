internal import OneLoggerCore

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Why a call of the system failed.
struct SystemError: Error {
    var number: Int32
    init(_ number: Int32) { self.number = number }
    var reason: String { unsafe String(cString: strerror(number)) }
}

/// Small files as wholes.
enum Files {
    /// A file's bytes.
    static func content(_ path: String) -> Result<[UInt8], SystemError> {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return .failure(SystemError(errno)) }
        defer { close(file) }
        var result: [UInt8] = [], part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe read(file, &part, part.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .failure(SystemError(errno)) }
            if count == 0 { return .success(result) }
            result += part[..<count]
        }
    }

    /// Writes a file that only its owner may read, under another name first: whoever finds it finds it whole.
    static func create(_ name: String, in folder: String, _ bytes: [UInt8]) -> SystemError? {
        let hidden = "\(folder)/.\(name)"
        let file = aboveStandardStreams(unsafe open(hidden, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600))
        guard file >= 0 else { return SystemError(errno) }
        var rest = bytes[...], problem: SystemError?
        while !rest.isEmpty, problem == nil {
            let count = unsafe rest.withUnsafeBytes { bytes in unsafe write(file, bytes.baseAddress, bytes.count) }
            if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { problem = SystemError(errno) }
        }
        close(file)
        if problem == nil, unsafe rename(hidden, "\(folder)/\(name)") != 0 { problem = SystemError(errno) }
        if problem != nil { unsafe unlink(hidden) }
        return problem
    }
}
