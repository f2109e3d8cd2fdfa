#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A connection to a port of this machine.
package final class Connection: Sendable {
    private let socket: Int32

    /// Nil when nobody listens there.
    package init?(port: Int) {
        #if canImport(Glibc)
        let made = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        let made = Darwin.socket(AF_INET, SOCK_STREAM, 0)
        #endif
        _ = fcntl(made, F_SETFD, FD_CLOEXEC)
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        unsafe setsockopt(made, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = loopback(port: port)
        let isOpen = unsafe withUnsafeBytes(of: &address) { bytes in
            guard let base = bytes.baseAddress else { return false }
            return unsafe connect(made, base.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count)) == 0
        }
        guard isOpen else {
            close(made)
            return nil
        }
        socket = made
    }

    deinit { close(socket) }

    /// False when the other side has gone.
    @discardableResult
    package func send(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        #if canImport(Glibc)
        return unsafe Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
        #else
        return unsafe Darwin.send(socket, bytes, bytes.count, 0) == bytes.count
        #endif
    }

    /// Everything up to the end, or until 20 s have passed without a byte.
    package func receive() -> String {
        var result: [UInt8] = [], bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe recv(socket, &bytes, bytes.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return String(decoding: result, as: UTF8.self) }
            result += bytes[..<count]
        }
    }
}

private func loopback(port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
}

/// A port that nobody uses at this moment, for programs that cannot tell which one they were given.
package func freePort() -> Int {
    #if canImport(Glibc)
    let made = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
    let made = Darwin.socket(AF_INET, SOCK_STREAM, 0)
    #endif
    defer { close(made) }
    var address = loopback(port: 0), size = socklen_t(MemoryLayout<sockaddr_in>.size)
    unsafe withUnsafeMutableBytes(of: &address) { bytes in
        guard let base = unsafe bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return }
        unsafe bind(made, base, size)
        unsafe getsockname(made, base, &size)
    }
    return Int(UInt16(bigEndian: address.sin_port))
}

/// The answer to `GET PATH`, in one piece: its status line and headers, and its body.
package func get(_ path: String, port: Int, headers: String = "") -> (head: String, body: String)? {
    guard let connection = Connection(port: port) else { return nil }
    connection.send("GET \(path) HTTP/1.0\r\nHost: localhost\r\n\(headers)\r\n")
    let text = connection.receive()
    guard let end = text.firstRange(of: "\r\n\r\n") else { return (text, "") }
    return (String(text[..<end.lowerBound]), String(text[end.upperBound...]))
}
