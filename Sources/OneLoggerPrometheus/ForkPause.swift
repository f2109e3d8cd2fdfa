internal import OneLoggerCore
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Lets a fork wait until the threads of endpoints wait for the network, and holds them there meanwhile.
///
/// What a thread does for the first time may hold a lock of the language's runtime or of the allocator. A forked child would
/// wait for it in vain, because the thread does not exist there.
enum ForkPause {
    private static let busy = Atomic<Int>(0)
    private static let forks = Atomic<Int>(0)

    /// The longest that a fork waits.
    ///
    /// Unit: nanoseconds.
    private static let patience: UInt64 = 2_000_000_000

    private static let isRegistered: Bool =
        pthread_atfork(
            {
                ForkPause.forks.wrappingAdd(1, ordering: .sequentiallyConsistent)
                let start = ContinuousClock.now
                while ForkPause.busy.load(ordering: .sequentiallyConsistent) > 0,
                    (ContinuousClock.now - start).clampedNanoseconds < ForkPause.patience
                { ForkPause.rest() }
            },
            { ForkPause.forks.wrappingSubtract(1, ordering: .sequentiallyConsistent) },
            {
                ForkPause.forks.store(0, ordering: .sequentiallyConsistent)
                ForkPause.busy.store(0, ordering: .sequentiallyConsistent)
            }) == 0

    /// Before a thread is made, which then counts as one that works; nothing is waited for here.
    static func willStart() {
        _ = isRegistered
        busy.wrappingAdd(1, ordering: .sequentiallyConsistent)
    }

    /// When such a thread has ended, or was not made.
    static func hasEnded() { busy.wrappingSubtract(1, ordering: .sequentiallyConsistent) }

    /// `poll` of the system, during which a fork waits for nothing.
    static func poll(_ places: inout [pollfd], _ milliseconds: Int32) -> Int32 {
        let number = nfds_t(places.count)
        busy.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        let count = unsafe System.poll(&places, number, milliseconds), problem = errno
        while true {
            busy.wrappingAdd(1, ordering: .sequentiallyConsistent)
            if forks.load(ordering: .sequentiallyConsistent) == 0 { break }
            busy.wrappingSubtract(1, ordering: .sequentiallyConsistent)
            rest()
        }
        errno = problem
        return count
    }

    private static func rest() {
        var none: [pollfd] = []
        _ = unsafe System.poll(&none, 0, 1)
    }
}
