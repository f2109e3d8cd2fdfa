#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// The same open file under a number above those of standard input, output and error.
///
/// A process may be started without them. Whatever it opens first then gets their numbers, and what anybody prints goes
/// there: text into a file of lines, bytes that look like signals into a pipe.
///
/// - Parameter descriptor: An open file, or -1.
/// - Returns: The number to use from now on, closed at exec; -1 when there was none, or none is left.
package func aboveStandardStreams(_ descriptor: Int32) -> Int32 {
    guard (0...2).contains(descriptor) else { return descriptor }
    let higher = fcntl(descriptor, F_DUPFD_CLOEXEC, 3), problem = errno
    _ = close(descriptor)
    errno = problem
    return higher
}
