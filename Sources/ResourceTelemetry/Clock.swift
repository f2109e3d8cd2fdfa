internal import OneLoggerCore

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

extension Timestamp {
    /// The system's clock.
    static var now: Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }
}

/// A moment on a clock that never goes back.
struct SteadyTime: Sendable, Comparable {
    /// Unit: nanoseconds.
    var nanoseconds: UInt64

    static var now: SteadyTime { SteadyTime(nanoseconds: read(CLOCK_MONOTONIC)) }

    /// What the calling thread has used of a processor.
    ///
    /// Unit: nanoseconds.
    static var used: UInt64 { read(CLOCK_THREAD_CPUTIME_ID) }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    func after(nanoseconds: UInt64) -> SteadyTime { SteadyTime(nanoseconds: self.nanoseconds &+ nanoseconds) }
    func after(seconds: UInt64) -> SteadyTime { after(nanoseconds: seconds * 1_000_000_000) }
    func seconds(since earlier: SteadyTime) -> Double { Double(nanoseconds &- earlier.nanoseconds) / 1e9 }

    static func < (left: SteadyTime, right: SteadyTime) -> Bool { left.nanoseconds < right.nanoseconds }
}
