#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// The process in which something was made: a forked child has a copy of its memory, and none of its threads.
package struct HomeProcess: Sendable {
    private let id = getpid()

    package init() {}

    /// False in a forked child.
    package var isHere: Bool { getpid() == id }
}
