/// How a client connects, the same for all its requests.
package struct HTTPConnection: Sendable, Hashable {
    /// The scheme, the host and the port: a connection serves one server.
    ///
    /// Empty where nobody compares connections.
    package var server = ""
    /// HTTP/2 alone, as gRPC needs it; without TLS from the first byte on.
    package var isHTTP2 = false
    /// How long a connection may take to be made.
    package var connectTimeout = Duration.seconds(5)
    /// A file with the certificates of the authorities to trust; nil for those of the system.
    package var authorities: String?
    /// A file with the client's certificate.
    package var certificate: String?
    /// A file with the key of the client's certificate.
    package var key: String?
    /// Whether the server must prove who it is.
    package var verifiesServer = true

    package init() {}
}

/// One POST.
package struct HTTPRequest: Sendable {
    /// Where to.
    package var url: String
    /// Header lines as they are sent, `Name: value`.
    package var headers: [String]
    /// From sending to the answer's last byte, the connection included.
    package var timeout: Duration
    /// The most of an answer's body that is kept; one that is longer is a failure.
    ///
    /// Unit: bytes.
    package var largestAnswer = HTTPResponse.largestBody

    package init(url: String, headers: [String], timeout: Duration) {
        self.url = url
        self.headers = headers
        self.timeout = timeout
    }
}

/// An answer that arrived as a whole.
package struct HTTPResponse: Sendable, Hashable {
    /// The most of a body that is kept, where nothing else is asked for.
    ///
    /// Unit: bytes.
    package static let largestBody = 1 << 20

    /// The status, such as 200.
    package var status: Int
    /// Header fields and trailers with names in lower case, in order.
    package var fields: [Field]
    /// The body, decoded when it was compressed.
    package var body: [UInt8]
    /// How long the server asks to wait, from `Retry-After`; nil when it does not.
    package var retryAfter: Duration?

    /// A header field or trailer.
    package struct Field: Sendable, Hashable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(status: Int, fields: [Field] = [], body: [UInt8] = [], retryAfter: Duration? = nil) {
        self.status = status
        self.fields = fields
        self.body = body
        self.retryAfter = retryAfter
    }

    /// The last value of a field, whose name is given in lower case.
    package subscript(name: String) -> String? { fields.last { $0.name == name }?.value }
}

/// Why there is no answer.
package struct HTTPFailure: Error, Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// The name is not known, or nobody listens.
        case unreachable
        /// Nothing, or not everything, came in time.
        case timeout
        /// The caller's deadline passed.
        case stopped
        /// One side does not trust the other, or a certificate cannot be used.
        case untrusted
        /// The connection ended before the answer did.
        case dropped
        /// What came is no HTTP as it was asked for.
        case misunderstood
        /// The answer cannot be decoded, or is too long.
        case unreadable
        /// Anything else, such as a malformed URL.
        case other
    }

    package var kind: Kind
    /// The system's number; 0 when there is none.
    package var errno: Int32
    /// What happened, in words without the end of a sentence.
    package var reason: String

    package init(_ kind: Kind, errno: Int32 = 0, _ reason: String) {
        self.kind = kind
        self.errno = errno
        self.reason = reason
    }
}
