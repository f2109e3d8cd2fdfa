internal import OneLoggerCore
internal import OneLoggerText

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Cuts a file or an array into lines; holds one line and one block at a time.
struct LineSource: ~Copyable {
    /// A line without its end, as a range of the block that is in memory until the next call.
    struct Line {
        var range: Range<Int>
        var offset: Int
        var isWhole: Bool
        var isTooLong = false
    }

    static let maximumLine = 16 << 20
    private static let blockSize = 256 << 10

    private let name: String
    private let descriptor: Int32
    private var block: [UInt8]
    /// What of the block is filled and not used up.
    private var start = 0, end: Int
    /// How much of that is known to hold no end of a line.
    private var searched = 0
    private var offset = 0

    init(path: String) throws(JSONLReadError) {
        name = path
        descriptor = openFile(path, O_RDONLY | O_CLOEXEC | O_NOCTTY, 0)
        block = Array(repeating: 0, count: Self.blockSize)
        end = 0
        guard descriptor >= 0 else { throw failure() }
    }

    init(bytes: [UInt8], name: String) {
        self.name = name
        descriptor = -1
        block = bytes
        end = bytes.count
    }

    deinit { if descriptor >= 0 { closeFile(descriptor) } }

    private func failure() -> JSONLReadError {
        let code = errno
        return JSONLReadError(file: name, errno: code, reason: unsafe String(cString: strerror(code)))
    }

    /// The next line, nil at the end.
    mutating func next() throws(JSONLReadError) -> Line? {
        var isTooLong = false
        let begin = offset
        while true {
            if let stop = endOfLine() {
                let range = start..<stop
                offset += stop + 1 - start
                start = stop + 1
                searched = 0
                return Line(
                    range: range, offset: begin, isWhole: true, isTooLong: isTooLong || range.count > Self.maximumLine)
            }
            searched = end - start
            if searched > Self.maximumLine {
                isTooLong = true
                offset += searched
                start = end
                searched = 0
            }
            if try fill() { continue }
            guard isTooLong || start < end else { return nil }
            let range = start..<end
            offset += range.count
            start = end
            searched = 0
            return Line(range: range, offset: begin, isWhole: false, isTooLong: isTooLong)
        }
    }

    private func endOfLine() -> Int? {
        let from = start + searched, count = end - from
        guard count > 0 else { return nil }
        return unsafe block.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, let found = unsafe memchr(base + from, 10, count) else { return nil }
            return unsafe UnsafeRawPointer(found) - base
        }
    }

    /// Reads more behind what there is; false at the end.
    private mutating func fill() throws(JSONLReadError) -> Bool {
        guard descriptor >= 0 else { return false }
        if start > 0 {
            let from = start, count = end - start
            unsafe block.withUnsafeMutableBytes { bytes in
                if let base = bytes.baseAddress { unsafe base.copyMemory(from: base + from, byteCount: count) }
            }
            end = count
            start = 0
        }
        if block.count - end < Self.blockSize { block += Array(repeating: 0, count: max(block.count, Self.blockSize)) }
        while true {
            let room = block.count - end, place = end
            let count = unsafe block.withUnsafeMutableBytes { bytes in
                guard let base = bytes.baseAddress else { return 0 }
                return unsafe readFile(descriptor, base + place, room)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure() }
            end += count
            return count > 0
        }
    }

    // MARK: what a line holds

    func isBlank(_ range: Range<Int>) -> Bool {
        block[range].allSatisfy { $0 == 32 || $0 == 9 || $0 == 13 }
    }

    func parse(_ range: Range<Int>) -> Result<JSONValue, JSONSyntaxError> {
        var parser = JSONParser(block.span.extracting(range))
        do throws(JSONSyntaxError) { return .success(try parser.document()) } catch { return .failure(error) }
    }
}
