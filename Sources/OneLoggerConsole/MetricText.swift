internal import OneLoggerCore

/// The value of a metric point with its unit.
enum MetricText: Sendable {
    /// `0.93`, `1.5 s`, or for a distribution `count 12, mean 1.5 s, min 1 s, max 2 s`.
    static func value(_ point: MetricPoint, _ safe: SafeText) -> String {
        // Units without a dimension say what is counted, in braces, or nothing: the name says so already.
        let unit = point.unit.hasPrefix("{") || point.unit == "1" ? "" : safe.plain(String(point.unit.prefix(16)))
        let suffix = unit.isEmpty ? "" : " " + unit
        switch point.value {
        case .sum(let number), .gauge(let number): return NumberText.short(number) + suffix
        case .histogram(let values):
            guard values.count > 0 else { return "count 0" }
            var parts = [("mean", values.sum / Double(values.count))]
            if let least = values.min { parts.append(("min", least)) }
            if let most = values.max { parts.append(("max", most)) }
            return "count \(values.count)" + parts.map { ", \($0.0) \(NumberText.short($0.1))\(suffix)" }.joined()
        }
    }
}
