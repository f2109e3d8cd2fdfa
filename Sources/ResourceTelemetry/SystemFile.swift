#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Small files of the system that are made while they are read.
enum SystemFile: Sendable {
    /// The whole file, at most `limit` bytes of it; nil when it cannot be read.
    static func bytes(_ path: String, limit: Int = 1 << 20) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return contents(of: descriptor, limit: limit)
    }

    /// The whole of an open file from its beginning, at most `limit` bytes of it; nil when it cannot be read.
    static func contents(of descriptor: Int32, limit: Int) -> [UInt8]? {
        var memory = [UInt8](repeating: 0, count: min(limit, 8192))
        guard let count = read(descriptor, into: &memory, limit: limit) else { return nil }
        memory.removeLast(memory.count - count)
        return memory
    }

    /// Reads an open file from its beginning into `memory`, which grows as it must.
    ///
    /// How many bytes there are, at most `limit`; nil when it cannot be read.
    static func read(_ descriptor: Int32, into memory: inout [UInt8], limit: Int) -> Int? {
        var count = 0
        while count < limit {
            if count == memory.count {
                memory.append(contentsOf: repeatElement(0, count: max(8192, memory.count * 3)))
            }
            let got = unsafe memory.withUnsafeMutableBytes { bytes in
                let room = min(limit, bytes.count) - count
                return unsafe pread(descriptor, bytes.baseAddress.unsafelyUnwrapped + count, room, off_t(count))
            }
            if got < 0, errno == EINTR { continue }
            if got < 0, count == 0 { return nil }
            count += max(0, got)
            // The kernel gives these files by pages of whole lines: where a page is left half empty, no line follows.
            if got < 2048 { break }
        }
        return count
    }

    /// The file's one number, such as `4096` or `-1`; nil when it holds something else.
    static func number(_ path: String) -> Int? { bytes(path, limit: 64).flatMap { ArraySlice($0).words.first?.number } }

    /// The file's text without white space at its ends.
    static func text(_ path: String, limit: Int = 4096) -> String? {
        guard let bytes = bytes(path, limit: limit) else { return nil }
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    }

    /// The names in a folder, without `.` and `..`; empty when it cannot be read.
    static func names(in folder: String) -> [String] {
        guard let directory = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(directory) }
        var result: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { result.append(name) }
        }
        return result
    }

    /// Calls `body` with each name in a folder that is a number.
    static func forEachNumber(in folder: String, _ body: (Int) -> Void) {
        guard let directory = unsafe opendir(folder) else { return }
        defer { unsafe closedir(directory) }
        while let entry = unsafe readdir(directory) {
            // Longer ones are no process ids.
            var number = 0
            let isNumber = unsafe withUnsafeBytes(of: entry.pointee.d_name) { name in
                var place = 0
                while place < 18, case let byte = unsafe name[place], 48...57 ~= byte {
                    number = number * 10 + Int(byte - 48)
                    place += 1
                }
                return unsafe place > 0 && name[place] == 0
            }
            if isNumber { body(number) }
        }
    }

    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }
}

extension ArraySlice<UInt8> {
    /// The lines, without their ends.
    var lines: [ArraySlice<UInt8>] { split(separator: 10) }

    /// What stands between blanks.
    var words: [ArraySlice<UInt8>] { split { $0 == 32 || $0 == 9 || $0 == 10 } }

    /// Decimal digits with an optional sign as a number; too large ones are clamped.
    var number: Int? {
        let isNegative = first == 45
        let digits = isNegative ? dropFirst() : self
        guard !digits.isEmpty, digits.allSatisfy({ 48...57 ~= $0 }) else { return nil }
        var value = 0
        for digit in digits {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(digit - 48))
            guard !overflow, !carry else { return isNegative ? .min : .max }
            value = sum
        }
        return isNegative ? -value : value
    }

    var text: String { String(decoding: self, as: UTF8.self) }

    func isEqual(to text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for (place, byte) in enumerated() where unsafe text.utf8Start[place] != byte { return false }
        return true
    }
}
