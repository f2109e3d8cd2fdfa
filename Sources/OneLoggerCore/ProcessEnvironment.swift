#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A variable of this process; nil when it is not set.
@Sendable func processVariable(_ name: String) -> String? { unsafe getenv(name).map { unsafe String(cString: $0) } }
