internal import OneLoggerCore

/// What Prometheus calls a metric.
enum MetricKind: UInt8, Hashable {
    case counter, upDownCounter, gauge, histogram

    init?(_ value: MetricPoint.Value) {
        switch value {
        case .sum: self = .counter
        case .upDownSum: self = .upDownCounter
        case .gauge: self = .gauge
        case .histogram, .exponentialHistogram: self = .histogram
        @unknown default: return nil
        }
    }

    /// The word behind `# TYPE`; Prometheus has no counter that goes down.
    var type: StaticString {
        switch self {
        case .counter: "counter"
        case .upDownCounter, .gauge: "gauge"
        case .histogram: "histogram"
        }
    }
}
