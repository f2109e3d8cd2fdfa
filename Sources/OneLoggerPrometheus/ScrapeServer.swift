internal import OneLoggerCore

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A small HTTP server with one thread, which answers one client after another.
///
/// Only that thread touches the sockets until it has ended; what changes belongs to the exporter, which has one owner:
/// that is why it is `Sendable`.
final class ScrapeServer: Sendable {
    /// Where it listens, with the real port.
    let address: String
    private let listener: Int32
    /// The reading end tells the thread to leave.
    private let wake: (read: Int32, write: Int32)
    nonisolated(unsafe) private var thread: ServerThread?
    nonisolated(unsafe) private var isClosed = false
    private let home = HomeProcess()

    /// Starts to serve; nil when nobody asked for it, or in a forked child whose parent has the port.
    ///
    /// - Throws: `ExportError.unavailable`.
    static func open(_ options: PrometheusExporter.Options, _ table: SharedTable) throws(ExportError) -> ScrapeServer? {
        guard let listen = options.listen else { return nil }
        guard options.addressProblem == nil, let address = ListenAddress(listen) else {
            let problem = options.addressProblem
            throw .unavailable(
                destination: listen, errno: 0,
                reason: "listening is impossible: 'listen' \(problem?.what ?? ""). \(problem?.advice ?? "")")
        }
        if ForkedListeners.areInherited(port: address.port) { return nil }
        return try ScrapeServer(address, table)
    }

    /// Takes a pipe off the numbers of the standard streams; false when there are no others, and then it is closed.
    private static func moveUp(_ ends: inout [Int32]) -> Bool {
        ends = ends.map(aboveStandardStreams)
        if ends.contains(-1) { for end in ends where end >= 0 { System.close(end) } }
        return !ends.contains(-1)
    }

    private init(_ address: ListenAddress, _ table: SharedTable) throws(ExportError) {
        let name = address.text(port: address.port)
        let (listener, port) = try Listener.open(address, name)
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0, Self.moveUp(&ends) else {
            System.close(listener)
            throw .unavailable(destination: name, errno: errno, reason: "no pipe can be made: \(System.words(errno))")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        self.listener = listener
        self.address = address.text(port: port)
        wake = (ends[0], ends[1])
        unsafe thread = nil
        ForkedListeners.add(listener, port: address.port)
        for end in ends { ForkedListeners.add(end, port: 0) }
        let wake = wake.read
        ForkPause.begin()
        unsafe thread = ServerThread {
            Self.run(listener, wake, table)
            ForkPause.end()
        }
        guard unsafe thread != nil else {
            ForkPause.end()
            close()
            throw .unavailable(destination: name, errno: EAGAIN, reason: "no thread can be started")
        }
        if address.port == 0 { announce() }
    }

    /// Whoever lets the system choose must hear what it chose.
    private func announce() {
        var line = "onelogger: metrics are served at http://\(address)/metrics\n"
        line.withUTF8 { bytes in _ = unsafe System.write(UnsafeRawBufferPointer(bytes), to: 2) }
    }

    deinit { close() }

    /// Ends the thread, which may be in the middle of an answer, and frees the port.
    func close() {
        // A forked child has a copy of this, and the same pipe: it must not tell its parent's thread to leave.
        guard unsafe !isClosed, home.isHere else { return }
        unsafe isClosed = true
        var byte: UInt8 = 1
        unsafe withUnsafeBytes(of: &byte) { bytes in _ = unsafe System.write(bytes, to: wake.write) }
        unsafe thread?.join()
        for descriptor in [listener, wake.read, wake.write] {
            ForkedListeners.remove(descriptor)
            System.close(descriptor)
        }
    }

    /// What the thread does.
    private static func run(_ listener: Int32, _ wake: Int32, _ table: SharedTable) {
        while true {
            var places = [
                pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
                pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
            ]
            let count = ForkPause.wait(for: &places, -1)
            if places[1].revents != 0 || count < 0 && errno != EINTR { return }
            guard count > 0 else { continue }
            let socket = aboveStandardStreams(accept(listener, nil, nil))
            guard socket >= 0 else {
                // Out of descriptors: asking again at once would only burn the processor.
                if errno == EMFILE || errno == ENFILE || errno == ENOMEM {
                    var pause = [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
                    _ = ForkPause.wait(for: &pause, 100)
                }
                continue
            }
            _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
            Listener.silence(socket)
            ScrapeConnection(socket, wake: wake).serve(table)
        }
    }
}
