internal import CCurl

/// Collects what libcurl hands over while a transfer runs.
final class CurlAnswer {
    private(set) var fields: [HTTPResponse.Field] = []
    private(set) var body: [UInt8] = []
    /// The most of a body that is kept.
    var limit = HTTPResponse.largestBody
    /// Whether the body was longer than that.
    private(set) var isTooLong = false
    /// What came in lines before and behind bodies, also of answers that announce another one.
    private var lineBytes = 0
    /// The most of such lines; an answer with more is a failure.
    private static let mostLines = 65_536

    /// Whether the server said how long to wait; libcurl's own number is 0 also when it did not.
    var hasRetryAfter: Bool { fields.contains { $0.name == "retry-after" } }

    /// Forgets everything, before a transfer.
    func reset() {
        forget()
        lineBytes = 0
    }

    private func forget() {
        fields.removeAll(keepingCapacity: true)
        body.removeAll(keepingCapacity: true)
        isTooLong = false
    }

    /// Takes a part of the body; anything but the number of bytes ends the transfer.
    static let onBody: ccurl_sink = { bytes, size, count, target in
        guard let bytes = unsafe bytes, let target = unsafe target else { return 0 }
        let answer = unsafe Unmanaged<CurlAnswer>.fromOpaque(target).takeUnretainedValue()
        guard answer.body.count + size * count <= answer.limit else {
            answer.isTooLong = true
            return 0
        }
        unsafe answer.body.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: size * count))
        return size * count
    }

    /// Takes a status line, a header line or a trailer; anything but the number of bytes ends the transfer.
    static let onHeader: ccurl_sink = { bytes, size, count, target in
        guard let bytes = unsafe bytes, let target = unsafe target else { return 0 }
        let answer = unsafe Unmanaged<CurlAnswer>.fromOpaque(target).takeUnretainedValue()
        answer.lineBytes += size * count
        guard answer.lineBytes <= mostLines else { return 0 }
        unsafe answer.take(UnsafeRawBufferPointer(start: bytes, count: size * count))
        return size * count
    }

    private func take(_ line: UnsafeRawBufferPointer) {
        // A new status line follows an answer such as 100.
        if unsafe line.starts(with: Array("HTTP/".utf8)) { return forget() }
        guard let colon = unsafe line.firstIndex(of: UInt8(ascii: ":")) else { return }
        let name = unsafe String(decoding: line[..<colon], as: UTF8.self).lowercased()
        let rest = unsafe line[(colon + 1)...].drop { $0 == 32 || $0 == 9 }
        let end = unsafe rest.lastIndex { $0 > 32 } ?? rest.startIndex - 1
        unsafe fields.append(.init(name: name, value: String(decoding: rest[...end], as: UTF8.self)))
    }
}
