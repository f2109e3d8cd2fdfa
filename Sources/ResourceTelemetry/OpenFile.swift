internal import OneLoggerCore
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A small file of the system that is read again and again.
///
/// It stays open, because finding it costs more than reading it, and is read into memory that its reader keeps.
final class OpenFile: Sendable {
    let path: String
    private let descriptor = Locked<Int32>(-1)

    init(_ path: String) { self.path = path }

    deinit {
        let open = descriptor.withLock { $0 }
        if open >= 0 { close(open) }
    }

    /// What `body` makes of the whole file, at most `limit` bytes of it.
    ///
    /// Nil when the file cannot be read, and then it is opened anew next time.
    func scan<R>(_ memory: inout [UInt8], limit: Int = 1 << 20, _ body: (inout TextScanner) -> R?) -> R? {
        guard let count = read(into: &memory, limit: limit) else { return nil }
        var scanner = TextScanner(memory.span.extracting(0..<count))
        return body(&scanner)
    }

    /// How many bytes were read; nil when it could not be.
    private func read(into memory: inout [UInt8], limit: Int) -> Int? {
        descriptor.withLock { descriptor in
            if descriptor < 0 { descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
            guard descriptor >= 0 else { return nil }
            if let count = SystemFile.read(descriptor, into: &memory, limit: limit) { return count }
            close(descriptor)
            descriptor = -1
            return nil
        }
    }

    /// The file's first number; 0 where it is negative.
    func number(_ memory: inout [UInt8]) -> Int? { scan(&memory, limit: 64) { text in text.amount() } }

    /// The number behind a name in a file with one pair per line; 0 where it is negative.
    func number(of name: StaticString, _ memory: inout [UInt8]) -> Int? {
        scan(&memory, limit: 8192) { text in
            while !text.isAtEnd {
                if let word = text.word(), text.is(word, name) { return text.amount() }
                text.endLine()
            }
            return nil
        }
    }
}
