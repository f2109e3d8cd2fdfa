internal import CCurl

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// What concerns libcurl as a whole.
enum CurlLibrary {
    /// Sets the library up, once; false when it cannot be.
    static let isReady: Bool = {
        keepTLSUntilTheEnd()
        return curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
    }()

    /// True for the versions that fail every second request on a connection of HTTP/2 without TLS.
    ///
    /// https://github.com/curl/curl/issues/10634, mended in 8.0.0.
    static let losesReusedStreams: Bool = {
        let version = ccurl_version()
        return version == 0x075800 || version == 0x075801
    }()

    /// Asks OpenSSL not to take itself down when the process exits.
    ///
    /// It would do so before the recorder's own handler, which was registered earlier and so runs later: nothing could
    /// be delivered over TLS at exit, and a thread that is still in a transfer would use what is gone.
    private static func keepTLSUntilTheEnd() {
        #if !canImport(Darwin)
        typealias Initializer = @convention(c) (UInt64, UnsafeRawPointer?) -> Int32
        let withoutExitHandler: UInt64 = 0x0008_0000
        guard let symbol = unsafe dlsym(nil, "OPENSSL_init_crypto") else { return }
        let initialize = unsafe unsafeBitCast(symbol, to: Initializer.self)
        _ = initialize(withoutExitHandler, nil)
        #endif
    }
}
