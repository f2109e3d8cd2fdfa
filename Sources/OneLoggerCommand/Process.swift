#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

extension Command {
    /// Runs what the process was asked for, and ends it.
    package static func main() -> Never {
        let outcome = run(Array(CommandLine.arguments.dropFirst()))
        let isTold = write(outcome.output, to: STDOUT_FILENO), problem = errno
        _ = write(outcome.errors, to: STDERR_FILENO)
        if !isTold {
            let words = unsafe String(cString: strerror(problem))
            _ = write("standard output: error: can't be written: \(words). Make room, or send it elsewhere.\n", to: 2)
        }
        exit(isTold ? outcome.status : max(outcome.status, 1))
    }
}

/// Creates or replaces a file that says that all is well, as a comment of Swift; false when that is impossible.
func writeFile(_ path: String) -> Bool {
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { return false }
    let isWritten = write("// Checked by 'onelogger validate'.\n", to: file)
    return close(file) == 0 && isWritten
}

/// Writes all of a text; false when that is impossible.
private func write(_ text: String, to file: Int32) -> Bool {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
        let count = unsafe bytes.withUnsafeBytes { buffer in unsafe write(file, buffer.baseAddress, buffer.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        bytes = bytes.dropFirst(count)
    }
    return true
}
