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
    /// Where lines go instead of standard error, each with its number; for tests, of which several run at once.
    private static let sinks = Locked<(next: Int, all: [(number: Int, write: @Sendable (String) -> Void)])>((0, []))

    /// Writes `onelogger: LINE`.
    package static func line(_ text: String) {
        let text = onOneLine(text)
        let sinks = sinks.withLock { $0.all }
        guard sinks.isEmpty else { return sinks.forEach { $0.write(text) } }
        var line = "onelogger: \(text)\n"
        line.withUTF8 { bytes in unsafe _ = write(2, bytes.baseAddress, bytes.count) }
    }

    /// Sends lines to `sink`, too, and no longer to standard error; the number for ``restore(_:)``.
    package static func redirect(to sink: @escaping @Sendable (String) -> Void) -> Int {
        sinks.withLock { sinks in
            sinks.next += 1
            sinks.all.append((sinks.next, sink))
            return sinks.next
        }
    }

    /// Ends a redirection.
    package static func restore(_ number: Int) {
        sinks.withLock { sinks in sinks.all.removeAll { $0.number == number } }
    }
}
