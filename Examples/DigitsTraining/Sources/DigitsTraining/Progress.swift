internal import DigitsNetwork

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Says how far the training is: one line, rewritten in place on a terminal; elsewhere one line for every tenth epoch.
struct Progress: Sendable {
    private let epochs: Int
    private let isTerminal = isatty(STDOUT_FILENO) == 1
    private let start = ContinuousClock.now

    /// - Parameter epochs: How many there will be.
    init(epochs: Int) { self.epochs = epochs }

    /// Shows what an epoch came to.
    func show(_ report: Training.EpochReport) {
        let isLast = report.epoch == epochs
        guard isTerminal || isLast || report.epoch % 10 == 0 else { return }
        let line =
            "epoch \(report.epoch)/\(epochs)  loss \(report.trainingLoss.text(4))"
            + "  validation accuracy \((100 * report.validation.accuracy).text(1)) %"
            + "  \((start.duration(to: .now) / .seconds(1)).text(1)) s"
        say(isTerminal ? "\r\u{1B}[K" + line : line, terminator: isTerminal && !isLast ? "" : "\n")
    }
}

/// Prints at once, so that lines stand in order among those that an exporter writes by itself.
func say(_ text: String, terminator: String = "\n") {
    print(text, terminator: terminator)
    _ = fflush(nil)
}

extension Double {
    /// The number with this many digits after the point.
    func text(_ digits: Int) -> String {
        guard isFinite else { return description }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = (magnitude * scale).rounded()
        guard scaled < 1e15 else { return description }
        let whole = Int(scaled / scale), part = Int(scaled) - whole * Int(scale)
        let fraction = String(part)
        let sign = self < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return sign + "\(whole)" }
        return sign + "\(whole)." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
}

/// The stream for problems.
struct StandardError: TextOutputStream, Sendable {
    /// Writes at once.
    mutating func write(_ text: String) { writeToStandardError(text) }
}

private func writeToStandardError(_ text: String) {
    var text = text
    text.withUTF8 { bytes in _ = unsafe write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
}
