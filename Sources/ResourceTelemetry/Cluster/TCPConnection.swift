internal import OneLoggerCore

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A connection on which nothing waits longer than its deadline.
struct TCPConnection: ~Copyable {
    /// Why a connection could not be made or used.
    struct Problem: Error, Sendable, Hashable {
        var reason: String
    }

    private let descriptor: Int32
    private let deadline: ContinuousClock.Instant

    /// Connects to the first address of a name that answers.
    init(host: String, port: Int, deadline: ContinuousClock.Instant) throws(Problem) {
        self.deadline = deadline
        var hints = unsafe addrinfo()
        #if canImport(Glibc)
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
        unsafe hints.ai_socktype = SOCK_STREAM
        #endif
        unsafe hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, "\(port)", &hints, &list)
        guard code == 0 else {
            throw Problem(reason: unsafe "\(host) cannot be looked up: \(String(cString: gai_strerror(code)))")
        }
        defer { unsafe freeaddrinfo(list) }
        var reason = "\(host) has no address", entry = unsafe list
        while let address = unsafe entry {
            // An address that does not answer leaves time for the next one.
            let half = ContinuousClock.now + (deadline - .now) / 2
            switch unsafe Self.connected(address, address.pointee.ai_next == nil ? deadline : half) {
            case .success(let descriptor):
                self.descriptor = descriptor
                return
            case .failure(let problem): reason = problem.reason
            }
            unsafe entry = address.pointee.ai_next
        }
        throw Problem(reason: reason)
    }

    deinit { close(descriptor) }

    private static func connected(
        _ address: UnsafeMutablePointer<addrinfo>, _ deadline: ContinuousClock.Instant
    ) -> Result<Int32, Problem> {
        let made = unsafe socket(address.pointee.ai_family, address.pointee.ai_socktype, address.pointee.ai_protocol)
        let descriptor = aboveStandardStreams(made)
        guard descriptor >= 0 else { return .failure(problem(errno)) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        var failure: Int32 = 0
        if unsafe connect(descriptor, address.pointee.ai_addr, address.pointee.ai_addrlen) != 0 {
            failure = errno
            if failure == EINPROGRESS {
                failure = wait(descriptor, Int16(POLLOUT), deadline) ? 0 : ETIMEDOUT
                var size = socklen_t(MemoryLayout<Int32>.size)
                if failure == 0 { unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size) }
            }
        }
        guard failure == 0 else {
            close(descriptor)
            return .failure(problem(failure))
        }
        return .success(descriptor)
    }

    private static func problem(_ number: Int32) -> Problem {
        Problem(reason: unsafe String(cString: strerror(number)))
    }

    private static func wait(_ descriptor: Int32, _ events: Int16, _ deadline: ContinuousClock.Instant) -> Bool {
        while true {
            let rest = (deadline - .now) / .milliseconds(1)
            guard rest > 0 else { return false }
            var entry = pollfd(fd: descriptor, events: events, revents: 0)
            let ready = unsafe poll(&entry, 1, Int32(min(rest.rounded(.up), 60_000)))
            if ready > 0 { return true }
            if ready < 0, errno != EINTR { return false }
        }
    }

    /// Sends all bytes.
    func send(_ bytes: [UInt8]) throws(Problem) {
        var sent = 0
        while sent < bytes.count {
            #if canImport(Darwin)
            let flags: Int32 = 0
            #else
            let flags = Int32(MSG_NOSIGNAL)
            #endif
            let count = unsafe bytes.withUnsafeBytes { raw in
                unsafe write(descriptor, raw.baseAddress.unsafelyUnwrapped + sent, raw.count - sent, flags)
            }
            if count > 0 {
                sent += count
            } else if count < 0, errno == EAGAIN || errno == EINTR {
                guard Self.wait(descriptor, Int16(POLLOUT), deadline) else {
                    throw Problem(reason: "it takes no bytes")
                }
            } else {
                throw Self.problem(errno)
            }
        }
    }

    private func write(_ descriptor: Int32, _ start: UnsafeRawPointer, _ count: Int, _ flags: Int32) -> Int {
        #if canImport(Glibc)
        unsafe Glibc.send(descriptor, start, count, flags)
        #elseif canImport(Musl)
        unsafe Musl.send(descriptor, start, count, flags)
        #else
        unsafe Darwin.send(descriptor, start, count, flags)
        #endif
    }

    /// Receives exactly so many bytes.
    func receive(_ count: Int) throws(Problem) -> [UInt8] {
        var result: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: min(count, 65_536))
        while result.count < count {
            let got = unsafe recv(descriptor, &piece, min(piece.count, count - result.count), 0)
            if got > 0 {
                result += piece[..<got]
            } else if got == 0 {
                throw Problem(reason: "it closed the connection after \(result.count) of \(count) bytes")
            } else if errno == EAGAIN || errno == EINTR {
                guard Self.wait(descriptor, Int16(POLLIN), deadline) else {
                    throw Problem(reason: "it does not answer")
                }
            } else {
                throw Self.problem(errno)
            }
        }
        return result
    }
}
