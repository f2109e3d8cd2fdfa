internal import OneLoggerCore
internal import OneLoggerText

/// The value of a metric point with its unit.
struct MetricText: Sendable {
    let safe: SafeText

    /// `0.93`, `1.50 s`, `2.00 GB`, or for a distribution `count 12, mean 1.50 s, min 1.00 s, max 2.00 s`.
    func value(_ point: MetricPoint) -> String {
        switch point.value {
        case .sum(let number), .upDownSum(let number), .gauge(let number): return amount(number, point.unit)
        case .histogram(let values):
            return distribution(values.count, values.sum, values.min, values.max, point.unit)
        case .exponentialHistogram(let values):
            return distribution(values.count, values.sum, values.min, values.max, point.unit)
        }
    }

    private func distribution(_ count: Int, _ sum: Double, _ min: Double?, _ max: Double?, _ unit: String) -> String {
        guard count > 0 else { return "count 0" }
        var parts = [("mean", sum / Double(count))]
        if let min { parts.append(("min", min)) }
        if let max { parts.append(("max", max)) }
        return "count \(NumberText.grouped(count))" + parts.map { ", \($0.0) \(amount($0.1, unit))" }.joined()
    }

    private func amount(_ number: Double, _ unit: String) -> String {
        switch unit {
        case "s" where number >= 0 && number < 1e9:
            return DurationText.short(UInt64((number * 1e9).rounded()), ascii: safe.ascii)
        case "By" where number >= 1000 && number < 1e18:
            let steps = NumberText.exponent(number) / 3
            let names = ["", "kB", "MB", "GB", "TB", "PB"]
            let scaled = (0..<steps).reduce(number) { value, _ in value / 1000 }
            return "\(NumberText.short((scaled * 100).rounded() / 100)) \(names[steps])"
        default:
            // Units without a dimension say what is counted, in braces, or nothing: the name says so already.
            let isPlain = unit.isEmpty || unit == "1" || unit.hasPrefix("{")
            return NumberText.short(number) + (isPlain ? "" : " " + safe.plain(String(unit.prefix(16))))
        }
    }
}
