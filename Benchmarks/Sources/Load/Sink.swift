import Glibc

/// A collector that decodes nothing: it reads requests of HTTP and says yes, after a pause.
///
/// It runs as a process of its own, so that its work is not counted as the library's.
func serve(_ arguments: [String]) -> Never {
    let port = Int(arguments.first ?? "") ?? 0, pause = Int(arguments.dropFirst().first ?? "") ?? 0
    signal(SIGPIPE, SIG_IGN)
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var on: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    address.sin_port = UInt16(port).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            bind(listener, address, size)
            listen(listener, 16)
            getsockname(listener, address, &size)
        }
    }
    print(UInt16(bigEndian: address.sin_port))
    fflush(nil)
    var total = 0
    while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { exit(1) }
        setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
        while let count = request(connection) {
            total += count
            if pause > 0 { usleep(UInt32(pause) * 1000) }
            let answer = "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n"
            _ = answer.withCString { write(connection, $0, strlen($0)) }
        }
        close(connection)
        print(total)
        fflush(nil)
    }
}

/// Reads one request; the size of its body, nil at the end.
private func request(_ connection: Int32) -> Int? {
    var head: [UInt8] = [], bytes = [UInt8](repeating: 0, count: 1 << 18), left: Int?
    while true {
        let got = read(connection, &bytes, bytes.count)
        guard got > 0 else { return nil }
        if let missing = left {
            left = missing - got
        } else {
            head += bytes[..<got]
            guard let end = head.firstEnd else { continue }
            let text = String(decoding: head[..<end], as: UTF8.self).lowercased()
            let lines = text.split { $0.isNewline }
            let line = lines.first { $0.hasPrefix("content-length:") }
            let size = line.flatMap { Int($0.dropFirst("content-length:".count).drop { $0 == " " }) } ?? 0
            left = size - (head.count - end)
            head = Array(repeating: 0, count: size)
        }
        if left ?? 1 <= 0 { return head.count }
    }
}

extension [UInt8] {
    /// Behind the empty line.
    fileprivate var firstEnd: Int? {
        indices.dropLast(3).first { self[$0] == 13 && self[$0 + 1] == 10 && self[$0 + 2] == 13 && self[$0 + 3] == 10 }
            .map { $0 + 4 }
    }
}

/// The collector, seen from the process that sends.
final class Sink {
    let port: Int
    private let pid: pid_t
    private let output: UnsafeMutablePointer<FILE>

    init?(port: Int = 0, pause: Int = 0) {
        var ends: [Int32] = [0, 0], pid: pid_t = 0
        guard pipe(&ends) == 0 else { return nil }
        fcntl(ends[0], F_SETFD, FD_CLOEXEC)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        let names = ["Load", "sink", "\(port)", "\(pause)"]
        var words: [UnsafeMutablePointer<CChar>?] = names.map { strdup($0) } + [nil]
        let problem = posix_spawn(&pid, "/proc/self/exe", &actions, nil, &words, environ)
        close(ends[1])
        guard problem == 0, let output = fdopen(ends[0], "r") else { return nil }
        self.pid = pid
        self.output = output
        self.port = Self.number(output) ?? 0
    }

    /// How many bytes of bodies it has had, once a connection is closed.
    var total: Int { Self.number(output) ?? 0 }

    func stop() {
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
        fclose(output)
    }

    private static func number(_ file: UnsafeMutablePointer<FILE>) -> Int? {
        var line = [CChar](repeating: 0, count: 64)
        guard fgets(&line, 64, file) != nil else { return nil }
        return Int(String(decoding: line.prefix { $0 > 32 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
}
