internal import COneLogger

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// SIGTERM and SIGINT: deliver everything within the deadline, then die by the same signal.
package enum Signals: Sendable {
    /// Watches those of the two signals whose disposition is the default one. Once per process.
    package static func watch() { _ = installed }

    private static let installed: Void = {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let (reader, writer) = (ends[0], ends[1])
        let isStarted = startThread {
            var number: UInt8 = 0
            while unsafe read(reader, &number, 1) != 1 {
                guard errno == EINTR else { return }
            }
            let names = [Int32(SIGTERM): "SIGTERM", Int32(SIGINT): "SIGINT"]
            Registry.shared.shutdownAll(names[Int32(number)] ?? "signal \(number)")
            ol_die_by(Int32(number))
        }
        guard isStarted else { return }
        for number in [SIGTERM, SIGINT] { _ = ol_watch_signal(number, writer) }
    }()
}
