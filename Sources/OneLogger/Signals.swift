internal import COneLogger
internal import OneLoggerCore
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// SIGTERM and SIGINT: deliver everything within the deadline, then die by the same signal.
package enum Signals: Sendable {
    /// Watches those of the two signals whose disposition is the default one.
    ///
    /// Once per process.
    package static func watch() { _ = installed }

    private static let installed: Void = {
        guard let writer = startReader() else { return }
        for number in [SIGTERM, SIGINT] where ol_watch_signal(number, writer) == 1 {
            isWatching.store(true, ordering: .relaxed)
        }
    }()

    private static let isWatching = Atomic<Bool>(false)

    /// A forked child that records has handlers, but no thread that reads its parent's pipe: it gets its own.
    static func watchAgainInChild() {
        guard isWatching.load(ordering: .relaxed), let writer = startReader() else { return }
        ol_set_signal_pipe(writer)
    }

    /// Starts the thread that acts on a signal.
    ///
    /// The end of the pipe for the handler, nil when there is none to be had.
    private static func startReader() -> Int32? {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let (reader, writer) = (aboveStandardStreams(ends[0]), aboveStandardStreams(ends[1]))
        guard reader >= 0, writer >= 0 else { return nil }
        let isStarted = startThread {
            var number: UInt8 = 0
            while unsafe read(reader, &number, 1) != 1 {
                guard errno == EINTR else { return }
            }
            let names = [Int32(SIGTERM): "SIGTERM", Int32(SIGINT): "SIGINT"]
            Registry.shared.shutdownAll(names[Int32(number)] ?? "signal \(number)")
            ol_die_by(Int32(number))
        }
        return isStarted ? writer : nil
    }
}
