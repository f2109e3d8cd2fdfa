#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Numbers as people read them, whatever the process's locale is.
package enum NumberText: Sendable {
    /// Digits in groups of three: `1,234,567`.
    package static func grouped(_ value: some BinaryInteger) -> String {
        let digits = Array(String(value.magnitude))
        var result = value < 0 ? "-" : ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place) % 3 == 0 { result.append(",") }
            result.append(digit)
        }
        return result
    }

    /// At least `width` digits, filled up with zeros on the left.
    package static func padded(_ value: some BinaryInteger, to width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// At most six significant digits: `0.3`, `1.5`, `12345.7`, `1.2e-07`; whole numbers below 10^15 stay exact.
    package static func short(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
        guard value != 0 else { return "0" }
        let sign = value < 0 ? "-" : "", size = value.magnitude
        if size < 1e15, size.rounded() == size { return "\(sign)\(UInt64(size))" }
        let exponent = exponent(size)
        if exponent < -300 { return value.description }  // 10^exponent would not be exact enough
        if exponent < -4 || exponent >= 15 {
            // Rounding may reach the next power of ten: 9.9999999e-7 is 1e-06.
            let digits = fraction(size / pow(10, Double(exponent)), decimals: 5)
            let (mantissa, power) = digits == "10" ? ("1", exponent + 1) : (digits, exponent)
            return "\(sign)\(mantissa)e\(power < 0 ? "-" : "+")\(padded(power.magnitude, to: 2))"
        }
        return sign + fraction(size, decimals: max(0, 5 - exponent))
    }

    /// The power of ten of the first digit of a positive number.
    package static func exponent(_ value: Double) -> Int { Int(log10(value).rounded(.down)) }

    /// Rounded to `decimals` digits behind the point, without trailing zeros.
    private static func fraction(_ value: Double, decimals: Int) -> String {
        let scale = (0..<decimals).reduce(1 as UInt64) { power, _ in power * 10 }
        let scaled = UInt64((value * Double(scale)).rounded())
        var digits = Substring(padded(scaled % scale, to: decimals))
        while digits.last == "0" { digits.removeLast() }
        return digits.isEmpty ? "\(scaled / scale)" : "\(scaled / scale).\(digits)"
    }
}
