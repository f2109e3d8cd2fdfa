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
/// It stays open, because finding it costs more than reading it.
final class OpenFile: Sendable {
    let path: String
    private let descriptor = Locked<Int32>(-1)

    init(_ path: String) { self.path = path }

    deinit {
        let open = descriptor.withLock { $0 }
        if open >= 0 { close(open) }
    }

    /// The whole file, at most `limit` bytes of it; nil when it cannot be read, and then it is opened anew next time.
    func bytes(limit: Int = 1 << 20) -> [UInt8]? {
        descriptor.withLock { descriptor in
            if descriptor < 0 { descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
            guard descriptor >= 0 else { return nil }
            if let bytes = SystemFile.contents(of: descriptor, limit: limit) { return bytes }
            close(descriptor)
            descriptor = -1
            return nil
        }
    }

    /// The file's first number.
    func number() -> Int? {
        guard let bytes = bytes(limit: 64) else { return nil }
        var scanner = TextScanner(bytes)
        return scanner.number()
    }

    /// The number behind a name in a file with one pair per line.
    func number(of name: StaticString) -> Int? {
        guard let bytes = bytes(limit: 8192) else { return nil }
        var scanner = TextScanner(bytes)
        while !scanner.isAtEnd {
            if let word = scanner.word(), scanner.is(word, name) { return scanner.number() }
            scanner.endLine()
        }
        return nil
    }
}

/// Reads words and numbers, line by line, and allocates nothing.
struct TextScanner {
    let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { place >= bytes.count }

    /// Where the next word of this line is; nil at its end.
    mutating func word() -> Range<Int>? {
        while place < bytes.count, bytes[place] == 32 || bytes[place] == 9 { place += 1 }
        let start = place
        while place < bytes.count, bytes[place] > 32 || bytes[place] < 9 { place += 1 }
        return place > start ? start..<place : nil
    }

    /// The next word of this line as a number; nil at its end, and when the word is none.
    mutating func number() -> Int? { word().flatMap { bytes[$0].number } }

    mutating func skipWords(_ count: Int) {
        for _ in 0..<count { _ = word() }
    }

    /// Goes on with the next line.
    mutating func endLine() {
        while place < bytes.count, bytes[place] != 10 { place += 1 }
        place += 1
    }

    func `is`(_ word: Range<Int>, _ text: StaticString) -> Bool { bytes[word].isEqual(to: text) }
}
