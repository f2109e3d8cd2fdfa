package import Synchronization

#if canImport(Glibc)
package import Glibc
#elseif canImport(Musl)
package import Musl
#elseif canImport(Darwin)
package import Darwin
#endif

/// Lets a fork wait until threads of ours have started or wait for the network, and holds the latter there meanwhile.
///
/// What a thread does for the first time may hold a lock of the language's runtime or of the allocator. A forked child would
/// wait for it in vain, because the thread does not exist there.
package enum ForkPause: Sendable {
    private static let busy = Atomic<Int>(0)
    private static let forks = Atomic<Int>(0)

    /// The longest that a fork waits, here and for the threads of recorders: two seconds, but for tests.
    ///
    /// Unit: nanoseconds.
    package static let patience = Atomic<UInt64>(2_000_000_000)

    private static let isRegistered: Bool =
        pthread_atfork(
            {
                ForkPause.forks.wrappingAdd(1, ordering: .sequentiallyConsistent)
                let start = ContinuousClock.now, patience = ForkPause.patience.load(ordering: .relaxed)
                while ForkPause.busy.load(ordering: .sequentiallyConsistent) > 0,
                    (ContinuousClock.now - start).clampedNanoseconds < patience
                { ForkPause.rest() }
            },
            { ForkPause.forks.wrappingSubtract(1, ordering: .sequentiallyConsistent) },
            {
                ForkPause.forks.store(0, ordering: .sequentiallyConsistent)
                ForkPause.busy.store(0, ordering: .sequentiallyConsistent)
            }) == 0

    /// Whether somebody forks now.
    package static var isForking: Bool { forks.load(ordering: .sequentiallyConsistent) > 0 }

    /// Asks to be told of forks, for all time.
    ///
    /// What asks later is told earlier: a recorder calls this before it asks itself, so that its exporters rest before the
    /// threads here are held, for whose end one of them may wait. Asked for during a fork, it would miss the end of it.
    package static func register() { _ = isRegistered }

    /// Work begins that a fork waits for: called before its thread is made, and waits for nothing.
    package static func begin() {
        _ = isRegistered
        busy.wrappingAdd(1, ordering: .sequentiallyConsistent)
    }

    /// Such work is done, or its thread could not be made.
    package static func end() { busy.wrappingSubtract(1, ordering: .sequentiallyConsistent) }

    /// `poll` of the system, during which a fork waits for nothing.
    package static func wait(for places: inout [pollfd], _ milliseconds: Int32) -> Int32 {
        busy.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        let count = unsafe poll(&places, nfds_t(places.count), milliseconds), problem = errno
        while true {
            busy.wrappingAdd(1, ordering: .sequentiallyConsistent)
            if !isForking { break }
            busy.wrappingSubtract(1, ordering: .sequentiallyConsistent)
            rest()
        }
        errno = problem
        return count
    }

    private static func rest() { _ = poll(nil, 0, 1) }
}
