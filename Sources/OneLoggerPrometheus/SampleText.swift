internal import OneLoggerCore
internal import OneLoggerText

/// Numbers as Prometheus writes them.
enum SampleText {
    /// A bound for the label `le`: the shortest text, in the spelling of Go's `%g`.
    ///
    /// Readers compare bounds as texts, so there is one way only to write each.
    ///
    /// - Parameters:
    ///   - value: The bound.
    ///   - isOpenMetrics: `1.0` instead of `1`, as OpenMetrics wants it.
    /// - Returns: The text without quotes.
    static func bound(_ value: Double, isOpenMetrics: Bool) -> String {
        guard value.isFinite else { return value > 0 ? "+Inf" : "-Inf" }
        let text = shortest(value)
        return isOpenMetrics && !text.contains(".") && !text.contains("e") ? text + ".0" : text
    }

    private static func shortest(_ value: Double) -> String {
        guard value != 0 else { return "0" }
        // Swift gives the shortest digits, too, but puts point and exponent elsewhere.
        let halves = value.magnitude.description.split(separator: "e")
        let parts = halves[0].split(separator: ".", omittingEmptySubsequences: false)
        let fraction = parts.count > 1 ? parts[1] : ""
        var digits = Array((parts[0] + fraction).utf8), point = parts[0].utf8.count
        if halves.count > 1 { point += Int(halves[1]) ?? 0 }
        while digits.count > 1, digits[0] == 48 {
            digits.removeFirst()
            point -= 1
        }
        while digits.count > 1, digits.last == 48 { digits.removeLast() }
        let sign = value < 0 ? "-" : ""
        return sign + written(String(decoding: digits, as: UTF8.self), digits.count, point)
    }

    /// The text of `0.DIGITS * 10^point`.
    private static func written(_ digits: String, _ count: Int, _ point: Int) -> String {
        if point < -3 || point > 6 {
            let exponent = point - 1, size = exponent.magnitude
            let mantissa = count > 1 ? "\(digits.prefix(1)).\(digits.dropFirst())" : digits
            return "\(mantissa)e\(exponent < 0 ? "-" : "+")\(size < 10 ? "0" : "")\(size)"
        }
        if point <= 0 { return "0." + String(repeating: "0", count: -point) + digits }
        if count <= point { return digits + String(repeating: "0", count: point - count) }
        return "\(digits.prefix(point)).\(digits.dropFirst(point))"
    }
}

extension JSONWriter {
    /// A sample's value; makes room itself.
    mutating func sample(_ value: Double) {
        reserve(32)
        guard value.isFinite else { return raw(value.isNaN ? "NaN" : value > 0 ? "+Inf" : "-Inf") }
        if value.magnitude < 1e15, let whole = Int(exactly: value) { integer(whole) } else { number(value) }
    }
}
