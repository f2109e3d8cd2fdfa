internal import OneLoggerCore

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Calls of the system that other names in a type would hide, and those that may be interrupted.
enum System {
    static func close(_ descriptor: Int32) {
        #if canImport(Glibc)
        _ = Glibc.close(descriptor)
        #elseif canImport(Musl)
        _ = Musl.close(descriptor)
        #else
        _ = Darwin.close(descriptor)
        #endif
    }

    /// Writes everything.
    ///
    /// - Returns: 0, or the number of the error.
    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
        guard let base = bytes.baseAddress else { return 0 }
        var done = 0
        while done < bytes.count {
            #if canImport(Glibc)
            let count = unsafe Glibc.write(descriptor, base + done, bytes.count - done)
            #elseif canImport(Musl)
            let count = unsafe Musl.write(descriptor, base + done, bytes.count - done)
            #else
            let count = unsafe Darwin.write(descriptor, base + done, bytes.count - done)
            #endif
            if count > 0 {
                done += count
            } else if count == 0 || errno != EINTR {
                return count == 0 ? EIO : errno
            }
        }
        return 0
    }

    /// What an error's number means.
    static func words(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }

    /// The time of day.
    static var now: Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(
            nanoseconds: UInt64(clamping: time.tv_sec) * 1_000_000_000 + UInt64(clamping: time.tv_nsec))
    }
}
