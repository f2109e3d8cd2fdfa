internal import OneLoggerCore
internal import OneLoggerText

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// One client, from its request to the end of the answer, within limits of size and time.
struct ScrapeConnection: ~Copyable {
    /// The longest head of a request.
    ///
    /// Unit: bytes.
    static var mostBytes: Int { 8192 }
    /// How long a client may take to ask.
    static var patience: Duration { .seconds(2) }
    /// How long it may take to read the answer.
    static var readingPatience: Duration { .seconds(10) }

    private let socket: Int32
    /// Becomes readable when the server closes.
    private let wake: Int32

    init(_ socket: Int32, wake: Int32) {
        self.socket = socket
        self.wake = wake
        _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK)
    }

    deinit { System.close(socket) }

    /// Answers.
    ///
    /// - Parameter table: What there is to show.
    func serve(_ table: SharedTable) {
        guard let head = receive() else { return }
        let request = head.isEmpty ? nil : ScrapeRequest(head: head)
        switch request?.answer {
        case .metrics(let format):
            let isText = format == .text || table.withLock { $0.names } == .plain
            let body = table.text(isText ? .text : format, into: JSONWriter(capacity: 64 << 10))
            let type =
                isText
                ? "text/plain; version=0.0.4; charset=utf-8"
                : "application/openmetrics-text; version=1.0.0; charset=utf-8"
            let isSent = send(Self.head("200 OK", type: type, count: body.count))
            if isSent, request?.wantsBody == true { _ = unsafe body.withBytes { bytes in unsafe send(bytes) } }
        case .notFound: refuse("404 Not Found", "Metrics are at /metrics.\n", request)
        case .notAllowed: refuse("405 Method Not Allowed", "Use GET or HEAD.\n", request, "Allow: GET, HEAD\r\n")
        case .badRequest, nil: refuse("400 Bad Request", "This is no request that is understood here.\n", request)
        }
        linger()
    }

    private func refuse(_ status: String, _ body: String, _ request: ScrapeRequest?, _ more: String = "") {
        let head = Self.head(status, type: "text/plain; charset=utf-8", count: body.utf8.count, more)
        _ = send(request?.wantsBody == false ? head : head + body)
    }

    private static func head(_ status: String, type: String, count: Int, _ more: String = "") -> String {
        "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(count)\r\n\(more)"
            + "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    }

    // MARK: bytes

    /// The head of the request; empty when it is too long, nil when the client went away or took too long.
    private func receive() -> [UInt8]? {
        let deadline = ContinuousClock.now + Self.patience
        var head: [UInt8] = []
        while true {
            guard wait(POLLIN, until: deadline) else { return nil }
            let more = read(Self.mostBytes + 1 - head.count)
            guard let more else { continue }
            guard !more.isEmpty else { return nil }
            let start = max(0, head.count - 3)
            head += more
            if let end = Self.end(of: head, from: start) { return Array(head[..<end]) }
            if head.count > Self.mostBytes { return [] }
        }
    }

    private static func end(of head: [UInt8], from start: Int) -> Int? {
        guard head.count >= 4 else { return nil }
        return (start...head.count - 4).first { Array(head[$0..<$0 + 4]) == [13, 10, 13, 10] }
    }

    /// What has come; empty at the end, nil when there is nothing yet.
    private func read(_ most: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: most)
        let count = unsafe recv(socket, &bytes, most, 0)
        if count < 0 { return errno == EINTR || errno == EAGAIN ? nil : [] }
        return Array(bytes[..<count])
    }

    private func send(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in unsafe send(UnsafeRawBufferPointer(bytes)) }
    }

    private func send(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        let deadline = ContinuousClock.now + Self.readingPatience
        var done = 0
        while done < bytes.count {
            guard wait(POLLOUT, until: deadline) else { return false }
            let count = unsafe sendQuietly(socket, base + done, bytes.count - done)
            if count > 0 { done += count }
            if count <= 0, errno != EINTR, errno != EAGAIN { return false }
        }
        return true
    }

    /// Lets the client read the answer: closing while its bytes are still unread would take it away again.
    private func linger() {
        _ = shutdown(socket, Int32(SHUT_WR))
        let deadline = ContinuousClock.now + .milliseconds(500)
        var left = 256 << 10
        while left > 0, wait(POLLIN, until: deadline) {
            guard let bytes = read(16 << 10) else { continue }
            if bytes.isEmpty { return }
            left -= bytes.count
        }
    }

    /// False at the deadline, and when the server closes.
    private func wait(_ event: Int32, until deadline: ContinuousClock.Instant) -> Bool {
        while true {
            let left = deadline - ContinuousClock.now
            guard left > .zero else { return false }
            var places = [
                pollfd(fd: socket, events: Int16(event), revents: 0),
                pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
            ]
            let milliseconds = Int32(clamping: left.clampedNanoseconds / 1_000_000 + 1)
            let count = ForkPause.wait(for: &places, milliseconds)
            if places[1].revents != 0 { return false }
            if count > 0 { return true }
            if count < 0, errno != EINTR { return false }
        }
    }
}

/// Without the signal that a client who went away would cause.
private func sendQuietly(_ socket: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    #if canImport(Darwin)
    unsafe send(socket, bytes, count, 0)  // the socket has SO_NOSIGPIPE
    #else
    unsafe send(socket, bytes, count, Int32(MSG_NOSIGNAL))
    #endif
}
