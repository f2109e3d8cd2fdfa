#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Where the endpoint listens: `127.0.0.1:9464`, `[::1]:9464` or `localhost:0`.
struct ListenAddress: Sendable, Hashable {
    /// An IPv4 or IPv6 address in numbers.
    let host: String
    let port: UInt16
    let isIPv6: Bool
    /// Whether only this machine can reach it.
    let isLoopback: Bool

    /// Nil when the text is something else.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = UInt16(digits) else {
            return nil
        }
        var host = String(text[..<colon])
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = String(host.dropFirst().dropLast()) }
        if host == "localhost", !isBracketed { host = "127.0.0.1" }
        self.host = host
        self.port = port
        isIPv6 = isBracketed
        guard !host.utf8.contains(0) else { return nil }
        if isBracketed {
            var address = in6_addr()
            guard unsafe inet_pton(AF_INET6, host, &address) == 1 else { return nil }
            isLoopback = unsafe withUnsafeBytes(of: address) {
                unsafe Array($0) == Array(repeating: 0, count: 15) + [1]
            }
        } else {
            var address = in_addr()
            guard unsafe inet_pton(AF_INET, host, &address) == 1 else { return nil }
            isLoopback = UInt32(bigEndian: address.s_addr) >> 24 == 127
        }
    }

    /// What a person puts into a browser, with another port.
    func text(port: UInt16) -> String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
