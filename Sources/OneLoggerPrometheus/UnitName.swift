/// The words that a unit by UCUM becomes at the end of a metric's name.
///
/// - Source: OpenTelemetry specification, Prometheus and OpenMetrics compatibility, "Metric Metadata".
enum UnitName {
    private static let words = [
        "d": "days", "h": "hours", "min": "minutes", "s": "seconds", "ms": "milliseconds", "us": "microseconds",
        "ns": "nanoseconds", "By": "bytes", "KiBy": "kibibytes", "MiBy": "mebibytes", "GiBy": "gibibytes",
        "TiBy": "tibibytes", "KBy": "kilobytes", "kBy": "kilobytes", "MBy": "megabytes", "GBy": "gigabytes",
        "TBy": "terabytes", "m": "meters", "V": "volts", "A": "amperes", "J": "joules", "W": "watts", "g": "grams",
        "Cel": "celsius", "Hz": "hertz", "1": "", "%": "percent",
    ]
    private static let rates = [
        "s": "second", "min": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month", "y": "year",
        "m": "meter",
    ]

    /// Empty when the unit adds nothing to the name.
    static func suffix(_ unit: String, isGauge: Bool) -> String {
        if unit == "1" { return isGauge ? "ratio" : "" }
        let parts = withoutRemarks(unit).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            .map(String.init)
        let main = parts.first ?? "", word = words[main] ?? NameText.unit(main)
        guard parts.count == 2 else { return word }
        let rate = rates[parts[1]] ?? NameText.unit(parts[1])
        guard !rate.isEmpty else { return word }
        return word.isEmpty ? "per_\(rate)" : "\(word)_per_\(rate)"
    }

    /// What stands in braces is for people: `{record}` is no unit, and `{record}/s` means per second.
    private static func withoutRemarks(_ unit: String) -> String {
        var result = "", depth = 0
        for character in unit {
            if character == "{" { depth += 1 }
            if depth == 0, !character.isWhitespace { result.append(character) }
            if character == "}", depth > 0 { depth -= 1 }
        }
        return result
    }
}
