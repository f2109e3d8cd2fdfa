internal import OneLogger

/// Durations of one kind, summed up; never grows.
///
/// Not `MetricSummarizer`: that is generic, and this one runs in every iteration.
struct Durations: Sendable, Hashable {
    private(set) var count = 0
    /// Unit: nanoseconds.
    private(set) var total: Int64 = 0, least: Int64 = 0, most: Int64 = 0

    /// Adds a stretch; one that ends before it begins lasts no time.
    mutating func add(from start: Timestamp, to end: Timestamp) {
        let length = end > start ? Int64(clamping: end.nanoseconds - start.nanoseconds) : 0
        let (sum, overflow) = total.addingReportingOverflow(length)
        total = overflow ? .max : sum
        if count == 0 || length < least { least = length }
        if length > most { most = length }
        count += 1
    }

    /// Unit: seconds.
    var totalSeconds: Double { seconds(total) }
    /// Unit: seconds.
    ///
    /// Nil before the first stretch.
    var average: Double? { count > 0 ? totalSeconds / Double(count) : nil }
    /// Unit: seconds.
    ///
    /// Nil before the first stretch.
    var minimum: Double? { count > 0 ? seconds(least) : nil }
    /// Unit: seconds.
    ///
    /// Nil before the first stretch.
    var maximum: Double? { count > 0 ? seconds(most) : nil }
}

private func seconds(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / 1e9 }

extension Timestamp {
    /// Seconds since 1970.
    var seconds: Double { Double(nanoseconds) / 1e9 }
}

extension AttributeValue {
    /// An integer where it fits into 64 bits, else a number.
    static func exactly(_ value: Int128) -> AttributeValue {
        Int(exactly: value).map { .int($0) } ?? .double(Double(value))
    }
}
