internal import OneLoggerCore

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Makes sockets that listen.
enum Listener {
    /// - Returns: The socket and its real port.
    /// - Throws: `ExportError.unavailable`.
    static func open(_ address: ListenAddress, _ name: String) throws(ExportError) -> (Int32, UInt16) {
        #if canImport(Glibc)
        let type = Int32(SOCK_STREAM.rawValue)
        #else
        let type = SOCK_STREAM
        #endif
        let result = aboveStandardStreams(socket(address.isIPv6 ? AF_INET6 : AF_INET, type, 0))
        guard result >= 0 else { throw failure("no socket can be made", name) }
        _ = fcntl(result, F_SETFD, FD_CLOEXEC)
        // So that the thread can be woken while a client that was announced has gone again.
        _ = fcntl(result, F_SETFL, fcntl(result, F_GETFL) | O_NONBLOCK)
        var yes: Int32 = 1
        // After a restart the port is free at once, though connections of the last run still fade.
        unsafe setsockopt(result, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(result, address), listen(result, 16) == 0 else {
            let code = errno
            System.close(result)
            errno = code
            throw failure(
                code == EADDRINUSE ? "the port is in use by another process or exporter" : "listening is impossible",
                name)
        }
        return (result, port(of: result))
    }

    /// Keeps a client that goes away from killing the process, where a call cannot say so.
    static func silence(_ socket: Int32) {
        #if canImport(Darwin)
        var yes: Int32 = 1
        unsafe setsockopt(socket, SOL_SOCKET, SO_NOSIGPIPE, &yes, socklen_t(MemoryLayout<Int32>.size))
        #endif
    }

    private static func bind(_ socket: Int32, _ address: ListenAddress) -> Bool {
        if address.isIPv6 {
            var place = sockaddr_in6()
            place.sin6_family = sa_family_t(AF_INET6)
            place.sin6_port = address.port.bigEndian
            guard unsafe inet_pton(AF_INET6, address.host, &place.sin6_addr) == 1 else { return false }
            return bind(socket, &place)
        }
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = address.port.bigEndian
        guard unsafe inet_pton(AF_INET, address.host, &place.sin_addr) == 1 else { return false }
        return bind(socket, &place)
    }

    private static func bind<Address>(_ socket: Int32, _ address: inout Address) -> Bool {
        let size = socklen_t(MemoryLayout<Address>.size)
        return unsafe withUnsafeBytes(of: &address) { bytes in
            guard let base = bytes.baseAddress else { return false }
            #if canImport(Glibc)
            return unsafe Glibc.bind(socket, base.assumingMemoryBound(to: sockaddr.self), size) == 0
            #elseif canImport(Musl)
            return unsafe Musl.bind(socket, base.assumingMemoryBound(to: sockaddr.self), size) == 0
            #else
            return unsafe Darwin.bind(socket, base.assumingMemoryBound(to: sockaddr.self), size) == 0
            #endif
        }
    }

    /// The port stands at the same place in both kinds of addresses.
    private static func port(of socket: Int32) -> UInt16 {
        var place = sockaddr_in6(), size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        unsafe withUnsafeMutableBytes(of: &place) { bytes in
            guard let base = bytes.baseAddress else { return }
            _ = unsafe getsockname(socket, base.assumingMemoryBound(to: sockaddr.self), &size)
        }
        return UInt16(bigEndian: place.sin6_port)
    }

    private static func failure(_ what: String, _ name: String) -> ExportError {
        let code = errno
        return .unavailable(destination: name, errno: code, reason: "\(what): \(System.words(code))")
    }
}
