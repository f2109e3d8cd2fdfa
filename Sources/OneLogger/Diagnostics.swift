internal import OneLoggerCore
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Our own log lines: few, to standard error, one write each.
package enum Diagnostics: Sendable {
    /// Where lines go instead of standard error; for tests.
    private static let sink = Locked<(@Sendable (String) -> Void)?>(nil)

    /// Writes `onelogger: LINE`.
    package static func line(_ text: String) {
        let text = onOneLine(text)
        if let sink = sink.withLock({ $0 }) { return sink(text) }
        var line = "onelogger: \(text)\n"
        line.withUTF8 { bytes in unsafe _ = write(2, bytes.baseAddress, bytes.count) }
    }

    /// Sends lines to `sink`, or back to standard error when nil.
    package static func redirect(to newSink: (@Sendable (String) -> Void)?) { sink.withLock { $0 = newSink } }
}
